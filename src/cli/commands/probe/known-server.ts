import { join, resolve } from 'node:path';
import { readServer } from '../../../diagnose/evidence/given-server.ts';
import type { KnownServer } from '../../../hosts/probe/server-certificate.ts';
import { readText, readTextIfAny } from '../../../lib/files/read.ts';
import { parseAddress } from '../../../lib/ip.ts';
import { usage } from '../../../lib/problem.ts';
import { readConfig } from '../../../policy/postfix/read-config.ts';
import { type CertificateState, isLive } from '../../../provision/ledger/ledger-state.ts';
import { plan } from '../../../provision/render/plan.ts';
import type { Inventory } from '../../../provision/settings/types.ts';
import { readTemplates } from '../../../provision/state/templates.ts';
import { asPlanned, baseOf, benches } from '../../../provision/verify/verify-plan.ts';
import { toPem } from '../../../x509/pem.ts';
import type { Io, Options } from '../../command.ts';
import type { existingState } from '../../state.ts';
import { serverRequest } from '../simulate/request.ts';

type State = ReturnType<typeof existingState>;

/** A map of a hundred thousand lines, each with its comments, has some twenty megabytes. */
const largest = 256 * 1_048_576;

/** Puts together what options and state say of the server. @throws CertrelayError (usage) */
export function knownServer(host: string, options: Options, state: State | undefined, io: Io): KnownServer {
  const ca = typeof options.ca === 'string' ? [readText(resolve(io.cwd, options.ca))] : undefined;
  const inSet = state === undefined ? undefined : serverOf(host, options, state.inventory);
  const address = parseAddress(host) !== undefined;
  const name = inSet ?? (typeof options.server === 'string' ? options.server : address ? undefined : host);
  const trust =
    state === undefined || inSet === undefined
      ? { authorities: [], demand: { kind: 'none' } as const }
      : trustIn(inSet, state);
  const config =
    typeof options.mainCf === 'string'
      ? given(options, io.cwd)
      : state === undefined || inSet === undefined
        ? { config: undefined, configFrom: undefined, notes: [] }
        : rendered(inSet, state);
  return {
    ...{ inSetUp: inSet !== undefined, name, ...config },
    authorities: ca ?? trust.authorities,
    demand: ca === undefined ? trust.demand : { kind: 'chain' },
  };
}

/** The server of the set-up that is meant; undefined when the host is none of its servers and nobody says that it is. */
function serverOf(host: string, { server, as: client }: Options, { servers }: Inventory): string | undefined {
  const names = servers.map(({ name }) => name);
  const asked = typeof server === 'string' ? server.toLowerCase() : undefined;
  if (asked !== undefined && !names.includes(asked))
    throw usage('server-unknown', `"${asked}" is no server of this set-up`, `it has ${names.join(', ')}`);
  if (asked !== undefined) return asked;
  const found = names.find((name) => name === host.toLowerCase());
  if (found !== undefined || client === undefined) return found;
  const [only] = names;
  if (only !== undefined && names.length === 1) return only;
  throw usage(
    'server-missing',
    `which server of the set-up is "${host}"? --server is missing`,
    `it has ${names.join(', ')}`,
  );
}

function trustIn(name: string, { inventory, state }: State): Pick<KnownServer, 'authorities' | 'demand'> {
  const { clientLevel, serverCert, serverCa } = inventory.settings;
  const own = state.authorities
    .filter(isLive)
    .map((one) => toPem('CERTIFICATE', Buffer.from(one.certificate, 'base64')));
  const authorities = serverCert === 'keep' ? (serverCa === undefined ? [] : [serverCa]) : own;
  if (clientLevel === 'encrypt') return { authorities, demand: { kind: 'none' } };
  if (clientLevel !== 'fingerprint') return { authorities, demand: { kind: 'chain' } };
  const known = state.of(name, 'server').filter(isLive);
  const both = (one: CertificateState) => [one.fingerprint.sha256, one.publicKeyFingerprint.sha256];
  return { authorities, demand: { kind: 'pin', fingerprints: new Set(known.flatMap(both)) } };
}

type ConfigKnown = Pick<KnownServer, 'config' | 'configFrom' | 'notes'>;

function given(options: Options, cwd: string): ConfigKnown {
  const { sources, notes } = readServer(serverRequest(options), cwd);
  const config = readConfig(sources);
  return { config, configFrom: `${String(options.mainCf)}, Postfix ${config.version.text}`, notes };
}

/** The server's rendered files as they lie in the folder, over its base. */
function rendered(name: string, { root, inventory, state }: State): ConfigKnown {
  const planned = plan({ inventory, ledger: state }, readTemplates(), [name]);
  const view = planned.hosts.get(name);
  if (view === undefined) throw new Error('a server that was not rendered');
  const base = baseOf(inventory);
  const asMade = asPlanned(planned);
  const text = (to: string) => readTextIfAny(join(root, to), largest) ?? asMade(to);
  const { mergedBench } = benches(view, { inventory, base, rendered: text });
  const { config } = mergedBench;
  return {
    config,
    configFrom: `the files of ${name} over ${base.name}, Postfix ${config.version.text}`,
    notes: [...mergedBench.presumedEmpty].map((path) => `assuming "${path}" lists nothing`),
  };
}
