import { resolve } from 'node:path';
import { readBytes, readText } from '../../lib/files/read.ts';
import { CertrelayError } from '../../lib/problem.ts';
import type { PostfixConfig } from '../../policy/postfix/config.ts';
import { inspect } from '../../x509/inspect.ts';
import { readPrivateKey } from '../../x509/private-key.ts';
import type { CertificateEvidence, KeyEvidence } from './evidence.ts';
import { baseName } from './read-tables.ts';

/** Parameters that name files with certificates or keys, on either side. */
const parameters: Readonly<Record<'smtpd' | 'smtp', readonly string[]>> = {
  smtpd: ['cert', 'key', 'eccert', 'eckey', 'dcert', 'dkey'].map((kind) => `smtpd_tls_${kind}_file`),
  smtp: ['cert', 'key', 'eccert', 'eckey', 'dcert', 'dkey'].map((kind) => `smtp_tls_${kind}_file`),
};

/** The files with certificates and keys that one side's configuration names. */
export function credentialPaths(side: 'smtpd' | 'smtp', config: PostfixConfig): readonly string[] {
  const single = [...parameters[side], `${side}_tls_CAfile`].map((name) => config.get(name));
  const chain = config.get(`${side}_tls_chain_files`).split(/[\s,]+/);
  return [...new Set([...single, ...chain])].filter((path) => path.startsWith('/'));
}

/** The certificates of a file, with the path that a configuration names it by. Throws a CertrelayError. */
export function readCertificates(name: string, cwd: string, paths: readonly string[]): CertificateEvidence {
  const { certificates, problems } = inspect(readBytes(resolve(cwd, name)), name);
  if (certificates.length === 0) throw new CertrelayError('usage', ...problems);
  return { file: name, ...pathOf(name, cwd, paths), chain: certificates };
}

/** What a private key's public half is; a key that cannot be read is evidence, too. */
export function readKey(name: string, cwd: string, paths: readonly string[]): KeyEvidence {
  const path = pathOf(name, cwd, paths);
  try {
    const { publicKey } = readPrivateKey(readText(resolve(cwd, name)), name);
    return { file: name, ...path, publicKey };
  } catch (error) {
    const [problem] = error instanceof CertrelayError ? error.problems : [];
    if (problem === undefined) throw error;
    return { file: name, ...path, problem };
  }
}

function pathOf(name: string, cwd: string, paths: readonly string[]): { readonly path?: string } {
  const path =
    paths.find((each) => each === resolve(cwd, name)) ?? paths.find((each) => baseName(each) === baseName(name));
  return path === undefined ? {} : { path };
}

/** Whether a file of the machine holds a certificate, a key, or both; those that cannot be read hold nothing. */
export function credentialsAt(path: string): {
  readonly certificates: readonly CertificateEvidence[];
  readonly keys: readonly KeyEvidence[];
} {
  let text: string;
  try {
    text = readText(path);
  } catch {
    return { certificates: [], keys: [] };
  }
  const { certificates } = inspect(Buffer.from(text), path);
  return {
    certificates: certificates.length === 0 ? [] : [{ file: path, path, chain: certificates }],
    keys: /PRIVATE KEY-----/.test(text) ? [readKey(path, '/', [path])] : [],
  };
}
