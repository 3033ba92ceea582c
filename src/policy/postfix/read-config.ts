import { CertrelayError, type Problem, type Span, usage } from '../../lib/problem.ts';
import { type AskedProgram, cleanup, trivialRewrite } from './asked-programs.ts';
import { type CompatibilityLevel, levelOf } from './compatibility-level.ts';
import type { AskedProgramName, ConfigSources, Origin, PostfixConfig, Table } from './config.ts';
import { type MainCf, mainCfFromPairs, readMainCf } from './main-cf.ts';
import { readMasterCf, type Service } from './master-cf.ts';
import { PatternList } from './matching/patterns.ts';
import type { Parameter } from './parameters.ts';
import { findService, runs, smtpServices } from './service.ts';
import { Settings } from './settings.ts';
import { type LoadFailure, loadFailure } from './start-up.ts';
import { TableCache } from './table-cache.ts';
import { tokens } from './tokens.ts';
import { readBoolean, readLong, readTime } from './typed-values.ts';
import { parseVersion, type Version } from './version.ts';

/**
 * Reads what the files say, for one release and one service. What Postfix itself would die of is `fatal` of the
 * result; what cannot be a configuration at all (an unknown release, no such service) throws a usage error.
 */
export function readConfig(sources: ConfigSources): PostfixConfig {
  const version = parseVersion(sources.version);
  if ('code' in version) throw new CertrelayError('usage', version);
  const file = sources.mainCfName ?? 'main.cf';
  const mainCf =
    typeof sources.mainCf === 'string'
      ? readMainCf(sources.mainCf, file, version)
      : mainCfFromPairs(sources.mainCf, file);
  const warnings = [...mainCf.warnings];
  const services = readServices(sources, version, warnings);
  return new Config(version, mainCf, services?.server, services?.all ?? [], sources, warnings);
}

/** The line of the server, and all lines. */
function readServices(
  sources: ConfigSources,
  version: Version,
  warnings: Problem[],
): { readonly server: Service; readonly all: readonly Service[] } | undefined {
  if (sources.masterCf === undefined || sources.masterCf === null) return undefined;
  const file = sources.masterCfName ?? 'master.cf';
  const master = readMasterCf(sources.masterCf, file, version);
  if (master.fatal !== undefined) throw new CertrelayError('usage', master.fatal);
  warnings.push(...master.warnings);
  const wanted = sources.service ?? 'smtp';
  const service = findService(master, wanted);
  if (service === undefined) {
    const names = smtpServices(master).map((each) => each.name);
    const hint = names.length === 0 ? 'it has no service that runs smtpd' : `it runs smtpd for ${names.join(', ')}`;
    throw usage('service-unknown', `"${wanted}" is not an SMTP server in ${file}`, hint);
  }
  return { server: service, all: master.services };
}

class Config implements PostfixConfig {
  readonly version: Version;
  readonly warnings: readonly Problem[];
  readonly assumptions: readonly Problem[];
  readonly fatalWhere: Span | undefined;
  readonly compatibilityLevel: CompatibilityLevel;
  private readonly unloadable: string | undefined;
  private dead: { readonly line: string | undefined } | undefined;
  private readonly settings: Settings;
  private readonly tableCache: TableCache;
  private readonly lists = new Map<string, PatternList>();
  private readonly mainCf: MainCf;
  private readonly services: readonly Service[];
  private readonly sources: Pick<ConfigSources, 'tables' | 'otherTables' | 'absentTables'>;
  private rewriter: Config | undefined;

  constructor(
    version: Version,
    mainCf: MainCf,
    service: Service | undefined,
    services: readonly Service[],
    sources: Pick<ConfigSources, 'tables' | 'otherTables' | 'absentTables'>,
    warnings: readonly Problem[],
  ) {
    this.version = version;
    this.mainCf = mainCf;
    this.services = services;
    this.sources = sources;
    this.settings = new Settings(version, mainCf, service);
    this.tableCache = new TableCache(this.settings, sources);
    this.assumptions = this.settings.assumptions();
    const level = levelOf(this.get('compatibility_level'), version);
    this.compatibilityLevel = 'fatal' in level ? [0, 0, 0] : level;
    const failure = loadFailure(this.settings);
    this.unloadable = mainCf.fatal?.message ?? service?.fatal ?? failure?.fatal;
    this.fatalWhere = mainCf.fatal?.where ?? (service?.fatal === undefined ? placeOf(this, failure) : service.where);
    this.warnings = [...warnings, ...((mainCf.fatal ?? service?.fatal) ? [] : logged(failure))];
  }

  /** Found on first use, since it opens the tables of match lists. */
  get fatal(): string | undefined {
    this.dead ??= { line: this.unloadable ?? listFailure((name) => this.matchList(name)) };
    return this.dead.line;
  }

  get rewriting(): PostfixConfig {
    return this.asRewriter();
  }

