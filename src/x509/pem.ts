/** One block of a PEM text (RFC 7468): its label, and its bytes when it is complete and proper base64. */
export interface PemBlock {
  readonly label: string;
  /** 1-based line of the BEGIN boundary. */
  readonly line: number;
  readonly der?: Uint8Array;
  /** Why there are no bytes. */
  readonly fault?: 'truncated' | 'not-base64' | 'encapsulated-header';
}

/** PEM text with lines of 64 characters, as OpenSSL writes it. */
export function toPem(label: string, der: Uint8Array): string {
  const base64 = Buffer.from(der.buffer, der.byteOffset, der.byteLength).toString('base64');
  return `-----BEGIN ${label}-----\n${base64.replace(/(.{64})(?=.)/g, '$1\n')}\n-----END ${label}-----\n`;
}

/** Every block of a text; whatever stands between blocks, indentation, CRLF and a byte order mark are passed over. */
export function readPem(text: string): readonly PemBlock[] {
  const blocks: PemBlock[] = [];
  let open: { readonly label: string; readonly line: number; readonly body: string[] } | undefined;
  for (const [index, raw] of text.split(/\r\n|\n|\r/).entries()) {
    const line = raw.replace(/^\uFEFF/, '').trim();
    const begin = /^-----BEGIN ([^-]+)-----$/.exec(line);
    if (begin !== null) {
      if (open !== undefined) blocks.push({ label: open.label, line: open.line, fault: 'truncated' });
      open = { label: begin[1] ?? '', line: index + 1, body: [] };
    } else if (open !== undefined && line === `-----END ${open.label}-----`) {
      blocks.push({ label: open.label, line: open.line, ...decode(open.body) });
      open = undefined;
    } else open?.body.push(line);
  }
  if (open !== undefined) blocks.push({ label: open.label, line: open.line, fault: 'truncated' });
  return blocks;
}

function decode(body: readonly string[]): Pick<PemBlock, 'der' | 'fault'> {
  if (body.some((line) => line.includes(':'))) return { fault: 'encapsulated-header' };
  const base64 = body.join('').replace(/\s+/g, '');
  // Buffer.from skips what it does not know; a damaged file must not become a different certificate.
  if (base64.length % 4 !== 0 || !/^[A-Za-z0-9+/]+={0,2}$/.test(base64)) return { fault: 'not-base64' };
  return { der: Uint8Array.from(Buffer.from(base64, 'base64')) };
}
