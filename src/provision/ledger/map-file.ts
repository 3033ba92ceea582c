import { isHostName, readHostName } from '../settings/host-name.ts';

/** A line of a relay_clientcerts that admits a certificate or a public key. */
export interface MapLine {
  /** Upper-case hex pairs with colons. */
  readonly fingerprint: string;
  /** The value: a host name in its stored form where it is one, else the text as it stands. */
  readonly holder: string;
  readonly isHost: boolean;
  /** The comment lines right above it, without `#`. */
  readonly comments: readonly string[];
  readonly line: number;
}

export interface MapFile {
  readonly lines: readonly MapLine[];
  /** Comments that belong to no line, and lines that Postfix would not use, marked as such; in their order. */
  readonly kept: readonly string[];
}

const fingerprintForm = /^[0-9a-f]{2}(?::[0-9a-f]{2})*$/i;
/** What a map says of itself at its end is true of that file only. */
const isSeal = /^# sha256 of the lines above: [0-9a-f]{64}$/;
const digestLengths = new Set([47, 59, 95, 143, 191]);

/** True for the source of a relay_clientcerts, told by its content: some line has a fingerprint and a value. */
export function isMapFile(text: string): boolean {
  return /^[0-9a-f]{2}(?::[0-9a-f]{2}){15,63}[ \t]+\S/im.test(text);
}

/**
 * Reads the source of a relay_clientcerts as postmap(1) does: a line that begins with white space goes on from the one before,
 * `#` begins a comment line, the rest is key, white space, value. Keys match without regard to case. Nothing is dropped:
 * what Postfix would pass over is kept with the reason. `text` has LF line ends.
 */
export function readMapFile(text: string): MapFile {
  const lines: MapLine[] = [];
  const kept: string[] = [];
  const seen = new Set<string>();
  let comments: string[] = [];
  const flush = () => {
    kept.push(...comments);
    comments = [];
  };
  for (const { content, line } of logicalLines(text)) {
    if (content === '') flush();
    else if (isSeal.test(content)) continue;
    else if (content.startsWith('#')) comments.push(printable(content.slice(1)));
    else {
      const [key = ''] = content.split(/[ \t]/, 1);
      const value = printable(content.slice(key.length));
      const fault = faultOf(key, value, seen);
      if (fault !== undefined) {
        flush();
        kept.push(`not used by Postfix (${fault}): ${printable(content)}`);
        continue;
      }
      const fingerprint = key.toUpperCase();
      seen.add(fingerprint);
      lines.push({ fingerprint, ...holderOf(value), comments, line });
      comments = [];
    }
  }
  flush();
  return { lines, kept };
}

function faultOf(key: string, value: string, seen: ReadonlySet<string>): string | undefined {
  if (!fingerprintForm.test(key)) {
    const isBare = /^[0-9a-f]{32,128}$/i.test(key);
    return isBare ? 'a fingerprint without colons never matches' : 'its key is no fingerprint';
  }
  if (!digestLengths.has(key.length)) return 'its length is that of no digest';
  if (value === '') return 'it has no value';
  return seen.has(key.toUpperCase()) ? 'the fingerprint is listed above' : undefined;
}

function holderOf(value: string): { readonly holder: string; readonly isHost: boolean } {
  const read = readHostName(value);
  return isHostName(read) ? { holder: read.name, isHost: true } : { holder: value, isHost: false };
}

/** Text as a comment and a ledger can hold it: one line, white space run together, control characters shown as `?`. */
function printable(text: string): string {
  return text
    .replace(/[\s\u2028\u2029]+/gu, ' ')
    .replace(/[\p{Cc}\p{Cf}]/gu, '?')
    .trim();
}

function* logicalLines(text: string): Generator<{ readonly content: string; readonly line: number }> {
  let open: { content: string; line: number } | undefined;
  for (const [index, raw] of text.split('\n').entries()) {
    const isContinued = /^[ \t]+[^\s#]/.test(raw) && open !== undefined;
    if (isContinued && open !== undefined) {
      open.content += raw;
      continue;
    }
    const content = raw.trim();
    // A comment or an empty line does not end what is continued (postmap(1)), and nobody writes that; here it does.
    if (open !== undefined) yield open;
    open = undefined;
    if (content === '' || content.startsWith('#')) yield { content, line: index + 1 };
    else open = { content: raw.trimEnd(), line: index + 1 };
  }
  if (open !== undefined) yield open;
}
