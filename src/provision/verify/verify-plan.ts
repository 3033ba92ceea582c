import { type Bench, bench, type Configuration, joined, type Part } from '../../policy/identities/judge.ts';
import { readMasterCf } from '../../policy/postfix/master-cf.ts';
import { stockMainCf } from '../../policy/postfix/presets/presets.ts';
import { smtpServices } from '../../policy/postfix/service.ts';
import { portOf } from '../../policy/postfix/smtp-services.ts';
import { parseVersion } from '../../policy/postfix/version.ts';
import type { Digest } from '../../x509/algorithms.ts';
import type { LedgerState } from '../ledger/ledger-state.ts';
import { hostPath } from '../ledger/paths.ts';
import type { RenderPlan } from '../render/plan.ts';
import type { HostView } from '../render/view.ts';
import { isBefore } from '../settings/postfix-version.ts';
import type { Inventory } from '../settings/types.ts';
import { playedOnes } from './alike.ts';
import { changedLines, concernedBy, difference, type Intention } from './difference.ts';
import { expectations, type Situation } from './expectations.ts';
import { clientIdentities, type Identities, intentions } from './identities.ts';
import { nobodyElse } from './nobody-else.ts';
import type { OtherService } from './other-services.ts';
import { otherServices } from './other-services.ts';
import { assumptionsOf, claimable, outsideOf } from './outsiders.ts';
import { ownServiceExpectations, ticketsRow } from './own-service.ts';
import { onlyLines, stepChange } from './step-change.ts';
import type { ServerVerification } from './verify.ts';
import { type Row, verify } from './verify.ts';

/** What a fragment is judged over. */
export interface Base {
  /** As the report names it, e.g. `stock main.cf of debian12`. */
  readonly name: string;
  readonly mainCf: string;
  readonly masterCf?: string;
  readonly service?: string;
  readonly tables?: Readonly<Record<string, string>>;
}

/** The base of an inventory: what the server said it has, else what its system installs, else the version's defaults. */
export function baseOf({ settings }: Pick<Inventory, 'settings'>): Base {
  if (settings.baseMainCf !== undefined) return { name: 'the given main.cf', mainCf: settings.baseMainCf };
  const stock = settings.os === undefined ? undefined : stockMainCf(settings.os);
  if (stock !== undefined) return { name: `the stock main.cf of ${settings.os}`, mainCf: stock };
  const level = isBefore(settings.postfix, '3.0') ? '' : `compatibility_level = ${levelText(settings.postfix)}\n`;
  return { name: 'the defaults of its version', mainCf: `${level}mynetworks = 127.0.0.0/8 [::1]/128\n` };
}

// Before 3.6 a level is a whole number, and 2 was the highest that meant anything (postconf(5), compatibility_level).
function levelText(version: string): string {
  return isBefore(version, '3.6') ? '2' : version.split('.').slice(0, 2).join('.');
}

/** What a set of servers is judged by. */
export interface Evidence {
  readonly inventory: Inventory;
  readonly ledger: LedgerState;
  readonly plan: RenderPlan;
  readonly base: Base;
  /** The text of a rendered file by its path below the state's folder: as planned, or as it lies on disk. */
  rendered(to: string): string;
  /**
   * The digests in which certificates are shown. All, when left out: a text that was edited, or a master.cf, may have another
   * than the inventory's in force.
   */
  readonly shown?: readonly Digest[];
  /** The state that a step starts from; then a row says that the step changes nothing else. */
  readonly before?: Before;
}

/** The state before a step. */
export interface Before extends Omit<Evidence, 'before' | 'shown'> {
  /** Its maps list the fingerprints of `only`, and nobody else's lines differ by the step; with all of them when asked. */
  readonly touched?: { readonly only: ReadonlySet<string>; whole(): Before };
}

/** Judges every server of a plan; with the plan's own texts, before anything of it is written. */
export function verifyPlan(evidence: Evidence): readonly ServerVerification[] {
  const identities = clientIdentities(evidence.inventory, evidence.ledger, evidence.shown);
  return evidence.inventory.servers.flatMap(({ name }) => {
    const view = evidence.plan.hosts.get(name);
    return view === undefined ? [] : [verifyServer(view, evidence, identities)];
  });
}

/** The plan's own texts. */
export function asPlanned(plan: RenderPlan): (to: string) => string {
  const contents = new Map(plan.outputs.map(({ to, content }) => [to, content]));
  return (to) => contents.get(to) ?? '';
}

