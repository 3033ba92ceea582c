import { usage } from '../../lib/problem.ts';
import { isLive } from '../ledger/ledger-state.ts';
import type { Settings } from '../settings/types.ts';
import { nexthopOf } from './client-route.ts';
import { field } from './field.ts';
import type { RenderInput } from './input.ts';
import { digestsOf, fingerprintOf, kindsOf } from './relay-clientcerts.ts';
import type { PolicyEntry } from './view.ts';

/** One line of the TLS policy table per server: what it must prove before mail and certificate go to it. */
export function policyEntries(input: RenderInput, servers: readonly string[], port: string): readonly PolicyEntry[] {
  const { settings } = input.inventory;
  const level = settings.clientLevel;
  return servers.map((server) => ({
    nexthop: nexthopOf(server, port),
    policy: [level, ...attributesOf(input, server, level)].join(' '),
  }));
}

function attributesOf(input: RenderInput, server: string, level: Settings['clientLevel']): readonly string[] {
  if (level === 'encrypt') return [];
  if (level === 'fingerprint') return [`match=${serverFingerprints(input, server).join('|')}`];
  const { serverCert, serverCa } = input.inventory.settings;
  if (serverCert === 'keep' && serverCa === undefined) {
    throw usage(
      'server-ca-missing',
      `level "${level}" needs the issuer of the certificate that the server keeps`,
      'give it with --server-ca, or choose --client-level fingerprint or encrypt',
    );
  }
  return [`match=${server}`];
}

/** Every live certificate of the server, so that the next one is known before it is in use. */
function serverFingerprints({ inventory, ledger }: RenderInput, server: string): readonly string[] {
  const live = ledger.of(server, 'server').filter(isLive);
  const found = kindsOf(inventory.settings).flatMap((kind) =>
    digestsOf({ inventory, ledger }).flatMap((digest) =>
      live.map((state) => field('fingerprint', fingerprintOf(state, kind, digest))),
    ),
  );
  if (found.length > 0) return [...new Set(found)];
  throw usage(
    'server-fingerprint-unknown',
    `level "fingerprint" needs the certificate of "${server}", which is not known`,
    'choose another --client-level, or --server-cert internal',
  );
}