  askedFatal(program: AskedProgramName): string | undefined {
    if (program === 'everyone') {
      const shared = this.settings.withoutOverrides();
      return shared === this.settings ? undefined : loadFailure(shared, globals(shared))?.fatal;
    }
    if (program === 'cleanup') return this.asReadBy(cleanup).failureOf(cleanup);
    return this.asRewriter().failureOf(trivialRewrite);
  }

  private asRewriter(): Config {
    this.rewriter ??= this.asReadBy(trivialRewrite);
    return this.rewriter;
  }

  /** The same files for a program of its own line in master.cf. */
  private asReadBy({ program, service }: AskedProgram): Config {
    const name = this.get(service);
    const line = this.services.findLast((each) => each.name === name && runs(each, program));
    const overrides = line !== undefined && line.overrides.length > 0 ? line : undefined;
    if (overrides === undefined && this.settings.withoutOverrides() === this.settings) return this;
    return new Config(this.version, this.mainCf, overrides, [], this.sources, []);
  }

  private failureOf({ loads, lists, maps, otherMaps }: AskedProgram): string | undefined {
    const wordsOf = (name: string) => (this.settings.known.has(name) ? tokens(this.get(name), this.version) : []);
    const unnamed = otherMaps.flatMap(wordsOf).find((word) => !/^[^:]+:./.test(word));
    const own = [...loads].flatMap((name) => this.settings.known.get(name) ?? []).filter(({ global }) => !global);
    return (
      loadFailure(this.settings, [...globals(this.settings), ...own])?.fatal ??
      listFailure((name) => this.matchList(name), lists) ??
      maps.flatMap((name) => this.tables(name)).find(({ fatal }) => fatal !== undefined)?.fatal ??
      (unnamed === undefined ? undefined : this.table(unnamed).fatal)
    );
  }

  get(name: string): string {
    return this.settings.text(name);
  }

  raw(name: string): string {
    return this.settings.raw(name);
  }

  isSet(name: string): boolean {
    return this.settings.set(name) !== undefined;
  }

  origin(name: string): Origin {
    return this.settings.origin(name);
  }

  boolean(name: string): boolean {
    const typed = readBoolean(name, this.get(name));
    return 'value' in typed && typed.value;
  }

  integer(name: string): number {
    const parameter = this.settings.known.get(name);
    const text = this.get(name);
    const typed = parameter?.kind === 'time' ? readTime(name, text, parameter.fallback ?? '') : readLong(name, text);
    return 'value' in typed ? typed.value : 0;
  }

  matchList(name: string): PatternList {
    const before = this.lists.get(name);
    if (before !== undefined) return before;
    const parents = tokens(this.get('parent_domain_matches_subdomains'), this.version);
    const list = new PatternList(
      name,
      this.get(name),
      {
        version: this.version,
        read: (path) => this.tableCache.read(path) ?? this.tableCache.fileNotGiven(path),
        open: (spec) => this.tableCache.inList(spec),
        parentsMatch: parents.includes(name),
      },
      name === 'mynetworks' && this.settings.networksUnknown() ? interfaceNetworks : undefined,
    );
    this.lists.set(name, list);
    return list;
  }

  table(spec: string): Table {
    return this.tableCache.table(spec);
  }

  openTables(): readonly Table[] {
    return this.tableCache.all();
  }

  tables(name: string): readonly Table[] {
    return tokens(this.get(name), this.version).map((spec) => this.table(spec));
  }
}

/** The parameters of every program. */
function globals({ known }: Settings): readonly Parameter[] {
  return [...known.values()].filter(({ global }) => global);
}

/** Where the parameter is set that the server dies of. */
function placeOf(config: Config, failure: LoadFailure | undefined): Span | undefined {
  const origin = failure === undefined ? undefined : config.origin(failure.parameter);
  return origin === undefined || origin.kind === 'default' ? undefined : origin.where;
}

/** What the server logs before it dies. */
function logged(failure: LoadFailure | undefined): readonly Problem[] {
  return (failure?.warnings ?? []).map((warning) => ({ code: 'parameter', message: `warning: ${warning}` }));
}

/** Stands in mynetworks for the networks of the host's interfaces; whether an address lies in them is a question. */
const interfaceNetworks: Table = {
  spec: "networks of the host's interfaces",
  fixed: false,
  find: () => undefined,
  opaque: "mynetworks is not set, and the networks of the host's interfaces are not known",
  warnings: [],
};

/** Match lists smtpd(8) makes while it starts, in its order. */
const matchLists = [
  'smtpd_client_event_limit_exceptions',
  'mynetworks',
  'permit_mx_backup_networks',
  'mydestination',
  'relay_domains',
  'fast_flush_domains',
] as const;

/**
 * The line with which a program dies while it makes its match lists, if it does; smtpd(8), where `names` says nothing else. Tables of map parameters and of
 * restriction lists carry their own `fatal`; which of them the server opens when it starts is the server's affair.
 */
function listFailure(list: (name: string) => PatternList, names: readonly string[] = matchLists): string | undefined {
  for (const name of names) {
    const { fatal } = list(name);
    if (fatal !== undefined) return fatal;
  }
  return undefined;
}
