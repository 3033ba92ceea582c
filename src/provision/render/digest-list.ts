import { createHash } from 'node:crypto';

/** Lies beside a host's files and says what each but the private keys was when it was made; `sha256sum -c` reads it too. */
export const digestListFile = 'SHA256SUMS';

type Files = ReadonlyMap<string, string | Uint8Array>;

/** The list of files by name: SHA-256 in hexadecimal, two blanks and the name a line, in the order of the names. */
export function digestList(files: Files): string {
  return [...files.keys()]
    .sort()
    .map((name) => `${sha256(files.get(name) ?? '')}  ${name}\n`)
    .join('');
}

/** True when the list says what a file was. */
export function isListed(list: string, name: string): boolean {
  return readList(list).has(name);
}

/** The name of the first file that is not what the list says, or that the list lacks. */
export function disagreementOf(list: string, files: Files): string | undefined {
  const listed = readList(list);
  return [...files].find(([name, content]) => listed.get(name) !== sha256(content))?.[0];
}

function readList(list: string): ReadonlyMap<string, string> {
  const lines = list.split('\n').map((line) => /^([0-9a-f]{64}) [ *](\S+)$/.exec(line));
  return new Map(lines.flatMap((match) => (match === null ? [] : [[match[2] ?? '', match[1] ?? ''] as const])));
}

function sha256(content: string | Uint8Array): string {
  return createHash('sha256').update(content).digest('hex');
}
