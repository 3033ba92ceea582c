import { type PostfixConfig, TableFailure } from '../../policy/postfix/config.ts';
import type { ClientCertificate } from '../../policy/smtpd/dialogue/session.ts';
import { fingerprintDigest } from '../../policy/smtpd/questions/digest-names.ts';
import type { Listing } from '../evidence/evidence.ts';

/** Where relay_clientcerts lists a client's certificate or its public key, if it does. */
export function listingOf(config: PostfixConfig, certificate: ClientCertificate | undefined): Listing | undefined {
  if (certificate === undefined) return undefined;
  const digest = fingerprintDigest(config);
  const keys = [certificate.fingerprint[digest], certificate.publicKeyFingerprint[digest]];
  for (const table of config.tables('relay_clientcerts')) {
    if (table.opaque !== undefined || table.fatal !== undefined) continue;
    for (const key of keys) {
      const value = key === undefined ? undefined : table.find(key);
      if (key === undefined || value === undefined || value instanceof TableFailure) continue;
      const where = table.entries?.find((entry) => entry.key.toLowerCase() === key.toLowerCase())?.where;
      return { table: table.spec, key, value, digest, ...(where === undefined ? {} : { where }) };
    }
  }
  return undefined;
}
