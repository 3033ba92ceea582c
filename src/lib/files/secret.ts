import { closeSync, constants, fstatSync, openSync, readSync, type Stats } from 'node:fs';
import { type CertrelayError, usage } from '../problem.ts';
import { filesProblem, isErrno, onPath } from './problem.ts';

/** A file that may hold a secret. What is wrong with it is a value, because only a file that does hold one has to be closed. */
export interface SecretText {
  readonly text: string;
  /** Why a secret must not be read from there. */
  readonly weakness: CertrelayError | undefined;
}

/** systemd lets a service read its credential by an access list, whose mask fstat(2) shows as rights of the group (acl(5)). */
export type SecretSource = 'file' | 'systemd credential';

const longest = 65_536;
const { O_NOFOLLOW, O_RDONLY } = constants;

/**
 * The one way to read a passphrase, password or private key that an option or the environment names. The file must be
 *   - a regular file of this user or of root, with no right for group or others, and not a symbolic link: of a link, it is
 *     not the link's mode and owner that decide who may read; or
 *   - a pipe: one of this process, as `<(pass show ca)` and `/dev/stdin` are, or a named one that meets the same conditions;
 *   - UTF-8, for other octets would be replaced on reading, and OpenSSL could not open what was made with the result.
 * Everything is asked of the open file that is then read, so nobody can exchange it in between.
 * `shown` is what messages call the file.
 * @throws CertrelayError
 */
export function readSecret(path: string, shown: string, source: SecretSource = 'file'): string {
  const { text, weakness } = readPossibleSecret(path, shown, source);
  if (weakness !== undefined) throw weakness;
  return text;
}

/** The same for a file of one line: without the end of that line. What follows it is not read (pass(1) keeps notes there). */
export function readSecretLine(
  path: string,
  shown: string,
  kind: 'passphrase' | 'password',
  source: SecretSource = 'file',
): string {
  const text = readSecret(path, shown, source);
  if (text.startsWith('\ufeff')) {
    throw usage('secret-mark', `"${shown}" begins with a byte order mark`, 'save it as UTF-8 without one');
  }
  const [line = ''] = text.split('\n');
  if (line === '') {
    throw usage('secret-empty', `"${shown}" has no ${kind} in its first line`, 'write it there, alone on the line');
  }
  const [control] = /\p{Cc}/u.exec(line) ?? [];
  if (control === undefined) return line;
  // OpenSSL keeps a carriage return and stops at a NUL, so it would read another secret than a person sees.
  const octet = control.charCodeAt(0).toString(16).padStart(2, '0');
  throw usage(
    'secret-control',
    `the first line of "${shown}" has the control character 0x${octet}`,
    control === '\r' ? 'save it with line ends of Unix' : `write the ${kind} alone on the line`,
  );
}

/** The file as it is, with what speaks against a secret there: for files that need not hold one. */
export function readPossibleSecret(path: string, shown: string, source: SecretSource = 'file'): SecretText {
  const own = ownDescriptor.exec(path)?.[1];
  const file = own === undefined ? opened(path, shown) : own === 'stdin' ? 0 : Number(own);
  try {
    const stats = onPath('cannot read', shown, () => fstatSync(file));
    if (stats.isDirectory()) throw usage('file-eisdir', `cannot read "${shown}": it is a directory, not a file`);
    const isPipe = stats.isFIFO() || (own !== undefined && stats.isSocket());
    if (!stats.isFile() && !isPipe) {
      throw usage('secret-kind', `"${shown}" is neither a file nor a pipe`, 'name a file that holds the secret');
    }
    // Whoever started this process made its pipes; the rights of a pipe without a name protect nothing.
    const weakness = own !== undefined && isPipe ? undefined : weaknessOf(stats, shown, source);
    return {
      text: decoded(
        onPath('cannot read', shown, () => readAll(file, shown)),
        shown,
      ),
      weakness,
    };
  } finally {
    if (own === undefined) closeSync(file);
  }
}

/** Descriptors that this process was started with; bash(1) names those of `<(…)` so. */
const ownDescriptor = /^\/(?:dev|dev\/fd|proc\/self\/fd)\/((?<=^\/dev\/)stdin|(?<=fd\/)\d{1,9})$/;

function opened(path: string, shown: string): number {
  try {
    return openSync(path, O_RDONLY | O_NOFOLLOW);
  } catch (error) {
    if (!isErrno(error, 'ELOOP')) throw filesProblem('cannot read', shown, error);
    throw usage(
      'secret-link',
      `"${shown}" is a symbolic link`,
      'name the file itself: a secret is not read through a link',
    );
  }
}

function weaknessOf({ mode, uid }: Stats, shown: string, source: SecretSource): CertrelayError | undefined {
  if (uid !== 0 && uid !== process.geteuid?.()) {
    return usage(
      'secret-foreign',
      `"${shown}" holds a secret and belongs to another user (uid ${uid})`,
      'it must belong to you or to root: chown it, or make a copy that is yours',
    );
  }
  const tooMuch = source === 'systemd credential' && uid === 0 ? 0o037 : 0o077;
  if ((mode & tooMuch) === 0) return undefined;
  const shownMode = (mode & 0o777).toString(8).padStart(4, '0');
  return usage(
    'secret-open',
    `"${shown}" holds a secret, and others may read it (mode ${shownMode})`,
    `chmod 0600 ${shown}`,
  );
}

function decoded(bytes: Uint8Array, shown: string): string {
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch {
    throw usage('secret-encoding', `"${shown}" is not UTF-8`, 'write the secret in UTF-8, or in ASCII');
  }
}

function readAll(file: number, shown: string): Uint8Array {
  const bytes = Buffer.alloc(longest + 1);
  let length = 0;
  while (length <= longest) {
    const read = readSome(file, bytes, length);
    if (read === 0) return bytes.subarray(0, length);
    length += read;
  }
  throw usage('file-too-large', `cannot read "${shown}": it is larger than ${longest} octets`, 'no secret is');
}

/** Standard input does not wait once Node has looked at it, so this does. */
function readSome(file: number, bytes: Uint8Array, at: number): number {
  for (;;) {
    try {
      return readSync(file, bytes, at, bytes.length - at, null);
    } catch (error) {
      if (!isErrno(error, 'EAGAIN')) throw error;
      Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 20);
    }
  }
}
