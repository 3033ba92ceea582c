import { usage } from '../../lib/problem.ts';
import { isBefore } from '../settings/postfix-version.ts';
import type { CertificateNames } from './certificate-names.ts';
import type { Assignment, FileView, PairView } from './view.ts';

export interface CertificateFiles {
  readonly used: readonly Assignment[];
  readonly unused: readonly Assignment[];
  readonly files: readonly FileView[];
  readonly pairs: readonly PairView[];
}

/** The pairs that Postfix takes one certificate each from, by kind of key (postconf(5), smtpd_tls_cert_file and on). */
const pairs = {
  rsa: ['cert_file', 'key_file'],
  ec: ['eccert_file', 'eckey_file'],
  dsa: ['dcert_file', 'dkey_file'],
} as const;

/**
 * The whole family of certificate parameters of the SMTP server (`smtpd`) or client (`smtp`). Chain files came with
 * 3.4: one file, so that certificate and key can never be read as they change. Before that the pair by kind of key.
 * Whatever is not used is set to nothing: a left-over RSA pair beside a new EC pair makes a host with two
 * certificates, and legacy pairs beside chain files are ignored with a warning.
 */
export function certificateFiles(
  program: 'smtpd' | 'smtp',
  version: string,
  keyType: string,
  names: CertificateNames,
  folder: string,
): CertificateFiles {
  const set = (suffix: string, value: string): Assignment => ({ name: `${program}_tls_${suffix}`, value });
  if (!isBefore(version, '3.4')) {
    return {
      used: [set('chain_files', `${folder}/${names.chain}`)],
      unused: Object.values(pairs).flatMap((pair) => pair.map((suffix) => set(suffix, ''))),
      files: [secret(names.chain)],
      pairs: [{ certificate: names.chain, key: names.chain }],
    };
  }
  if (keyType === 'ed25519') {
    throw usage(
      'ed25519-too-old',
      `Postfix ${version} cannot use an Ed25519 key`,
      'chain files, which can, came with 3.4; choose --key-type ec-p256 for new certificates',
    );
  }
  const kind = keyType.startsWith('ec-') ? 'ec' : 'rsa';
  const [certificate, key] = pairs[kind];
  return {
    used: [set(certificate, `${folder}/${names.certificate}`), set(key, `${folder}/${names.key}`)],
    unused: Object.entries(pairs).flatMap(([other, pair]) =>
      other === kind ? [] : pair.map((suffix) => set(suffix, '')),
    ),
    files: [{ name: names.certificate, mode: '0644' }, secret(names.key)],
    pairs: [{ certificate: names.certificate, key: names.key }],
  };
}

function secret(name: string): FileView {
  return { name, mode: '0600' };
}
