import { tokens } from '../../policy/postfix/tokens.ts';
import { atLeast } from '../../policy/postfix/version.ts';
import { digestLengths, fingerprintShape } from '../../x509/fingerprint-text.ts';
import { certificatePairs } from '../configuration/certificate-roles.ts';
import { usesCertificates } from '../configuration/certificate-use.ts';
import { routeOf } from '../configuration/client-route.ts';
import type { Evidence } from '../evidence/evidence.ts';
import { whereSet } from '../evidence/where.ts';
import type { FindingRow, Occurrence } from './finding.ts';

function at({ client }: Evidence, parameter: string): Pick<Occurrence, 'where' | 'parameter'> {
  const where = client === undefined ? undefined : whereSet(client, client.config, parameter);
  return { parameter, ...(where === undefined ? {} : { where }) };
}

/** True where the client brings its mail to a relay that wants a certificate, as far as one can know. */
function relaysByCertificate(evidence: Evidence): boolean {
  const { client, server } = evidence;
  if (client === undefined || routeOf(evidence)?.relayhost === '') return false;
  return server?.services.some(usesCertificates) ?? certificatePairs(client.config, 'smtp').length > 0;
}

/** How the client starts TLS, and whom it takes for its relay. */
export const clientTlsFindings: readonly FindingRow[] = [
  {
    id: 'client-plain-text',
    severity: 'warning',
    title: 'the client may talk to its relay in plain text, and is refused then',
    doc: 'Level "may" goes on without TLS when the handshake fails or STARTTLS is not offered; an empty level never starts TLS. Without TLS no certificate is shown, and the relay refuses.',
    test: (evidence) => {
      const route = routeOf(evidence);
      if (route === undefined || !relaysByCertificate(evidence) || !['', 'none', 'may'].includes(route.level))
        return [];
      const never = route.level !== 'may';
      return [
        {
          ...at(evidence, 'smtp_tls_security_level'),
          ...(route.where === undefined ? {} : { where: route.where }),
          ...(never ? { severity: 'error' as const } : {}),
          message: never
            ? `the client never starts TLS with "${route.relayhost}"`
            : `the client's level for "${route.relayhost}" is "may": it goes on in plain text when TLS fails`,
          why: never
            ? 'without TLS it shows no certificate, and the relay refuses'
            : 'the relay then sees no certificate and refuses; with a level of encrypt or more the mail waits instead',
          repair: 'set the level to secure (with smtp_tls_CAfile), or at least to encrypt',
        },
      ];
    },
  },
  {
    id: 'client-authority-missing',
    severity: 'error',
    title: "the client verifies its relay's certificate, but trusts no authority",
    doc: 'Levels verify and secure need smtp_tls_CAfile or smtp_tls_CApath; without either every connection is given up and the mail deferred.',
    test: (evidence) => {
      const { client } = evidence;
      const route = routeOf(evidence);
      if (client === undefined || route === undefined || !/^(?:verify|secure)$/.test(route.level)) return [];
      const { config } = client;
      const anchored = /\btafile=/.test(route.attributes) || config.get('smtp_tls_trust_anchor_file') !== '';
      if (anchored || config.get('smtp_tls_CAfile') !== '' || config.get('smtp_tls_CApath') !== '') return [];
      return [
        {
          ...at(evidence, 'smtp_tls_CAfile'),
          ...(route.where === undefined ? {} : { where: route.where }),
          message: `the client's level is "${route.level}", but neither smtp_tls_CAfile nor smtp_tls_CApath is set`,
          why: 'no certificate verifies, and all mail to the relay is deferred: "Server certificate not trusted"',
          repair: "set smtp_tls_CAfile to the authority of the relay's certificate",
        },
      ];
    },
  },
  {
    id: 'client-capath-chroot',
    severity: 'warning',
    title: 'the client looks for authorities in a folder that it cannot see from its chroot',
    doc: 'smtp_tls_CAfile is read before smtp(8) enters its chroot, smtp_tls_CApath after: the folder has to be there under queue_directory.',
    test: (evidence) => {
      const { client } = evidence;
      const route = routeOf(evidence);
      if (client === undefined || route === undefined || !/^(?:verify|secure)$/.test(route.level)) return [];
      const { config } = client;
      const service = client.master?.parsed.services.find(({ name, type }) => name === 'smtp' && type === 'unix');
      const column = service?.columns[2];
      const isChroot = column === 'y' || (column === '-' && config.compatibilityLevel[0] < 1);
      if (!isChroot || config.get('smtp_tls_CApath') === '' || config.get('smtp_tls_CAfile') !== '') return [];
      return [
        {
          ...at(evidence, 'smtp_tls_CApath'),
          message: `smtp_tls_CApath "${config.get('smtp_tls_CApath')}" is opened inside the chroot of smtp(8)`,
          why: 'the folder is looked for below queue_directory, where it usually is not, and no certificate verifies',
          repair: 'name one file with smtp_tls_CAfile, which is read before the chroot',
        },
      ];
    },
  },
  {
    id: 'client-tafile-chroot',
    severity: 'warning',
    title: 'a trust anchor file of the policy is opened inside the chroot, as the postfix user',
    doc: 'smtp(8) opens what tafile= names when it needs it: in its chroot and without privileges. The mail is deferred when it is not there.',
    test: (evidence) =>
      (routeOf(evidence)?.policies ?? [])
        .filter(({ value }) => /\btafile=/.test(value))
        .map(({ key, line, source }) => ({
          where: { file: source.file, line, column: 1 },
          parameter: 'smtp_tls_policy_maps',
          message: `the policy for "${key}" names its authority with tafile=`,
          why: 'smtp(8) opens that file inside its chroot and as the postfix user, and defers the mail where it cannot',
          repair: 'name the authority with smtp_tls_CAfile, which is read before',
        })),
  },
  {
    id: 'client-policy-key',
    severity: 'error',
    title: 'the TLS policy for the relay is written under another name, and does not count',
    doc: 'smtp_tls_policy_maps is asked for the next hop exactly as relayhost writes it: brackets and port included.',
    test: (evidence) => {
      const route = routeOf(evidence);
      if (route === undefined || route.relayhost === '') return [];
      const plain = (text: string): string => text.replace(/[[\]]/g, '').replace(/:\w+$/, '').toLowerCase();
      if (route.policies.some(({ key }) => key.toLowerCase() === route.relayhost.toLowerCase())) return [];
      return route.policies
        .filter(({ key }) => plain(key) === plain(route.relayhost))
        .map(({ key, line, source }) => ({
          where: { file: source.file, line, column: 1 },
          parameter: 'smtp_tls_policy_maps',
          message: `the policy for "${key}" does not count: relayhost is "${route.relayhost}"`,
          why: 'the table is asked for the next hop as relayhost writes it, with its brackets and its port',
          repair: `write "${route.relayhost}" there, and run postmap`,
        }));
    },
  },
  {
    id: 'client-fingerprint-digest',
    severity: 'error',
    title: "the relay's pinned fingerprint is of another digest than the client computes",
    doc: 'Level fingerprint compares match= with the digest that smtp_tls_fingerprint_digest names; another length never matches.',
    test: (evidence) => {
      const { client } = evidence;
      const route = routeOf(evidence);
      if (client === undefined || route?.level !== 'fingerprint') return [];
      const digest = client.config.get('smtp_tls_fingerprint_digest').toLowerCase();
      const octets = digestLengths[digest];
      const pinned = [
        ...[...route.attributes.matchAll(/match=(\S+)/g)].flatMap(([, value = '']) => value.split('|')),
        ...tokens(client.config.get('smtp_tls_fingerprint_cert_match'), client.config.version).flatMap((word) =>
          word.split('|'),
        ),
      ].map(fingerprintShape);
      const lengths = pinned.flatMap((shape) => (shape.kind === 'fingerprint' ? shape.octets : []));
      const [first] = lengths;
      if (octets === undefined || first === undefined || lengths.includes(octets)) return [];
      const meant = Object.entries(digestLengths).find(([, length]) => length === first)?.[0];
      return [
        {
          ...at(evidence, 'smtp_tls_fingerprint_digest'),
          ...(route.where === undefined ? {} : { where: route.where }),
          message: `the client computes ${digest} fingerprints (${octets} octets), but the pinned one has ${first}`,
          why: 'another length never matches, and all mail to the relay is deferred',
          repair:
            meant === undefined
              ? `pin the ${digest} fingerprint`
              : `set smtp_tls_fingerprint_digest to ${meant}, or pin the ${digest} fingerprint`,
        },
      ];
    },
  },
  {
    id: 'client-wrapper-mode',
    severity: 'error',
    title: 'the client waits for a greeting on a port where TLS starts at once',
    doc: 'On port 465 TLS starts with the first byte: smtp_tls_wrappermode (from Postfix 3.0 on) with a level of encrypt or more.',
    test: (evidence) => {
      const { client } = evidence;
      const route = routeOf(evidence);
      if (client === undefined || route === undefined || !/^(?:465|smtps|submissions)$/.test(route.port)) return [];
      if (atLeast(client.config.version, '3.0') && client.config.boolean('smtp_tls_wrappermode')) return [];
      return [
        {
          ...at(evidence, 'relayhost'),
          message: `relayhost is "${route.relayhost}", but smtp_tls_wrappermode is not "yes"`,
          why: 'the client waits for a greeting, the server for a TLS handshake: both wait until one gives up',
          repair: atLeast(client.config.version, '3.0')
            ? 'set smtp_tls_wrappermode to yes with a level of encrypt or more, or use port 587'
            : 'use port 587 or 25: Postfix before 3.0 has no smtp_tls_wrappermode',
        },
      ];
    },
  },
];
