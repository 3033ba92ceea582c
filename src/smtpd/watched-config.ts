import type { AskedProgramName, MatchList, Origin, PostfixConfig, Table } from '../postfix/config.ts';

type Hear = (key: string, found: ReturnType<Table['find']>) => void;

/** A table whose lookups are heard. */
export class WatchedTable implements Table {
  readonly spec: string;
  readonly fixed: boolean;
  readonly entries?: Exclude<Table['entries'], undefined>;
  readonly opaque?: string;
  readonly warnings: Table['warnings'];
  private readonly table: Table;
  private readonly hear: Hear;

  constructor(table: Table, hear: Hear) {
    this.table = table;
    this.hear = hear;
    this.spec = table.spec;
    this.fixed = table.fixed;
    this.warnings = table.warnings;
    if (table.entries !== undefined) this.entries = table.entries;
    if (table.opaque !== undefined) this.opaque = table.opaque;
  }

  find(key: string): ReturnType<Table['find']> {
    const found = this.table.find(key);
    this.hear(key, found);
    return found;
  }
}

/** A configuration whose tables are wrapped as they are opened. */
export class WatchedConfig implements PostfixConfig {
  private readonly config: PostfixConfig;
  private readonly wrap: (table: Table) => Table;

  constructor(config: PostfixConfig, wrap: (table: Table) => Table) {
    this.config = config;
    this.wrap = wrap;
  }

  get version() {
    return this.config.version;
  }
  get rewriting(): PostfixConfig {
    const { rewriting } = this.config;
    return rewriting === this.config ? this : new WatchedConfig(rewriting, this.wrap);
  }
  askedFatal(program: AskedProgramName): string | undefined {
    return this.config.askedFatal(program);
  }
  get compatibilityLevel() {
    return this.config.compatibilityLevel;
  }
  get warnings() {
    return this.config.warnings;
  }
  get assumptions() {
    return this.config.assumptions;
  }
  get fatal() {
    return this.config.fatal;
  }
  get(name: string): string {
    return this.config.get(name);
  }
  raw(name: string): string {
    return this.config.raw(name);
  }
  isSet(name: string): boolean {
    return this.config.isSet(name);
  }
  origin(name: string): Origin {
    return this.config.origin(name);
  }
  boolean(name: string): boolean {
    return this.config.boolean(name);
  }
  integer(name: string): number {
    return this.config.integer(name);
  }
  matchList(name: string): MatchList {
    return this.config.matchList(name);
  }
  table(spec: string): Table {
    return this.wrap(this.config.table(spec));
  }
  tables(name: string): readonly Table[] {
    return this.config.tables(name).map(this.wrap);
  }
}
