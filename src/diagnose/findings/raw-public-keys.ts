import { atLeast } from '../../policy/postfix/version.ts';
import { clientCertificates } from '../configuration/certificate-roles.ts';
import { fingerprintTables, hasFixedKeys, tableLines } from '../configuration/certificate-use.ts';
import type { FindingRow } from './finding.ts';
import { at, perService } from './per-service.ts';

/** Certificate fingerprints on a server that takes clients without certificates. */
export const rawPublicKeys: FindingRow = {
  id: 'raw-public-keys',
  severity: 'warning',
  title: 'raw public keys are taken, but the map goes by certificates',
  doc: 'From Postfix 3.9 on a client may show a bare public key (RFC 7250) where the server allows it. It has no certificate fingerprint then, and only that of its public key can be listed.',
  test: (evidence) =>
    perService(evidence, (server, service) => {
      const { config } = service;
      if (!atLeast(config.version, '3.9') || !config.boolean('smtpd_tls_enable_rpk')) return [];
      const keyPrints = new Set(
        [
          ...clientCertificates(evidence).map(({ leaf }) => Object.values<string>(leaf.publicKeyFingerprint)),
          ...evidence.replays.map(({ conversation }) =>
            Object.values(conversation.tls?.certificate?.publicKeyFingerprint ?? {}),
          ),
        ].flat(),
      );
      const others = fingerprintTables(server, service).flatMap((table) =>
        table.source === undefined || !hasFixedKeys(table)
          ? []
          : tableLines(table.source).filter(({ key }) => !keyPrints.has(key.toUpperCase())),
      );
      if (others.length === 0) return [];
      return [
        {
          ...at(server, service, 'smtpd_tls_enable_rpk'),
          message: `smtpd_tls_enable_rpk is "yes", and ${others.length === 1 ? 'a listed fingerprint is' : `${others.length} listed fingerprints are`} not known to be of public keys`,
          why: 'a client that shows a raw public key has no certificate fingerprint, and a listed certificate does not help it',
          repair: 'list the fingerprints of the public keys, or set smtpd_tls_enable_rpk to no',
        },
      ];
    }),
};
