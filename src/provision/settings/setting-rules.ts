import type { Problem } from '../../lib/problem.ts';
import { databaseRules } from './database-rules.ts';
import { isWithin } from './host-name.ts';
import { isBefore } from './postfix-version.ts';
import { clientPort } from './service-port.ts';
import { tableTypeSince } from './table-type.ts';
import type { Inventory } from './types.ts';

/** One thing that must hold between the values of an inventory. `broken` answers what is wrong with it. */
interface SettingRule {
  readonly code: string;
  readonly broken: (inventory: Inventory) => Omit<Problem, 'code'> | undefined;
}

/** The rule as a row: a condition that must not be met, and what to say when it is. */
function rule(
  code: string,
  met: (inventory: Inventory) => boolean,
  say: (inventory: Inventory) => readonly [message: string, hint: string],
): SettingRule {
  return {
    code,
    broken: (inventory) => {
      if (!met(inventory)) return undefined;
      const [message, hint] = say(inventory);
      return { message, hint };
    },
  };
}

const oldest = (first: string, second: string) => (isBefore(second, first) ? second : first);

/** Both sides' versions, where a thing needs both to know it. */
const older = ({ settings }: Inventory) => oldest(settings.postfix, settings.clientPostfix);

const settingRules: readonly SettingRule[] = [
  // postconf(5): smtpd_relay_restrictions and defer_unauth_destination came with 2.10.
  rule(
    'policy-needs-relay-list',
    ({ settings }) => settings.policy === 'relay' && isBefore(settings.postfix, '2.10'),
    ({ settings }) => [
      `Postfix ${settings.postfix} has no smtpd_relay_restrictions, which the policy "relay" sets`,
      'use --policy recipient',
    ],
  ),
  rule(
    'unauthorized-needs-defer',
    ({ settings }) => settings.unauthorized === 'defer' && isBefore(settings.postfix, '2.10'),
    ({ settings }) => [
      `Postfix ${settings.postfix} has no defer_unauth_destination, which "--unauthorized defer" needs`,
      'use --unauthorized reject',
    ],
  ),
  // TLS_README: Ed25519 needs chain files, which came with 3.4, and OpenSSL 1.1.1 on both ends.
  rule(
    'key-type-needs-version',
    (inventory) => inventory.settings.keyType === 'ed25519' && isBefore(older(inventory), '3.4'),
    (inventory) => [
      `Postfix ${older(inventory)} cannot use ed25519 keys; that takes 3.4 on the server and on the clients`,
      'use --key-type ec-p256',
    ],
  ),
  rule(
    'authority-key-type-needs-version',
    ({ authority, settings }) =>
      authority.keyType === 'ed25519' &&
      settings.keyType !== 'ed25519' &&
      isBefore(oldest(settings.postfix, settings.clientPostfix), '3.4'),
    (inventory) => [
      `the authority has an ed25519 key, which hosts with Postfix ${older(inventory)} cannot check`,
      'roll the authority over with "certrelay rotate --authority --key-type ec-p256"',
    ],
  ),
  // RELEASE_NOTES-2.10: public key fingerprints of 2.9.0 to 2.9.5 were computed wrongly.
  rule(
    'pin-needs-version',
    ({ settings }) => settings.pin !== 'certificate' && /^2\.9\.[0-5]$/.test(settings.postfix),
    ({ settings }) => [
      `Postfix ${settings.postfix} computes fingerprints of public keys wrongly`,
      'use --pin certificate, or Postfix 2.9.6',
    ],
  ),
  rule(
    'relay-port-needs-version',
    ({ settings }) => clientPort(settings) === 465 && isBefore(settings.clientPostfix, '3.0'),
    ({ settings }) => [
      `Postfix ${settings.clientPostfix} on the clients has no smtp_tls_wrappermode, which port 465 needs`,
      'use another port, such as --relay-port 587, or clients with Postfix 3.0',
    ],
  ),
  rule(
    'table-type-needs-version',
    (inventory) => isBefore(older(inventory), tableTypeSince(inventory.settings.tableType ?? '')),
    (inventory) => [
      `Postfix ${older(inventory)} does not know the table type "${inventory.settings.tableType}"`,
      'leave --table-type out: every host then uses its own default',
    ],
  ),
  ...databaseRules.map((each): SettingRule => rule(...each)),
  rule(
    'server-ca-without-keep',
    ({ settings }) => settings.serverCa !== undefined && settings.serverCert !== 'keep',
    () => ['--server-ca belongs to a server that keeps its certificate', 'add --server-cert keep'],
  ),
  rule(
    'keep-without-server-ca',
    ({ settings }) =>
      settings.serverCert === 'keep' && settings.serverCa === undefined && settings.clientLevel !== 'encrypt',
    ({ settings }) => [
      `clients at the level "${settings.clientLevel}" cannot check a server that keeps its certificate without its issuer`,
      'add --server-ca FILE with the certificate of the issuer',
    ],
  ),
  rule(
    'constrain-excludes',
    (inventory) => outside(inventory).length > 0,
    (inventory) => [
      `${outside(inventory)
        .map((name) => `"${name}"`)
        .slice(0, 5)
        .join(
          ', ',
        )} ${outside(inventory).length === 1 ? 'is' : 'are'} outside the domains that the authority may issue for`,
      `it may for ${inventory.authority.constrain.join(', ')}`,
    ],
  ),
];

/** Hosts that need a certificate which the authority's name constraints forbid. */
function outside({ authority, servers, clients, settings }: Inventory): readonly string[] {
  if (authority.constrain.length === 0) return [];
  const issuedFor = settings.serverCert === 'keep' ? clients : [...servers, ...clients];
  const names = new Set(issuedFor.map(({ name }) => name));
  return [...names].filter((name) => !authority.constrain.some((domain) => isWithin(name, domain)));
}

/** Everything that does not go together in an inventory. */
export function checkSettings(inventory: Inventory): readonly Problem[] {
  return settingRules.flatMap(({ code, broken }) => {
    const found = broken(inventory);
    return found === undefined ? [] : [{ code, ...found }];
  });
}

/** Things that work and that one should know. */
export function remarks({ authority, settings, servers, clients }: Inventory): readonly Problem[] {
  const notes: Problem[] = [];
  if (settings.days > authority.days) {
    notes.push({
      code: 'days-beyond-authority',
      message: `certificates end with the authority, after ${authority.days} days at most`,
    });
  }
  if (settings.dedicatedPort !== undefined && settings.mynetworks !== undefined) {
    notes.push({
      code: 'service-mynetworks',
      message: `mynetworks is not set: the service on port ${settings.dedicatedPort} lets nobody in by address, and others stay as they are`,
    });
  }
  const single = [...new Set([...servers, ...clients].map(({ name }) => name))].filter((name) => !name.includes('.'));
  if (single.length > 0) {
    notes.push({
      code: 'host-name-single-label',
      message: `${single
        .slice(0, 5)
        .map((name) => `"${name}"`)
        .join(', ')} ${single.length === 1 ? 'has' : 'have'} no domain`,
      hint: 'a full name, such as "relay.example.com", is the same on every host',
    });
  }
  return notes;
}
