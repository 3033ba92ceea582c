import { type CertificateState, isLive, type LedgerState } from '../../inventory/ledger-state.ts';
import { isBefore } from '../../inventory/postfix-version.ts';
import type { Inventory } from '../../inventory/types.ts';
import { stockMainCf } from '../../postfix/presets.ts';
import type { RenderPlan } from '../../render/plan.ts';
import type { HostView } from '../../render/view.ts';
import type { ServerVerification } from '../../report/verification.ts';
import type { Identity, Situation } from '../../verify/expectations.ts';
import { type Bench, bench, type Configuration } from '../../verify/judge.ts';
import { foreignAddresses, sessionOf } from '../../verify/sessions.ts';
import { verify } from '../../verify/verify.ts';

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
export function baseOf({ settings }: Inventory): Base {
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

/** Judges every server of a plan, before anything of it is written. */
export function verifyPlan(
  inventory: Inventory,
  ledger: LedgerState,
  plan: RenderPlan,
  base: Base,
): readonly ServerVerification[] {
  const identities = clientIdentities(inventory, ledger);
  return inventory.servers.flatMap(({ name }) => {
    const view = plan.hosts.get(name);
    return view === undefined ? [] : [verifyServer(view, inventory, plan, base, identities)];
  });
}

interface Identities {
  readonly admitted: readonly Identity[];
  readonly excluded: readonly Identity[];
  readonly issuer: string;
}

function verifyServer(
  view: HostView,
  inventory: Inventory,
  plan: RenderPlan,
  base: Base,
  identities: Identities,
): ServerVerification {
  const before = mainCfBefore(view, base, inventory);
  const shared = { version: view.postfix, mainCfName: base.name, ...pick(base) };
  const baseBench = bench({ ...shared, mainCf: before, tables: base.tables ?? {} });
  const merged: Configuration = {
    ...shared,
    mainCf: `${before}${fragmentText(view, baseBench)}`,
    tables: { ...base.tables, ...renderedTables(view, plan) },
  };
  const mergedBench = bench(merged);
  const situation: Situation = {
    ...identities,
    foreignAddress: foreignAddress(baseBench),
    localRecipient: `postmaster@${view.name}`,
    saslInUse: baseBench.config.boolean('smtpd_sasl_auth_enable') && inventory.settings.permitSasl,
  };
  const rows = verify(situation, mergedBench.judge, baseBench.judge);
  return { server: view.name, base: base.name, postfix: view.postfix, assumptions: assumptions(mergedBench), rows };
}

function pick({ masterCf, service }: Base) {
  return { ...(masterCf === undefined ? {} : { masterCf }), ...(service === undefined ? {} : { service }) };
}

/**
 * The base as text to which the fragment is added. The host's name is known here, so it need not be assumed; networks
 * that were asked for on the command line are meant to change what local networks may do, so they count before too.
 */
function mainCfBefore(view: HostView, base: Base, { settings }: Inventory): string {
  const named = /^myhostname[ \t]*=/m.test(base.mainCf) ? '' : `myhostname = ${view.name}\n`;
  const networks = settings.mynetworks === undefined ? '' : `mynetworks = ${settings.mynetworks}\n`;
  return `${named}${base.mainCf.replace(/\n*$/, '\n')}${networks}`;
}

/** The fragment's parameters as `postconf -e` would set them: a value that the host has stays where it is to stay. */
function fragmentText(view: HostView, { config }: Bench): string {
  return view.parameters
    .filter(({ name, unlessSet }) => !(unlessSet && config.isSet(name)))
    .map(({ name, value }) => `${name} = ${value}\n`)
    .join('');
}

function renderedTables(view: HostView, plan: RenderPlan): Record<string, string> {
  const contents = new Map(plan.outputs.map(({ to, content }) => [to, content]));
  return Object.fromEntries(
    view.maps.map(({ path, file }) => [path, contents.get(`hosts/${view.name}/${file}`) ?? '']),
  );
}

/** The first documentation address to which the base gives nothing; a base that serves them all is an open relay anyway. */
function foreignAddress({ judge }: Bench): string {
  const refused = foreignAddresses.find((address) => judge(sessionOf({ address })).verdict !== 'permit');
  return refused ?? foreignAddresses[0];
}

function assumptions({ presumedEmpty, friendly, config }: Bench): readonly string[] {
  return [
    ...[...presumedEmpty].map((path) => `that ${path}, which was not given, has no entry that matters`),
    ...(friendly() ? ['that no DNS list has the client and the domains of the session exist'] : []),
    ...config.assumptions.map(({ message }) => message),
  ];
}

function clientIdentities(inventory: Inventory, ledger: LedgerState): Identities {
  const authority = ledger.authorities.findLast(isLive);
  const issuer = authority?.holder ?? inventory.authority.name;
  const all = inventory.clients.flatMap(({ name }) => ledger.of(name, 'client'));
  return {
    issuer,
    admitted: all.filter((one) => one.admitted !== undefined && isLive(one)).map((one) => identity(one, issuer)),
    excluded: ledger.certificates
      .filter(({ role }) => role === 'client')
      .filter((one) => !isLive(one))
      .map((one) => identity(one, issuer)),
  };
}

function identity({ holder, serial, fingerprint, publicKeyFingerprint }: CertificateState, issuer: string): Identity {
  return {
    client: holder,
    serial,
    certificate: { trusted: true, subject: holder, issuer, fingerprint, publicKeyFingerprint },
  };
}
