import type { PostfixConfig, Table } from './config.ts';

/**
 * A table with some of its fields replaced. Every other field is the table's own, one that somebody adds to `Table` later
 * included, and what it works out when first read (`entries`) is still worked out only then.
 */
export function alteredTable(table: Table, changes: Partial<Table>): Table {
  const fields = { ...Object.getOwnPropertyDescriptors(table), ...Object.getOwnPropertyDescriptors(changes) };
  return Object.create(Object.getPrototypeOf(table), fields);
}

/** The members of a configuration that answer differently; `config` is the one that is altered. */
export type Alteration = (config: PostfixConfig) => Partial<PostfixConfig>;

/**
 * A configuration with some of its members replaced; trivial-rewrite(8) reads the files with the same changes. Every other
 * member answers as that of `config` does, and knows nothing of the changes.
 */
export function alteredConfig(config: PostfixConfig, alteration: Alteration): PostfixConfig {
  const changes: Partial<PostfixConfig> = alteration(config);
  const bound = new Map<PropertyKey, unknown>();
  const altered: PostfixConfig = new Proxy(config, {
    get(target, name) {
      if (Object.hasOwn(changes, name)) return Reflect.get(changes, name);
      if (bound.has(name)) return bound.get(name);
      if (name === 'rewriting')
        return target.rewriting === target ? altered : alteredConfig(target.rewriting, alteration);
      const value: unknown = Reflect.get(target, name);
      if (typeof value !== 'function') return value;
      bound.set(name, value.bind(target));
      return bound.get(name);
    },
  });
  return altered;
}

/** A configuration whose tables are replaced as they are opened; those of match lists are not. */
export function withTables(config: PostfixConfig, replace: (table: Table) => Table): PostfixConfig {
  return alteredConfig(config, (given) => ({
    table: (spec) => replace(given.table(spec)),
    tables: (name) => given.tables(name).map(replace),
  }));
}
