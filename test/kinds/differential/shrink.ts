import type { Case, Configuration, ScenarioSession, ScenarioWorld } from './scenario.ts';

const attempts = 150;

/** The smallest case found that still disagrees: parts are left out one after the other as long as it does. */
export async function shrink(start: Case, disagrees: (smaller: Case) => Promise<boolean>): Promise<Case> {
  let smallest = start;
  let tried = 0;
  for (let progress = true; progress; ) {
    progress = false;
    for (const smaller of smallerCases(smallest)) {
      if (++tried > attempts) return smallest;
      if (!(await disagrees(smaller))) continue;
      smallest = smaller;
      progress = true;
      break;
    }
  }
  return smallest;
}

function* smallerCases(each: Case): Generator<Case> {
  for (const configuration of smallerConfigurations(each.configuration)) yield { ...each, configuration };
  for (const session of smallerSessions(each.session)) yield { ...each, session };
  for (const world of smallerWorlds(each.world)) yield { ...each, world };
}

function* smallerWorlds(world: ScenarioWorld): Generator<ScenarioWorld> {
  if (Object.keys(world.dns).length > 0) yield { ...world, dns: {} };
  for (const key of Object.keys(world.dns)) yield { ...world, dns: without(world.dns, key) };
  const { policy, verify, ...rest } = world;
  if (policy !== undefined) yield { ...rest, ...(verify === undefined ? {} : { verify }) };
  if (verify !== undefined) yield { ...rest, ...(policy === undefined ? {} : { policy }) };
  for (const key of Object.keys(policy ?? {})) yield { ...world, policy: without(policy ?? {}, key) };
  for (const key of Object.keys(verify ?? {})) yield { ...world, verify: without(verify ?? {}, key) };
}

/** What the harness itself needs, and what the rest stands on. */
const kept = new Set([
  'myhostname',
  'inet_interfaces',
  'smtpd_client_connection_count_limit',
  'smtpd_client_connection_rate_limit',
  'smtpd_sasl_type',
  'smtpd_sasl_path',
  'smtpd_error_sleep_time',
  'address_verify_poll_count',
]);

function* smallerConfigurations(configuration: Configuration): Generator<Configuration> {
  const { parameters, overrides, tables } = configuration;
  // Halves first: most of what a scenario holds has nothing to do with it.
  const free = parameters.filter(([name]) => !kept.has(name));
  for (let size = Math.ceil(free.length / 2); size >= 1; size = size === 1 ? 0 : Math.ceil(size / 2)) {
    for (let at = 0; at < free.length; at += size) {
      const out = new Set(free.slice(at, at + size));
      yield { ...configuration, parameters: parameters.filter((each) => !out.has(each)) };
    }
  }
  for (const [i] of overrides.entries()) yield { ...configuration, overrides: overrides.filter((_, j) => j !== i) };
  for (const path of Object.keys(tables)) {
    yield { ...configuration, tables: without(tables, path) };
    const lines = (tables[path] ?? '').split('\n').filter(Boolean);
    if (lines.length > 1)
      for (const [i] of lines.entries())
        yield {
          ...configuration,
          tables: {
            ...tables,
            [path]: lines
              .filter((_, j) => j !== i)
              .map((line) => `${line}\n`)
              .join(''),
          },
        };
  }
  for (const [i, [name, value]] of parameters.entries()) {
    if (kept.has(name)) continue;
    for (const shorter of shorterValues(value))
      yield {
        ...configuration,
        parameters: parameters.map((each, j) => (j === i ? ([name, shorter] as const) : each)),
      };
  }
}

function* shorterValues(value: string): Generator<string> {
  const words = value.split(/[\s,]+/).filter(Boolean);
  if (words.length < 2) return;
  for (const [i] of words.entries()) yield words.filter((_, j) => j !== i).join(' ');
}

function* smallerSessions(session: ScenarioSession): Generator<ScenarioSession> {
  for (const name of ['etrn', 'vrfy', 'early'] as const) {
    const { [name]: given, ...rest } = session;
    if (given !== undefined) yield rest;
  }
  if (session.mailFrom !== undefined && (session.etrn !== undefined || session.vrfy !== undefined)) {
    const { mailFrom: _, ...rest } = session;
    yield { ...rest, rcptTo: [], data: false };
  }
  if (session.data) yield { ...session, data: false };
  if (session.sasl !== null) yield { ...session, sasl: null };
  if (session.tls !== null) yield { ...session, tls: null };
  if (session.tls !== null && session.tls.certificate !== null)
    yield { ...session, tls: { ...session.tls, certificate: null } };
  if (session.rcptTo.length > 1)
    for (const [i] of session.rcptTo.entries()) yield { ...session, rcptTo: session.rcptTo.filter((_, j) => j !== i) };
  const plain = { address: '192.0.2.1', name: 'unknown', reverseName: 'unknown' };
  if (session.client.address !== plain.address || session.client.reverseName !== 'unknown')
    yield { ...session, client: plain };
}

function without<T>(record: Readonly<Record<string, T>>, key: string): Readonly<Record<string, T>> {
  return Object.fromEntries(Object.entries(record).filter(([each]) => each !== key));
}
