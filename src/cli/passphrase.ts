import { existsSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { readTextIfAny } from '../lib/files/read.ts';
import { readSecretLine } from '../lib/files/secret.ts';
import { CertrelayError, usage } from '../lib/problem.ts';
import { authorityKeyPath } from '../provision/ledger/paths.ts';
import type { Io } from './command.ts';
import type { WizardResult } from './wizard/context.ts';

/** systemd puts what LoadCredential= names into a folder of this service alone (systemd.exec(5)). */
const credentialName = 'ca-passphrase';

/**
 * The passphrase of the authority's key: the first line of the file that was named, else systemd's credential
 * `ca-passphrase`, else undefined. It is never an argument and never in the environment.
 */
function givenPassphrase(file: string | undefined, io: Io): string | undefined {
  if (file !== undefined) return readSecretLine(resolve(io.cwd, file), file, 'passphrase');
  const folder = io.env.CREDENTIALS_DIRECTORY;
  const credential = folder === undefined ? undefined : join(folder, credentialName);
  if (credential === undefined || !existsSync(credential)) return undefined;
  return readSecretLine(credential, credential, 'passphrase', 'systemd credential');
}

/**
 * The passphrase that was typed in the wizard or lies in a file; in a conversation, a key that has one is asked for it.
 */
export async function passphraseFor(
  root: string,
  asked: WizardResult | undefined,
  file: string | undefined,
  io: Io,
): Promise<string | undefined> {
  const given = asked?.passphrase ?? givenPassphrase(file, io);
  const key = readTextIfAny(join(root, authorityKeyPath));
  if (given !== undefined || key === undefined) return given;
  const { isEncrypted, readPrivateKey } = await import('../x509/private-key.ts');
  if (!isEncrypted(key)) return undefined;
  if (asked === undefined) {
    throw usage(
      'passphrase-missing',
      `the private key in "${authorityKeyPath}" is encrypted`,
      'give the file that has its passphrase: --passphrase-file FILE',
    );
  }
  const { askPassphrase } = await import('./wizard/passphrase.ts');
  return askPassphrase("passphrase of the authority's key", { io }, async (typed) => {
    try {
      readPrivateKey(key, authorityKeyPath, typed);
      return undefined;
    } catch (error) {
      return error instanceof CertrelayError ? error.message : String(error);
    }
  });
}

/** A passphrase for a key that has none would leave somebody to believe that the key is encrypted. */
export function refuseIdlePassphrase(root: string, file: string | undefined): void {
  const key = file === undefined ? undefined : readTextIfAny(join(root, authorityKeyPath));
  if (key === undefined || !/^-----BEGIN (?:EC |RSA )?PRIVATE KEY-----$/m.test(key) || key.includes('ENCRYPTED'))
    return;
  throw usage(
    'passphrase-idle',
    `--passphrase-file: the private key in "${authorityKeyPath}" is not encrypted, and a key is never rewritten`,
    'openssl pkcs8 -topk8 -v2 aes-256-cbc -v2prf hmacWithSHA256 -iter 600000 encrypts it; put the result in its place',
  );
}
