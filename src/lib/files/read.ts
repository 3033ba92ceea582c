import { usage } from '../problem.ts';
import { disk, type FileOperations } from './operations.ts';
import { onPath } from './problem.ts';

/** No file that a person gives to certrelay is larger, and a device or a wrong path may be endless. */
const defaultLimit = 16 * 1_048_576;

/** Bytes of a file, following links, for the user named it. Throws a CertrelayError. */
export function readBytes(path: string, limit = defaultLimit, files: FileOperations = disk): Uint8Array {
  const bytes = onPath('cannot read', path, () => files.read(path, limit, true));
  if (bytes.length > limit) {
    throw usage('file-too-large', `cannot read "${path}": it is larger than ${sizeText(limit)}`);
  }
  return bytes;
}

/** Text of a file as `plainText` has it. Throws a CertrelayError. */
export function readText(path: string, limit = defaultLimit, files: FileOperations = disk): string {
  const bytes = readBytes(path, limit, files);
  const [first, second] = bytes;
  if ((first === 0xff && second === 0xfe) || (first === 0xfe && second === 0xff)) {
    throw usage('file-utf16', `cannot read "${path}": it is UTF-16`, 'save it as UTF-8');
  }
  return plainText(Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('utf8'));
}

/** The same, or nothing when there is no such file. */
export function readTextIfAny(path: string, limit = defaultLimit, files: FileOperations = disk): string | undefined {
  const entry = onPath('cannot read', path, () => files.look(path));
  return entry === undefined ? undefined : readText(path, limit, files);
}

/** Without a byte order mark, and with LF line ends. */
export function plainText(text: string): string {
  const start = text.charCodeAt(0) === 0xfeff ? text.slice(1) : text;
  return start.includes('\r') ? start.replaceAll('\r\n', '\n') : start;
}

function sizeText(bytes: number): string {
  return bytes >= 1_048_576 ? `${Math.floor(bytes / 1_048_576)} MiB` : `${bytes} bytes`;
}
