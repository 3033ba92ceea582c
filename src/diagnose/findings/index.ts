import { askCertificateFindings } from './ask-certificate.ts';
import { certificateFileFindings } from './certificate-files.ts';
import { certificateValidityFindings } from './certificate-validity.ts';
import { clientIdentityFindings } from './client-identity.ts';
import { clientTlsFindings } from './client-tls.ts';
import { digestFindings } from './digest.ts';
import type { FindingRow } from './finding.ts';
import { handshakeFindings } from './handshakes.ts';
import { listElementFindings } from './list-elements.ts';
import { listedNameFindings } from './listed-names.ts';
import { logLevelFindings } from './log-level.ts';
import { mapKeyFindings } from './map-keys.ts';
import { mapTableFindings } from './map-tables.ts';
import { networkFindings } from './networks.ts';
import { openRelay } from './open-relay.ts';
import { parameterFindings } from './parameters.ts';
import { portFindings } from './ports.ts';
import { rawPublicKeys } from './raw-public-keys.ts';
import { refusalBounces } from './refusal-bounces.ts';
import { relayListFindings } from './relay-lists.ts';
import { serverStartFindings } from './server-start.ts';
import { tlsOfferFindings } from './tls-offer.ts';
import { trustedAuthorityFindings } from './trusted-authorities.ts';
import { warnedLookup } from './warned-lookups.ts';

/**
 * Every finding. Among findings of one severity this order decides: an open relay first, then what a session meets on its
 * way, from the server's start over TLS and the table to the lists.
 */
export const findings: readonly FindingRow[] = [
  openRelay,
  ...trustedAuthorityFindings,
  ...serverStartFindings,
  ...portFindings,
  ...clientTlsFindings,
  ...clientIdentityFindings,
  ...handshakeFindings,
  ...tlsOfferFindings,
  ...certificateFileFindings,
  ...askCertificateFindings,
  ...certificateValidityFindings,
  ...mapTableFindings,
  ...digestFindings,
  ...mapKeyFindings,
  ...listElementFindings,
  ...relayListFindings,
  warnedLookup,
  ...listedNameFindings,
  ...networkFindings,
  ...parameterFindings,
  rawPublicKeys,
  refusalBounces,
  ...logLevelFindings,
];
