import { usage } from '../../lib/problem.ts';
import { digests } from '../../x509/algorithms.ts';
import { currentCertificate } from '../ledger/ledger-state.ts';
import { isBefore } from '../settings/postfix-version.ts';
import { type ClientLevel, clientLevels } from '../settings/types.ts';
import { type Base, listOf } from './base.ts';
import { certificateFiles } from './certificate-files.ts';
import { authorityFile, certificateNames, rolesOf, serverAuthorityFile } from './certificate-names.ts';
import { clientRoute } from './client-route.ts';
import { choice } from './field.ts';
import { clientHardening } from './hardening.ts';
import type { RenderInput } from './input.ts';
import { deliversDirectly, ownTransport } from './own-transport.ts';
import type { Part, Place } from './part.ts';
import { policyEntries } from './tls-policy.ts';
import type { Assignment, ClientView, MapView } from './view.ts';

const mapFile = 'tls_policy';
const mapParameter = 'smtp_tls_policy_maps';

/** The client half of a host: the view of its fragment and TLS policy, and what the host gets for it. */
export function clientPart(input: RenderInput, place: Place, base: Base | undefined): Part<ClientView> {
  const { settings } = input.inventory;
  const { name, roles, version, folder, tableType, port } = place;
  const servers = serversOf(input, name);
  const policies = policyEntries(input, servers, port);
  const route = clientRoute(
    version,
    policies.map(({ nexthop }) => nexthop),
  );
  const map: MapView = { type: tableType, path: `${folder}/${mapFile}`, file: mapFile, parameter: mapParameter };
  // A base taken after an installation names our table already.
  const hostMaps =
    base === undefined ? [] : listOf(base, mapParameter).filter((spec) => !spec.endsWith(`:${map.path}`));
  const keyType = currentCertificate(input.ledger, name, 'client')?.keyType ?? settings.keyType;
  const certificate = certificateFiles('smtp', version, keyType, certificateNames(name, 'client', roles), folder);
  const caFile = authorityOf(input);
  const tls: readonly Assignment[] = [
    { name: 'smtp_tls_security_level', value: choice('client level', settings.clientLevel, clientLevels) },
    ...caFile.map((file) => ({ name: 'smtp_tls_CAfile', value: `${folder}/${file}` })),
    { name: 'smtp_tls_fingerprint_digest', value: choice('digest', settings.digest, digests) },
    ...wrapper(port, version),
    { name: 'smtp_tls_loglevel', value: '1' },
  ];
  const trust = trustNothingElse(settings.clientLevel, version);
  const hardening = clientHardening(version);
  const policy = (others: readonly string[]): Assignment => ({
    name: mapParameter,
    value: [`${map.type}:${map.path}`, ...others].join(', '),
  });
  const own = [policy([]), ...tls, ...trust, ...hardening, ...certificate.used, ...certificate.unused];
  const transport =
    settings.dedicatedPort !== undefined || deliversDirectly(base) ? ownTransport(version, base, own) : undefined;
  const globally = <T>(list: readonly T[]): readonly T[] => (transport === undefined ? list : []);
  return {
    view: {
      route: route.set,
      routeReason: route.reason,
      transport: transport?.set ?? [],
      transportReason: transport?.reason ?? [],
      policyMaps: globally([policy(hostMaps)]),
      tls: globally(tls),
      trust: globally(trust),
      certificate: globally(certificate.used),
      certificateUnused: globally(certificate.unused),
      hardening: globally(hardening),
      policies,
    },
    files: [
      ...caFile.map((file) => ({ name: file, mode: '0644' }) as const),
      ...certificate.files,
      { name: mapFile, mode: '0644' },
    ],
    pairs: certificate.pairs,
    maps: [map],
    tables: [],
    elements: [],
    services: transport?.services ?? [],
    unlessSet: [],
  };
}

/**
 * The servers that a client relays through: all, in the order of the inventory. A server that is a client itself
 * relays through those that are not, or two such servers would send each other the same mail for ever.
 */
function serversOf({ inventory }: RenderInput, name: string): readonly string[] {
  const isServer = rolesOf(inventory, name).includes('server');
  const all = inventory.servers.map((host) => host.name);
  const servers = isServer ? all.filter((other) => !rolesOf(inventory, other).includes('client')) : all;
  if (servers.length > 0 || !isServer) return servers;
  throw usage(
    'relay-loop',
    `"${name}" is server and client, and every server is: mail would go round`,
    'name a server with --server that is no client',
  );
}

/** The file that smtp(8) verifies servers with; read before it enters its chroot, unlike a CApath or tafile. */
function authorityOf({ inventory: { settings } }: RenderInput): readonly string[] {
  if (settings.serverCert === 'internal') return [authorityFile];
  return settings.serverCa === undefined ? [] : [serverAuthorityFile];
}

/**
 * At levels that verify a chain, the CA of smtp_tls_CAfile must be the only one: the stock main.cf of Debian and Red Hat
 * trusts the system's CAs by smtp_tls_CApath (outside a chroot, and inside one where the package copies them there), and
 * tls_append_default_CA = yes adds OpenSSL's default ones to any CAfile. A trust anchor file would replace the CAfile.
 */
function trustNothingElse(level: ClientLevel, version: string): readonly Assignment[] {
  if (level !== 'secure' && level !== 'verify') return [];
  return [
    { name: 'smtp_tls_CApath', value: '' },
    ...(isBefore(version, '2.11') ? [] : [{ name: 'smtp_tls_trust_anchor_file', value: '' }]),
    { name: 'tls_append_default_CA', value: 'no' },
  ];
}

/** Port 465 speaks TLS from the first byte. */
function wrapper(port: string, version: string): readonly Assignment[] {
  if (port !== '465') return [];
  if (!isBefore(version, '3.0')) return [{ name: 'smtp_tls_wrappermode', value: 'yes' }];
  throw usage(
    'wrappermode-too-new',
    `Postfix ${version} cannot send to port 465`,
    'smtp_tls_wrappermode came with 3.0; choose --relay-port 25 or 587',
  );
}