function verifyServer(view: HostView, evidence: Evidence, identities: Identities): ServerVerification {
  const { inventory, base } = evidence;
  const { baseBench, mergedBench, before, merged } = benches(view, evidence);
  const { hasOwnService } = view;
  const outside = outsideOf(mergedBench, baseBench);
  const ofLines = (lines: ReadonlySet<string>) =>
    benches(view, { ...evidence, rendered: withLines(view, evidence, lines) }).mergedBench;
  const situation: Situation = {
    ...identities,
    played: playedOnes(identities.admitted, outside.foreignAddresses[0] ?? '', mergedBench, ofLines),
    ...outside,
    claimed: claimable(identities, [base.mainCf, base.masterCf ?? '', ...Object.values(base.tables ?? {})]),
    localRecipient: `postmaster@${view.name}`,
    saslInUse: baseBench.config.boolean('smtpd_sasl_auth_enable') && (hasOwnService || inventory.settings.permitSasl),
  };
  const wanted = hasOwnService ? ownServiceExpectations : expectations;
  const tickets = hasOwnService ? [ticketsRow(mergedBench, situation.foreignAddress)] : [];
  const rows = [...verify(situation, mergedBench.judge, baseBench.judge, wanted), ...tickets];
  const step = stepFrom(view, situation.foreignAddress, mergedBench, evidence);
  // What a step leaves as it was is not followed again: the step says that it changes nothing else.
  const isFollowed = step?.isSame !== true;
  const { admitted } = identities;
  const paths = isFollowed
    ? nobodyElse(admitted, situation.foreignAddress, mergedBench, hasOwnService ? undefined : baseBench)
    : {};
  const beside = isFollowed ? servicesBeside(view, before, merged, { baseBench }) : [];
  const others = otherServices(beside, situation.foreignAddress);
  const supposed = [paths.assumption, others.assumption, step?.assumption].filter((each) => each !== undefined);
  return {
    ...{ server: view.name, base: base.name, postfix: view.postfix },
    ...(hasOwnService ? { service: view.relayPort } : {}),
    assumptions: [...assumptionsOf(mergedBench, 'which was not given'), ...supposed],
    rows: [...rows, ...[paths.row, others.row].filter((row) => row !== undefined), ...(step?.rows ?? [])],
  };
}

/** What a step makes different, by certificates and by paths. */
interface StepRows {
  readonly rows: readonly Row[];
  readonly assumption?: string;
  /** Only lines of the maps differ, if anything does. */
  readonly isSame: boolean;
}

/** The server as it was before the step beside the server as it will be. */
function stepFrom(after: HostView, address: string, bench: Bench, evidence: Evidence): StepRows | undefined {
  const { before, inventory, ledger, shown } = evidence;
  const touched = before?.touched;
  const view = before?.plan.hosts.get(after.name);
  if (before === undefined || view === undefined) return undefined;
  const text = (host: HostView, { rendered }: Pick<Evidence, 'rendered'>, file: string) =>
    rendered(hostPath(host.name, file));
  const settings = (host: HostView, of: Omit<Evidence, 'before'>) =>
    `${joined(mainCfBefore(host, of.base, of.inventory))}${text(host, of, 'main.cf')}${text(host, of, 'master.cf')}`;
  const isSame = settings(view, before) === settings(after, evidence);
  const asWhole = (full: Before) => stepFrom(after, address, bench, { ...evidence, before: full });
  // With another main.cf every line may mean something else.
  if (touched !== undefined && !isSame) return asWhole(touched.whole());
  const maps = (host: HostView, of: Pick<Evidence, 'rendered'>) =>
    [...host.maps, ...host.tables].map(({ file }) => text(host, of, file)).join('');
  const present = maps(after, evidence);
  const comparable = touched === undefined ? present : onlyLines(present, touched.only);
  const lines = isSame ? changedLines(maps(view, before), comparable) : undefined;
  const all = intentions(before, { inventory, ledger }, shown, touched?.only);
  const compared = concernedBy(all, lines);
  // Whoever shares a key with one that is touched may have lines of his own.
  if (touched !== undefined && compared.some((one) => fingerprintsOf(one).some((each) => !touched.only.has(each)))) {
    return asWhole(touched.whole());
  }
  if (compared.length === 0 && lines?.size === 0) return { rows: [], isSame };
  // The lines that differ, and all of those whose lines they are: a map of these says to each of them what the whole one says.
  const some = lines === undefined ? undefined : new Set([...lines, ...compared.flatMap(fingerprintsOf)]);
  const benchOf = (host: HostView, of: Omit<Evidence, 'before'>) =>
    benches(host, some === undefined ? of : { ...of, rendered: withLines(host, of, some) }).mergedBench;
  const old = benchOf(view, before);
  const changed = compared.length === 0 ? undefined : difference(compared, address, old.judge, bench.judge);
  // Where the settings change, a digest may: then everybody's line does, though nobody gains or loses. A certificate whose
  // key was listed before gains nothing by a line of its own either, and still it is what the step is about.
  const own = (lines === undefined ? all.filter((one) => one.before || one.after) : compared).map(
    ({ identity }) => identity,
  );
  const paths =
    lines?.size === 0 ? {} : stepChange(own, address, old, some === undefined ? bench : benchOf(after, evidence));
  return {
    rows: [changed, paths.row].filter((row) => row !== undefined),
    ...(paths.assumption === undefined ? {} : { assumption: paths.assumption }),
    isSame,
  };
}

function fingerprintsOf({ identity: { certificate } }: Intention): readonly string[] {
  return [certificate.fingerprint, certificate.publicKeyFingerprint].flatMap((set) => Object.values(set));
}

