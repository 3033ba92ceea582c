import type { ConfigSources, Table } from './config.ts';
import type { Settings } from './settings.ts';
import { closedGroup } from './tables/braced-list.ts';
import { openTable } from './tables/index.ts';
import { notGivenTable, opaqueTable } from './tables/opaque.ts';
import { surrogate } from './tables/surrogate.ts';
import type { TableHost } from './tables/table-type.ts';
import { notProxied } from './tables/types/proxy.ts';
import { tokens } from './tokens.ts';

/** The tables of one configuration, each opened once. */
export class TableCache {
  private readonly settings: Settings;
  private readonly files: Readonly<Record<string, string>>;
  private readonly others: (path: string) => string | undefined;
  private readonly absentIsOpen: boolean;
  private readonly opened = new Map<string, Table>();
  private readonly openedAsWritten = new Map<string, Table>();
  private host: TableHost | undefined;

  constructor(
    settings: Settings,
    {
      tables = {},
      otherTables = () => undefined,
      absentTables,
    }: Pick<ConfigSources, 'tables' | 'otherTables' | 'absentTables'>,
  ) {
    this.settings = settings;
    this.files = tables;
    this.others = otherTables;
    this.absentIsOpen = absentTables === 'open';
  }

  read(path: string): string | undefined {
    return Object.hasOwn(this.files, path) ? this.files[path] : this.others(path);
  }

  /** Every open table, those of match lists included. */
  all(): readonly Table[] {
    return [...this.opened.values(), ...this.openedAsWritten.values()];
  }

  table(spec: string): Table {
    const before = this.opened.get(spec);
    if (before !== undefined) return before;
    this.host ??= this.hostOfTables();
    const table = this.insisted(spec, openTable(spec, this.host));
    this.opened.set(spec, table);
    return table;
  }

  /**
   * A table in a match list. A match list folds the key of its lookup, but its tables are read as they are: in a table that
   * postmap(1) has not compiled, a key with an upper-case letter is never found.
   */
  inList(spec: string): Table {
    if (!/(?:texthash|inline):/.test(spec)) return this.table(spec);
    const before = this.openedAsWritten.get(spec);
    if (before !== undefined) return before;
    this.host ??= this.hostOfTables();
    const host: TableHost = { ...this.host, keysAsWritten: true, open: (member) => this.inList(member) };
    const table = this.insisted(spec, openTable(spec, host));
    this.openedAsWritten.set(spec, table);
    return table;
  }

  /** The table in place of a match list's file that was not given; undefined where such a file counts as missing. */
  fileNotGiven(path: string): Table | undefined {
    if (!this.absentIsOpen) return undefined;
    const table = this.opened.get(path) ?? notGivenTable(path, false);
    this.opened.set(path, table);
    return table;
  }

  /** With daemon_table_open_error_is_fatal, a program that cannot open a table dies. */
  private insisted(spec: string, table: Table): Table {
    const message = table.warnings.find(({ code }) => code === 'table-unavailable')?.message;
    if (message === undefined) return table;
    // A table that proxymap may not open is the server's own failure, and the server's overrides count.
    const proxied = /^(?:debug:)*proxy:/.test(spec) && !message.includes(notProxied);
    const settings = proxied ? this.settings.withoutOverrides() : this.settings;
    const { fatal: _, ...mild } = table;
    if (settings.text('daemon_table_open_error_is_fatal').toLowerCase() !== 'yes') return proxied ? mild : table;
    return { ...mild, fatal: message.replace(/^error: /, ''), ...(proxied ? { reader: 'proxymap' } : {}) };
  }

  private hostOfTables(): TableHost {
    const { settings } = this;
    const list = (name: string) => new Set(tokens(settings.text(name), settings.version));
    const aliases = new Set([...list('alias_maps'), ...list('alias_database')]);
    const unasked = (spec: string) => settings.set('alias_maps') === undefined && list('alias_maps').has(spec);
    let proxied: ReadonlySet<string> | undefined;
    return {
      version: settings.version,
      unicode: settings.text('smtputf8_enable').toLowerCase() === 'yes',
      read: (path) => this.read(path),
      content: (spec) => (Object.hasOwn(this.files, spec) ? this.files[spec] : undefined),
      open: (spec) => this.table(spec),
      openAsWritten: (spec) => this.inList(spec),
      unasked,
      absent: (spec, fixed, reason) => {
        if (unasked(spec))
          return opaqueTable(spec, `the source of ${spec}, which a default names, was not given`, fixed);
        return this.absentIsOpen ? notGivenTable(spec, fixed) : surrogate(spec, reason);
      },
      isAliasTable: (spec) => aliases.has(spec),
      proxied: (spec) => {
        proxied ??= new Set(proxiedTables(settings.withoutOverrides()));
        return proxied.has(spec);
      },
    };
  }
}

/**
 * The tables proxymap(8) may open: words of proxy_read_maps with `proxy:` before them, without it; those inside `{ }` and
 * those that unionmap and pipemap are made of too.
 */
function proxiedTables(settings: Settings): readonly string[] {
  const proxied: string[] = [];
  const collect = (text: string): void => {
    for (const word of tokens(text, settings.version)) {
      const group = closedGroup(word.replace(/^(?:unionmap|pipemap):(?=\{)/, ''));
      if (word.startsWith('proxy:')) proxied.push(word.replace(/^(?:proxy:)+/, ''));
      else if (typeof group === 'string') collect(group);
    }
  };
  collect(settings.text('proxy_read_maps'));
  return proxied;
}
