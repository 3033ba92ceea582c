import { resolve } from 'node:path';
import { readText } from '../../lib/files/read.ts';
import { CertrelayError, type Problem, usage } from '../../lib/problem.ts';
import type { ConfigSources, PostfixConfig } from '../../policy/postfix/config.ts';
import { readMainCf } from '../../policy/postfix/main-cf.ts';
import { type MasterCf, readMasterCf } from '../../policy/postfix/master-cf.ts';
import { readConfig } from '../../policy/postfix/read-config.ts';
import { findService, smtpServices } from '../../policy/postfix/service.ts';
import { credentialPaths, credentialsAt, readCertificates, readKey } from './credentials.ts';
import type {
  CertificateEvidence,
  ClientEvidence,
  ConfigurationEvidence,
  KeyEvidence,
  Release,
  ServerEvidence,
  ServiceEvidence,
} from './evidence.ts';
import type { GivenFiles, GivenText } from './given-files.ts';
import { readListing } from './read-listing.ts';
import { namedTables } from './read-tables.ts';
import { beside, refuseUnmatched, tablesOf } from './tables.ts';

/** What both sides are read with. */
export interface ReadContext {
  readonly given: GivenFiles;
  readonly cwd: string;
  /** Tables and certificates lie where the configuration says. */
  readonly live: boolean;
  /** The service that was asked for. */
  readonly service?: string;
  /** Grows while files are read. */
  readonly problems: Problem[];
}

/** Reads the server's side, every SMTP service of it. Throws a CertrelayError. */
export function readServerSide(source: GivenText, release: Release, context: ReadContext): ServerEvidence {
  const { given, service } = context;
  const base = sourcesOf(source, release, context);
  const master = given.master;
  const parsed = master === undefined ? undefined : readMasterCf(master.text, master.name, release.version);
  if (parsed?.fatal !== undefined) throw new CertrelayError('usage', parsed.fatal);
  if (service !== undefined && master === undefined)
    throw usage('service-without-master-cf', '--service needs --master-cf', 'services are defined in master.cf');
  if (master !== undefined && parsed !== undefined && service === undefined) refuseNoServer(master.name, parsed);
  const sources: ConfigSources =
    master === undefined ? base.sources : { ...base.sources, masterCf: master.text, masterCfName: master.name };
  const services = servicesOf(sources, parsed, service);
  const evidence = evidenceOf(source, release, base, services[0].config, 'smtpd', context);
  return {
    ...evidence,
    ...(master === undefined || parsed === undefined
      ? {}
      : { master: { file: master.name, text: master.text, parsed } }),
    services,
  };
}

/** A Postfix without an SMTP server refuses nobody: there is nothing to be explained. */
function refuseNoServer(file: string, { services }: MasterCf): void {
  if (services.some(({ command }) => /(?:^|\/)smtpd$/.test(command))) return;
  const screens = services.some(({ command }) => /(?:^|\/)postscreen$/.test(command));
  const message = screens
    ? `"${file}" runs postscreen, but no smtpd that it could hand clients to`
    : `"${file}" runs no SMTP server: no mail comes in over the network`;
  const hint =
    services.length === 0
      ? 'it holds no service at all; put back the one that came with Postfix, or give main.cf alone with --main-cf'
      : 'add a line that runs smtpd, or give main.cf alone with --main-cf';
  throw usage('no-smtp-server', message, hint);
}

/** The client's side. */
export function readClientSide(source: GivenText, release: Release, context: ReadContext): ClientEvidence {
  const base = sourcesOf(source, release, context);
  const config = readConfig(base.sources);
  return { ...evidenceOf(source, release, base, config, 'smtp', context), config };
}

interface Base {
  readonly sources: ConfigSources;
  readonly text: string;
  readonly tables: ConfigurationEvidence['tables'];
}