/** A host's files, with nothing in its maps but the lines that differ. */
function withLines(
  { name, maps, tables }: HostView,
  { rendered }: Pick<Evidence, 'rendered'>,
  lines: ReadonlySet<string>,
) {
  const paths = new Set([...maps, ...tables].map(({ file }) => hostPath(name, file)));
  return (to: string) => (paths.has(to) ? onlyLines(rendered(to), lines) : rendered(to));
}

/** The host as it is without the fragment, and with it; `merged` is what the latter was read from. */
export function benches(view: HostView, { inventory, base, rendered }: Omit<Evidence, 'before' | 'ledger' | 'plan'>) {
  const bare = mainCfBefore(view, base, inventory);
  const shared = { version: view.postfix, ...pick(base) };
  const before: Configuration = { ...shared, mainCf: bare, tables: base.tables ?? {} };
  const baseBench = bench(before);
  const maps = knownTables(view).map(({ name, file }) => [name, rendered(hostPath(view.name, file))]);
  const fragment = hostPath(view.name, 'main.cf');
  const merged: Configuration = {
    ...{ ...shared, ...withOwnService(view, before, rendered) },
    mainCf: [...bare, { name: fragment, text: fragmentText(view, rendered(fragment), baseBench) }],
    tables: { ...base.tables, ...Object.fromEntries(maps) },
  };
  return { before, baseBench, merged, mergedBench: bench(merged) };
}

/** The tables whose content certrelay knows, by the names under which the simulator is given it, and the files that say it. */
export function knownTables(view: Pick<HostView, 'maps' | 'tables'>) {
  return [
    ...view.maps.map(({ path, file }) => ({ name: path, file })),
    // What proxymap(8) asks for, which has no file of its own.
    ...view.tables.map(({ type, path, file }) => ({ name: `${type.replace(/^proxy:/, '')}:${path}`, file })),
  ];
}

function pick({ masterCf, service }: Base) {
  return { ...(masterCf === undefined ? {} : { masterCf }), ...(service === undefined ? {} : { service }) };
}

/**
 * The base, with what is known of the host beside it: its name, and that it has a certificate where it keeps one of
 * its own (which files those are, an incomplete main.cf need not say).
 */
function mainCfBefore(view: HostView, base: Base, { settings }: Inventory): readonly Part[] {
  const sets = (name: string) => new RegExp(`^${name}[ \\t]*=`, 'm').test(base.mainCf);
  const named = sets('myhostname') ? '' : `myhostname = ${view.name}\n`;
  const certified = ['smtpd_tls_chain_files', 'smtpd_tls_cert_file', 'smtpd_tls_eccert_file'].some(sets);
  const kept = settings.serverCert === 'internal' || certified ? '' : 'smtpd_tls_cert_file = /etc/postfix/kept.pem\n';
  return [
    { name: base.name, text: base.mainCf },
    { name: 'what is known of the host', text: `${named}${kept}` },
  ];
}

/**
 * The fragment as install.sh sets it: a value that the host has of its own stays where it is to stay. Lines keep their
 * numbers.
 */
function fragmentText(view: HostView, text: string, { config }: Bench): string {
  const kept = new Set(
    view.parameters.filter(({ name, unlessSet }) => unlessSet && config.isSet(name)).map(({ name }) => name),
  );
  return text
    .split('\n')
    .map((line) => (kept.has(/^[^ =]+/.exec(line)?.[0] ?? '') ? '#' : line))
    .join('\n');
}

/** Where no master.cf is known, a server has at least this. */
const usualServices = 'smtp inet n - n - - smtpd\n';

/** What a configuration has with the rendered entries in its master.cf; the service of their own is what clients come to. */
function withOwnService(
  view: HostView,
  before: Configuration,
  rendered: (to: string) => string,
): Pick<Configuration, 'masterCf' | 'service'> {
  if (!view.hasOwnService) return {};
  const present = before.masterCf ?? usualServices;
  const entries = rendered(hostPath(view.name, 'master.cf'));
  return { masterCf: `${present.replace(/\n*$/, '\n')}${entries}`, service: view.relayPort };
}

/** The services that clients do not come to, as the host has them and as it will; none where it has no service of its own. */
function servicesBeside(
  view: HostView,
  before: Configuration,
  after: Configuration,
  made: { readonly baseBench: Bench },
): readonly OtherService[] {
  if (!view.hasOwnService) return [];
  if (before.masterCf === undefined) {
    return [{ name: 'smtp', before: made.baseBench, after: bench({ ...after, service: 'smtp' }) }];
  }
  const version = parseVersion(view.postfix);
  if ('code' in version) return [];
  const names = smtpServices(readMasterCf(before.masterCf, 'master.cf', version)).map(({ name }) => name);
  return [...new Set(names)]
    .filter((name) => portOf(name) !== view.relayPort)
    .map((name) => ({ name, before: bench({ ...before, service: name }), after: bench({ ...after, service: name }) }));
}
