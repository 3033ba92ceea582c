/** A lookup table that a configuration names in its text: its type, and the path of its source. */
export interface NamedTable {
  readonly type: string;
  readonly path: string;
}

const named =
  /(?:^|[\s,={(:])((?:hash|btree|dbm|sdbm|cdb|lmdb|texthash|cidr|pcre|regexp|\$default_database_type)):([^\s,{}()"']+)/g;

/** Every table with a source file that a configuration names, once; `$name` is filled in where `value` knows it. */
export function namedTables(text: string, value: (name: string) => string): readonly NamedTable[] {
  const found = new Map<string, NamedTable>();
  const own = text
    .split('\n')
    .filter((line) => !line.startsWith('#'))
    .join('\n');
  for (const [, type = '', written = ''] of own.matchAll(named)) {
    const path = written.replace(/\$(?:\{(\w+)\}|\((\w+)\)|(\w+))/g, (whole, ...names: unknown[]) => {
      const name = names.slice(0, 3).find((each) => typeof each === 'string');
      return typeof name === 'string' ? value(name) || whole : whole;
    });
    if (path.startsWith('/') || !path.includes('$')) found.set(`${type}:${path}`, { type, path });
  }
  return [...found.values()];
}

/** Whether a table's source lists fingerprints, as relay_clientcerts does. */
export function listsFingerprints(text: string): boolean {
  const entries = text.split('\n').filter((line) => /^[^\s#]/.test(line));
  const keys = entries.filter((line) => /^[0-9A-Fa-f]{2}(?::?[0-9A-Fa-f]{2}){15,}(?:\s|$)/.test(line));
  return entries.length > 0 && keys.length * 2 > entries.length;
}

/** What follows the last slash. */
export function baseName(path: string): string {
  return path.slice(path.lastIndexOf('/') + 1);
}
