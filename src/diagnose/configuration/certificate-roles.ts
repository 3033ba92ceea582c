import type { PostfixConfig } from '../../policy/postfix/config.ts';
import { tokens } from '../../policy/postfix/tokens.ts';
import { atLeast } from '../../policy/postfix/version.ts';
import type { CertificateFacts } from '../../x509/facts.ts';
import type { CertificateEvidence, ConfigurationEvidence, Evidence } from '../evidence/evidence.ts';

/** Parameters of one side that name certificates and keys, without `smtpd_tls_` or `smtp_tls_`. */
const pairs = [
  ['cert_file', 'key_file'],
  ['eccert_file', 'eckey_file'],
  ['dcert_file', 'dkey_file'],
] as const;

/** A certificate file with the key file that belongs to it, as one side's configuration names them. */
export interface CertificatePair {
  readonly certificateParameter: string;
  readonly certificatePath: string;
  readonly keyPath: string;
}

export type Side = 'smtpd' | 'smtp';

/** The certificates of one side, with their keys. A chain file is its own key file. */
export function certificatePairs(config: PostfixConfig, side: Side): readonly CertificatePair[] {
  const own = pairs.flatMap(([certificate, key]) => {
    const certificatePath = config.get(`${side}_tls_${certificate}`);
    const keyPath = config.get(`${side}_tls_${key}`) || certificatePath;
    if (certificatePath === '' || certificatePath.toLowerCase() === 'none') return [];
    return [{ certificateParameter: `${side}_tls_${certificate}`, certificatePath, keyPath }];
  });
  const parameter = `${side}_tls_chain_files`;
  const chains = atLeast(config.version, '3.4') ? tokens(config.get(parameter), config.version) : [];
  // From 3.4 on chain files replace the rest.
  if (chains.length === 0) return own;
  return chains.map((path) => ({ certificateParameter: parameter, certificatePath: path, keyPath: path }));
}

/** The file that a path of the configuration means, where it was given. */
export function certificateAt({ certificates }: ConfigurationEvidence, path: string): CertificateEvidence | undefined {
  return certificates.find((each) => each.path === path || each.file === path);
}

/** End-entity certificates of clients: those that the client's configuration shows, and those that nobody names. */
export function clientCertificates({
  client,
  certificates,
}: Evidence): readonly (CertificateEvidence & { leaf: CertificateFacts })[] {
  const own =
    client === undefined
      ? []
      : certificatePairs(client.config, 'smtp').flatMap(
          ({ certificatePath }) => certificateAt(client, certificatePath) ?? [],
        );
  return [...own, ...certificates].flatMap((file) => {
    const leaf = file.chain[0];
    return leaf === undefined || leaf.isCA ? [] : [{ ...file, leaf }];
  });
}
