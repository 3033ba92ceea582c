import type { Problem } from '../../lib/problem.ts';
import { readLogLine } from '../maillog/line.ts';

/** What a file is, by its content. */
export type FileKind = 'mail log' | 'main.cf' | 'master.cf' | 'table' | 'certificate' | 'private key';

/** What the beginning of a file tells; a file of no use has a problem instead of a kind. */
export type Sniffed = { readonly kind: FileKind } | { readonly problem: Problem };

/** As much of a file is looked at. */
export const sniffedLength = 1 << 16;

/** The beginnings of files that people take for their sources, and what to do instead. */
const formats: readonly {
  readonly at: number;
  readonly bytes: readonly (readonly number[])[];
  readonly what: string;
  readonly hint: string;
}[] = [
  // Berkeley DB keeps its magic number behind a page's header, in the byte order of its machine.
  ...[
    [0x61, 0x15, 0x06, 0x00],
    [0x00, 0x06, 0x15, 0x61],
    [0x62, 0x31, 0x05, 0x00],
    [0x00, 0x05, 0x31, 0x62],
  ].map((bytes) => ({ at: 12, bytes: [bytes], what: 'a compiled table', hint: 'give the text it was made from' })),
  { at: 16, bytes: [[0xde, 0xc0, 0xef, 0xbe]], what: 'a compiled table', hint: 'give the text it was made from' },
  { at: 0, bytes: [[0xfd, 0x37, 0x7a, 0x58]], what: 'compressed', hint: 'give what "xzcat" makes of it' },
  { at: 0, bytes: [[0x28, 0xb5, 0x2f, 0xfd]], what: 'compressed', hint: 'give what "zstdcat" makes of it' },
  { at: 0, bytes: [[0x42, 0x5a, 0x68]], what: 'compressed', hint: 'give what "bzcat" makes of it' },
  {
    at: 0,
    bytes: [
      [0xff, 0xfe],
      [0xfe, 0xff],
    ],
    what: 'UTF-16',
    hint: 'save it as UTF-8',
  },
];

/** True for what gzip(1) made, as logrotate(8) leaves older logs. */
export function isGzip(head: Uint8Array): boolean {
  return head[0] === 0x1f && head[1] === 0x8b;
}

/** Tells what a file is by its first bytes; `name` is what messages call it. */
export function sniff(head: Uint8Array, name: string): Sniffed {
  if (head.length === 0) return trouble('file-empty', `"${name}" is empty`);
  for (const { at, bytes, what, hint } of formats) {
    if (bytes.some((magic) => magic.every((byte, index) => head[at + index] === byte))) {
      return trouble('file-format', `"${name}" is ${what}`, hint);
    }
  }
  // DER: a sequence longer than 127 octets, which no text begins with.
  if (head[0] === 0x30 && (head[1] ?? 0) >= 0x81 && (head[1] ?? 0) <= 0x83) return { kind: 'certificate' };
  const text = new TextDecoder().decode(head).replace(/^\ufeff/, '');
  const lines = text.split(/\r?\n/);
  if (/-----BEGIN (?:X509 |TRUSTED )?CERTIFICATE-----/.test(text)) return { kind: 'certificate' };
  if (/-----BEGIN (?:[A-Z]+ )*PRIVATE KEY-----/.test(text)) return { kind: 'private key' };
  if (lines.some((line) => readLogLine(line) !== undefined)) return { kind: 'mail log' };
  if (text.includes('\0')) return trouble('file-binary', `"${name}" is binary`, 'give a text file');
  return kindOfText(lines.slice(0, 2_000), name);
}

const dated = /^(?:<\d+>\d? ?)?(?:\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d|[A-Z][a-z]{2} {1,2}\d{1,2} \d\d:\d\d:\d\d) ?\S/;

/** By what most lines look like; comments and continuation lines say nothing. */
function kindOfText(lines: readonly string[], name: string): Sniffed {
  const own = lines.filter((line) => /^[^\s#]/.test(line));
  if (own.length === 0) return trouble('file-no-content', `"${name}" holds nothing but comments and empty lines`);
  const share = (pattern: RegExp) => own.filter((line) => pattern.test(line)).length / own.length;
  if (share(/^\S+\s+(?:inet|unix|unix-dgram|fifo|pass)\s+[yn-]\s/) > 0.5) return { kind: 'master.cf' };
  if (share(/^[A-Za-z][\w.-]*\s*=/) > 0.5) return { kind: 'main.cf' };
  // A log without a line of Postfix is one all the same, and its reader says what it lacks.
  if (share(dated) > 0.5) return { kind: 'mail log' };
  if (
    share(/^\S+\s+\S/) > 0.5 &&
    share(/^[\w.@:[\]/+*!^<>%$-]+\s/) > 0.5 &&
    !/\[\d\d\/[A-Z][a-z]{2}\/\d{4}:/.test(own[0] ?? '')
  )
    return { kind: 'table' };
  return trouble(
    'file-kind',
    `"${name}" is no configuration, lookup table, mail log or certificate`,
    'name what it is with --main-cf, --table PATH=FILE or --log',
  );
}

function trouble(code: string, message: string, hint?: string): Sniffed {
  return { problem: { code, message, ...(hint === undefined ? {} : { hint }) } };
}

/** Whether a main.cf is a client's: it brings mail to a relay, and does not say who may bring mail to it. */
export function looksLikeClient(text: string): boolean {
  const count = (pattern: RegExp) => (text.match(pattern) ?? []).length;
  const asServer = count(/^\s*(?:smtpd_(?!banner)\w+|relay_clientcerts|permit_mx_backup_networks)\s*=/gm);
  const asClient = count(/^\s*smtp_\w+\s*=/gm) + count(/^relayhost\s*=\s*\S/gm);
  return asClient > asServer;
}
