import { type Version, within } from '../../postfix/version.ts';
import type { Restriction } from '../lists/restriction.ts';
import { access } from './access.ts';
import { addresses } from './addresses.ts';
import { certificateAccess } from './certificate-access.ts';
import { clientCertificates } from './client-certificates.ts';
import { clientNames } from './client-names.ts';
import { destination } from './destination.ts';
import { generic } from './generic.ts';
import { heloNames } from './helo-names.ts';
import { listRestrictions } from './list-restrictions.ts';
import { mxBackup } from './mx-backup.ts';
import { networks } from './networks.ts';
import { policyServices } from './policy-services.ts';
import { sasl } from './sasl.ts';
import { senderLogins } from './sender-logins.ts';
import { serverAccess } from './server-access.ts';
import { unknownDomains } from './unknown-domains.ts';
import { unlisted } from './unlisted.ts';
import { unverified } from './unverified.ts';

/** Every restriction that some release from 2.9 on knows. */
export const restrictions: readonly Restriction[] = [
  ...generic,
  ...networks,
  ...clientNames,
  ...clientCertificates,
  ...certificateAccess,
  ...sasl,
  ...access,
  ...heloNames,
  ...addresses,
  ...senderLogins,
  ...destination,
  ...unlisted,
  ...unknownDomains,
  ...listRestrictions,
  ...serverAccess,
  ...unverified,
  ...mxBackup,
  ...policyServices,
];

/** The restrictions of one release by every spelling, lower case. */
export function restrictionsOf(version: Version): ReadonlyMap<string, Restriction> {
  const names = new Map<string, Restriction>();
  for (const row of restrictions) {
    if (!within(version, { since: row.since })) continue;
    for (const name of [row.name, ...(row.aliases ?? [])]) names.set(name, row);
  }
  return names;
}