function sourcesOf(source: GivenText, release: Release, { given, live, problems }: ReadContext): Base {
  const { text, problems: own } = readListing(source.text, source.name);
  problems.push(...own);
  const main = readMainCf(text, source.name, release.version);
  const value = (name: string) =>
    main.definitions.get(name)?.value ?? (name === 'config_directory' ? '/etc/postfix' : '');
  const named = namedTables(`${text}\n${given.master?.text ?? ''}`, value);
  const tables = tablesOf(given, source, named, live);
  const others = new Map<string, string | undefined>();
  // Match lists name files, too; they are read when somebody asks.
  const otherTables = (path: string): string | undefined => {
    if (!others.has(path)) others.set(path, readOther(source, path, live));
    return others.get(path);
  };
  const byPath = Object.fromEntries(tables.map((table) => [table.path, table.text]));
  return {
    text,
    tables,
    sources: {
      version: release.version.text,
      mainCf: text,
      mainCfName: source.name,
      tables: Object.assign(Object.create(null), byPath),
      otherTables,
    },
  };
}

function readOther(source: GivenText, path: string, live: boolean): string | undefined {
  if (live) return readOrNothing(path);
  const file = beside(source, path);
  return file === undefined ? undefined : readText(file.path);
}

function readOrNothing(path: string): string | undefined {
  try {
    return readText(path);
  } catch {
    return undefined;
  }
}

/** Every SMTP service; the one that was asked for first, else the one on port 25, else as master.cf has them. */
function servicesOf(
  sources: ConfigSources,
  master: MasterCf | undefined,
  wanted: string | undefined,
): ServerEvidence['services'] {
  if (master === undefined) return [{ name: 'smtp', config: readConfig(sources), sources }];
  const evidence = (name: string): ServiceEvidence => {
    const own = { ...sources, service: name };
    const config: PostfixConfig = readConfig(own);
    const service = findService(master, name);
    return { name, ...(service === undefined ? {} : { service }), config, sources: own };
  };
  const names = [...new Set(smtpServices(master).map(({ name }) => name))];
  const first = wanted ?? names.find((name) => findService(master, 'smtp')?.name === name) ?? names[0] ?? 'smtp';
  const chosen = evidence(first);
  const rest = names.filter((name) => name !== first && name !== chosen.service?.name).map(evidence);
  return [chosen, ...rest];
}

function evidenceOf(
  { name }: GivenText,
  release: Release,
  { sources, text, tables }: Base,
  config: PostfixConfig,
  side: 'smtpd' | 'smtp',
  context: ReadContext,
): ConfigurationEvidence {
  const { live } = context;
  const paths = credentialPaths(side, config);
  const found = live ? paths.map(credentialsAt) : [];
  const given = givenCredentials(paths, context);
  return {
    file: name,
    text,
    release,
    mainCf: readMainCf(text, sources.mainCfName ?? name, release.version),
    tables,
    certificates: [...given.certificates, ...found.flatMap(({ certificates }) => certificates)],
    keys: [...given.keys, ...found.flatMap(({ keys }) => keys)],
  };
}

/** Of the certificates and keys that were given, those that this side's configuration names. */
function givenCredentials(
  paths: readonly string[],
  { given, cwd }: ReadContext,
): { readonly certificates: readonly CertificateEvidence[]; readonly keys: readonly KeyEvidence[] } {
  const certificates = given.certificates.map((name) => readCertificates(name, cwd, paths));
  const keys = [...given.keys, ...given.certificates.filter((name) => hasKey(name, cwd))];
  return {
    certificates: certificates.filter(({ path }) => path !== undefined),
    keys: keys.map((name) => readKey(name, cwd, paths)).filter(({ path }) => path !== undefined),
  };
}

/** A chain file holds both. */
function hasKey(name: string, cwd: string): boolean {
  try {
    return /PRIVATE KEY-----/.test(readText(resolve(cwd, name)));
  } catch {
    return false;
  }
}

/** Tables that neither side names. */
export function refuseUnnamedTables(
  { given, problems }: ReadContext,
  sides: readonly (ConfigurationEvidence | undefined)[],
): void {
  const known = sides.filter((side) => side !== undefined);
  const named = known.flatMap(({ text }) => namedTables(text, () => ''));
  refuseUnmatched(
    given,
    known.flatMap(({ tables }) => tables),
    named,
    problems,
  );
}
