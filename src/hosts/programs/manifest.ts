import type { Problem } from '../../lib/problem.ts';

/** One `name = value` of main.cf. */
export interface Setting {
  readonly name: string;
  readonly value: string;
}

/** An entry of master.cf: `name/type`, and the whole line as postconf(1) takes it. */
export interface Entry {
  readonly service: string;
  readonly line: string;
}

export type FileMode = 0o600 | 0o640 | 0o644;

/**
 * What a host's folder is to become on the host. It is read from the folder's install.sh, whose first part is nothing
 * but these facts, so that the script and `certrelay apply` can never mean different things. The script is not run.
 */
export interface Manifest {
  readonly host: string;
  /** Folder on the host, without a slash at its end. */
  readonly installDir: string;
  /** The option of `certrelay init` that names this host's version. */
  readonly versionOption: string;
  readonly versions: { readonly from: string; readonly to: string; readonly text: string };
  /** Names in the folder and on the host; 0600 for what holds a key, 0640 for what Postfix's own user reads as well. */
  readonly files: readonly { readonly name: string; readonly mode: FileMode }[];
  readonly pairs: readonly { readonly certificate: string; readonly key: string }[];
  /** Lookup tables that have to be built; the type may be the text `$default_database_type`. */
  readonly maps: readonly { readonly type: string; readonly path: string; readonly file: string }[];
  /** Lookup tables in a database: `file` says what they are to hold, `password` is a file of the host's own, or empty. */
  readonly tables: readonly {
    readonly type: string;
    readonly path: string;
    readonly file: string;
    readonly password: string;
  }[];
  /** Lists of main.cf that stay as they are, with one element more. */
  readonly elements: readonly { readonly name: string; readonly element: string }[];
  readonly settings: readonly Setting[];
  /** The same, but a value that the host has of its own stays. */
  readonly settingsUnlessSet: readonly Setting[];
  readonly services: readonly Entry[];
  /** The port on which clients reach a server; undefined on a host that is none. */
  readonly relayPort: string | undefined;
  readonly isClient: boolean;
}

const scalars = ['host', 'install_dir', 'version_option', 'made_for', 'version_from', 'version_to'] as const;
const lists = ['files', 'pairs', 'maps', 'settings', 'settings_unless_set', 'services'] as const;
/** What only folders with such a table say. */
const more = ['tables', 'elements_added'] as const;
type Scalar = (typeof scalars)[number];
type List = (typeof lists | typeof more)[number];

const fileModes: Readonly<Record<string, FileMode>> = { '0600': 0o600, '0640': 0o640, '0644': 0o644 };

const begin = '# --- what belongs to this host';

/** Reads the facts of an install.sh. What is not understood to the last line is a problem, for it might matter. */
export function readManifest(script: string): Manifest | Problem {
  const start = script.indexOf(`\n${begin}`);
  const end = script.indexOf('\n# --- ', start + 1);
  if (start < 0 || end < 0) return foreign('its install.sh was not made by certrelay');
  const read = readFacts(script.slice(script.indexOf('\n', start + 1) + 1, end).split('\n'));
  if (typeof read === 'string') return foreign(`its install.sh has a line that is not understood: "${read}"`);
  const missing = [...scalars, ...lists].find((name) => !read.has(name));
  if (missing !== undefined) return foreign(`its install.sh does not say "${missing}"`);
  const text = (name: Scalar) => read.get(name)?.[0] ?? '';
  const lines = (name: List) => read.get(name) ?? [];
  const words = (name: List) => lines(name).map((line) => line.split(' '));
  return {
    host: text('host'),
    installDir: text('install_dir'),
    versionOption: text('version_option'),
    versions: { from: text('version_from'), to: text('version_to'), text: text('made_for') },
    files: words('files').map(([mode, name = '']) => ({ name, mode: fileModes[mode ?? ''] ?? 0o644 })),
    pairs: words('pairs').map(([certificate = '', key = '']) => ({ certificate, key })),
    maps: words('maps').map(([type = '', path = '', file = '']) => ({ type, path, file })),
    tables: words('tables').map(([type = '', path = '', file = '', password = '']) => ({ type, path, file, password })),
    elements: words('elements_added').map(([name = '', element = '']) => ({ name, element })),
    settings: lines('settings').map(settingOf),
    settingsUnlessSet: lines('settings_unless_set').map(settingOf),
    services: lines('services').map(entryOf),
    relayPort: unquoted(/^relay_port=(.*)$/m.exec(script)?.[1] ?? ''),
    isClient: /^ {2}check_hidden smtp unix$/m.test(script),
  };
}

/** `name = value`, or `name =` for an empty value. */
export function settingOf(line: string): Setting {
  const equals = line.indexOf(' =');
  return { name: line.slice(0, equals), value: line.slice(equals + 3) };
}

/** `name/type` and the whole line, as install.sh and the records beside the backups have it. */
export function entryOf(line: string): Entry {
  const blank = line.indexOf(' ');
  return { service: line.slice(0, blank), line: line.slice(blank + 1) };
}

/** The line as main.cf, install.sh and the records beside the backups have it. */
export function lineOf({ name, value }: Setting): string {
  return value === '' ? `${name} =` : `${name} = ${value}`;
}

/** By name, the value or the lines that it has; or the first line that is no fact. */
function readFacts(lines: readonly string[]): ReadonlyMap<string, readonly string[]> | string {
  const facts = new Map<string, readonly string[]>();
  const known: ReadonlySet<string> = new Set([...scalars, ...lists, ...more, 'local_networks']);
  for (let at = 0; at < lines.length; at++) {
    const line = lines[at] ?? '';
    if (line === '' || line.startsWith('#')) continue;
    const list = /^([a-z_]+)\(\) \{$/.exec(line)?.[1];
    if (list !== undefined && known.has(list) && lines[at + 1] === "  cat <<'END'") {
      const last = lines.indexOf('END', at + 2);
      const close = lines.indexOf('}', last);
      // What a host finds out by itself follows the list in one known line, and is no fact of the folder.
      const rest = lines.slice(last + 1, close).filter((more) => !/^ {2}\[ -z "\$local_networks" \] \|\| /.test(more));
      if (last < 0 || close < 0 || rest.length > 0) return rest[0] ?? line;
      facts.set(list, lines.slice(at + 2, last));
      at = close;
      continue;
    }
    const scalar = /^([a-z_]+)=(.*)$/.exec(line);
    const value = unquoted(scalar?.[2] ?? '"');
    if (scalar === null || value === undefined || !known.has(scalar[1] ?? '')) return line;
    facts.set(scalar[1] ?? '', [value]);
  }
  return facts;
}

/** The value of a word of sh(1) that is plain or in single quotes, with a comment behind it or not. */
function unquoted(word: string): string | undefined {
  const quoted = /^'((?:[^']|'\\'')*)'(?:\s+#.*)?$/.exec(word);
  if (quoted !== null) return (quoted[1] ?? '').replaceAll("'\\''", "'");
  return /^([^\s'"$`\\;&|<>()]+)(?:\s+#.*)?$/.exec(word)?.[1];
}

function foreign(message: string): Problem {
  return {
    code: 'folder-foreign-script',
    message: `this is no folder that certrelay rendered: ${message}`,
    hint: 'make it again with "certrelay render", and copy it whole',
  };
}
