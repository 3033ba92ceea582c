import { join, resolve } from 'node:path';
import { readText, readTextIfAny } from '../../lib/files-read.ts';
import { usage } from '../../lib/problem.ts';
import type { Io } from '../command.ts';

/** systemd puts what LoadCredential= names into a folder of this service alone (systemd.exec(5)). */
const credentialName = 'ca-passphrase';

/**
 * The passphrase of the authority's key: the first line of the file that was named, else systemd's credential
 * `ca-passphrase`, else undefined. It is never an argument and never in the environment.
 */
export function givenPassphrase(file: string | undefined, io: Io): string | undefined {
  if (file !== undefined) return firstLine(readText(resolve(io.cwd, file), 65_536), `"${file}"`);
  const folder = io.env.CREDENTIALS_DIRECTORY;
  const text = folder === undefined ? undefined : readTextIfAny(join(folder, credentialName), 65_536);
  return text === undefined ? undefined : firstLine(text, `the credential "${credentialName}"`);
}

function firstLine(text: string, source: string): string {
  const line = text.split('\n')[0] ?? '';
  if (line === '') throw usage('passphrase-empty', `${source} has no passphrase in its first line`);
  return line;
}
