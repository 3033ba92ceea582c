import { CertrelayError } from '../../lib/problem.ts';
import { currentCertificate } from '../ledger/ledger-state.ts';
import { readNetworkList } from '../settings/network-list.ts';
import { isBefore } from '../settings/postfix-version.ts';
import type { Base } from './base.ts';
import { certificateFiles } from './certificate-files.ts';
import { authorityFile, certificateNames, hasOwnCertificate } from './certificate-names.ts';
import { databaseTable, isInDatabase } from './database-table.ts';
import { serverHardening } from './hardening.ts';
import type { RenderInput } from './input.ts';
import { ownService } from './own-service.ts';
import type { Part, Place } from './part.ts';
import { keptComments, mapEntries } from './relay-clientcerts.ts';
import { relayPolicy } from './relay-policy.ts';
import type { Assignment, MapView, ServerView } from './view.ts';

const mapFile = 'relay_clientcerts';

/** The server half of a host: the view of its fragment and map, and what the host gets for it. */
export function serverPart(input: RenderInput, place: Place, base: Base | undefined): Part<ServerView> {
  const { settings } = input.inventory;
  const { name, roles, version, folder, tableType } = place;
  const map: MapView = { type: tableType, path: `${folder}/${mapFile}`, file: mapFile, parameter: mapFile };
  const shared = isInDatabase(settings) ? databaseTable(settings, version, folder) : undefined;
  const own = hasOwnCertificate(settings, 'server');
  const keyType = currentCertificate(input.ledger, name, 'server')?.keyType ?? settings.keyType;
  const certificate = own
    ? certificateFiles('smtpd', version, keyType, certificateNames(name, 'server', roles), folder)
    : { used: [], unused: [], files: [], pairs: [] };
  // A certificate that the server keeps may need its present CA file to complete its chain.
  const keepsCaFile = !own && base?.isSet('smtpd_tls_CAfile') === true && base.get('smtpd_tls_CAfile') !== '';
  const tls = {
    caFile: keepsCaFile ? [] : [{ name: 'smtpd_tls_CAfile', value: `${folder}/${authorityFile}` }],
    certificate: certificate.used,
    certificateUnused: certificate.unused,
    relayClientcerts: `${(shared?.table ?? map).type}:${(shared?.table ?? map).path}`,
    hardening: serverHardening(version),
  };
  const said = {
    ...{ digest: settings.digest, entries: mapEntries(input), kept: keptComments(input) },
    database: shared === undefined ? [] : [shared.view],
  };
  const part = {
    files: [
      ...(keepsCaFile ? [] : [{ name: authorityFile, mode: '0644' } as const]),
      ...certificate.files,
      ...(shared?.files ?? [{ name: mapFile, mode: '0644' } as const]),
    ],
    pairs: certificate.pairs,
    maps: shared === undefined ? [map] : [],
    tables: shared === undefined ? [] : [shared.table],
    elements: shared === undefined ? [] : [shared.element],
  };
  if (settings.dedicatedPort !== undefined) {
    const service = ownService(settings, place, tls, base);
    const elsewhere = [
      `Clients come to port ${place.port}, to a service of its own that alone asks for certificates. Its`,
      'entry in master.cf says all that it needs; the other services stay as they are.',
    ];
    return { ...part, view: { ...nothing, ...said, elsewhere }, services: [service], unlessSet: [] };
  }
  const networks = localNetworks(settings.mynetworks, version, base);
  const policy = relayPolicy(settings, version, base);
  return {
    ...part,
    view: {
      ...{ ...said, ...tls, elsewhere: [], securityLevel: securityLevel(base) },
      mynetworks: networks.set,
      mynetworksReason: networks.reason,
      restrictions: policy.restrictions,
      restrictionsReason: policy.reason,
      portNotes: portNotes(settings.relayPort),
    },
    services: [],
    unlessSet: networks.unlessSet ? networks.set.map((assignment) => assignment.name) : [],
  };
}

/** What main.cf says of a server whose service of its own says it. */
const nothing = {
  ...{ securityLevel: '', caFile: [], certificate: [], certificateUnused: [], relayClientcerts: '', hardening: [] },
  ...{ mynetworks: [], mynetworksReason: [], restrictions: [], restrictionsReason: [], portNotes: [] },
} as const;

/** TLS is offered; a host that already insists on it goes on insisting. */
function securityLevel(base: Base | undefined): string {
  if (base === undefined) return 'may';
  const level = base.get('smtpd_tls_security_level').toLowerCase();
  // smtpd_enforce_tls is what the level was before 2.3, and is read where no level is set.
  const insists = level === '' ? base.get('smtpd_enforce_tls').toLowerCase() === 'yes' : level === 'encrypt';
  return insists ? 'encrypt' : 'may';
}

/** What the port on which clients arrive asks of the server's master.cf, a comment line each; none for 25. */
function portNotes(port: number): readonly string[] {
  if (port === 25) return [];
  if (port === 587) {
    return [
      'Clients come to port 587. Its entry in master.cf (submission) often has restriction',
      'lists of its own (-o), which hide those below: add permit_tls_clientcerts there.',
    ];
  }
  if (port === 465) {
    return [
      'Clients come to port 465. Its entry in master.cf (smtps, or submissions) needs',
      '-o smtpd_tls_wrappermode=yes, and restriction lists there (-o) hide those below.',
    ];
  }
  return [`Clients come to port ${port}: master.cf needs an entry for it, such as`, `${port} inet n - y - - smtpd`];
}

interface LocalNetworks {
  readonly set: readonly Assignment[];
  readonly reason: readonly string[];
  /** True when a mynetworks of the host's own is to stay. */
  readonly unlessSet: boolean;
}

const loopback = '127.0.0.0/8, [::1]/128';

/**
 * mynetworks, where somebody asked for it or where its default would let every neighbour on the server's networks
 * relay without a certificate: up to 2.11, and later below compatibility level 2, `mynetworks_style` is `subnet`.
 */
export function localNetworks(wanted: string | undefined, version: string, base: Base | undefined): LocalNetworks {
  if (wanted !== undefined) {
    const list = readNetworkList(wanted);
    if (typeof list !== 'string') throw new CertrelayError('usage', list);
    return {
      set: [{ name: 'mynetworks', value: list }],
      reason: ['Networks that relay without a certificate.'],
      unlessSet: false,
    };
  }
  const open =
    base === undefined
      ? isBefore(version, '3.0')
      : !base.isSet('mynetworks') && base.get('mynetworks_style').toLowerCase() !== 'host';
  if (!open) return { set: [], reason: [], unlessSet: false };
  return {
    set: [{ name: 'mynetworks', value: loopback }],
    reason: [
      'Left unset, it would be every network this host is attached to, and each machine',
      'there could relay without a certificate. install.sh keeps a value the host has.',
    ],
    unlessSet: true,
  };
}
