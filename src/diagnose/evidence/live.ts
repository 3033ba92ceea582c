import { statSync } from 'node:fs';
import { join } from 'node:path';
import { readTextIfAny } from '../../lib/files/read.ts';
import { readMainCf } from '../../policy/postfix/main-cf.ts';
import { readValues } from '../../policy/postfix/postconf-values.ts';
import { parseVersion } from '../../policy/postfix/version.ts';
import type { BuiltTable, LiveEvidence, ServerEvidence } from './evidence.ts';
import type { GivenFiles, GivenText } from './given-files.ts';
import { namedTables } from './read-tables.ts';

/** A program of Postfix that has ended. */
interface Ended {
  readonly status: number;
  readonly stdout: string;
}

/** What is asked of the Postfix on this host: the part of `PostfixPrograms` (hosts) that changes nothing. */
export interface InstalledPostfix {
  /** Its configuration directory. */
  readonly config: string;
  postconf(...args: readonly string[]): Ended;
  postmap(args: readonly string[]): Ended;
  /** The value of a parameter. */
  value(name: string): string;
  /** `postconf -m`. */
  tableTypes(): readonly string[];
}

/** What `--live` found on this host. */
export interface Live {
  readonly given: GivenFiles;
  readonly version: string;
  /** Known only when it is known which tables there are. */
  facts(server: ServerEvidence | undefined): LiveEvidence;
}

/**
 * Takes the configuration of the Postfix on this host. What `postconf -n` says counts; where the files say the same,
 * they are used, since they have lines that can be named.
 */
export function readLive(given: GivenFiles, programs: InstalledPostfix): Live {
  const listed = programs.postconf('-n').stdout;
  const services = programs.postconf('-M').stdout;
  const tableTypes = programs.tableTypes();
  const version = programs.value('mail_version');
  return {
    given: {
      ...given,
      server: given.server ?? configuration(join(programs.config, 'main.cf'), listed, version),
      master: given.master ?? master(join(programs.config, 'master.cf'), services),
    },
    version,
    facts: (server) => ({ tableTypes, built: server === undefined ? [] : builtTables(server, programs) }),
  };
}

/** main.cf itself where it says what postconf says, else what postconf says. */
function configuration(path: string, listed: string, release: string): GivenText {
  const text = readTextIfAny(path);
  const version = parseVersion(release);
  if (text === undefined || 'code' in version) return { name: 'postconf -n', path, text: listed };
  const own = readMainCf(text, path, version).definitions;
  const plain = (value: string | undefined) => value?.replace(/\s+/g, ' ');
  // postconf prints the directory that it was given, which main.cf need not name.
  const same = [...readValues(listed)].every(
    ([name, value]) => name === 'config_directory' || plain(own.get(name)?.value) === plain(value),
  );
  return same ? { name: path, path, text } : { name: 'postconf -n', path, text: listed };
}

function master(path: string, listed: string): GivenText {
  const text = readTextIfAny(path);
  return text === undefined ? { name: 'postconf -M', path, text: listed } : { name: path, path, text };
}

/** The compiled file of a table type, beside its source (DATABASE_README). */
const compiled: Readonly<Record<string, string>> = {
  hash: '.db',
  btree: '.db',
  lmdb: '.lmdb',
  cdb: '.cdb',
  dbm: '.pag',
  sdbm: '.pag',
};

function builtTables(server: ServerEvidence, programs: InstalledPostfix): readonly BuiltTable[] {
  const { config } = server.services[0];
  const named = namedTables(`${server.text}\n${server.master?.text ?? ''}`, (name) => config.get(name));
  return named
    .filter(({ type }) => compiled[type] !== undefined)
    .map(({ type, path }) => {
      const file = `${path}${compiled[type] ?? ''}`;
      const builtChanged = changed(file);
      const sourceChanged = changed(path);
      const differences = builtChanged === undefined ? undefined : differencesOf(type, path, server, programs);
      return {
        ...{ path, type },
        ...(builtChanged === undefined ? {} : { file, builtChanged }),
        ...(sourceChanged === undefined ? {} : { sourceChanged }),
        ...(differences === undefined ? {} : { differences }),
      };
    });
}

function changed(path: string): number | undefined {
  return statSync(path, { throwIfNoEntry: false })?.mtimeMs;
}

/** The entries in which a compiled table and its source differ; postmap(1) lists the one, and the other is read. */
function differencesOf(
  type: string,
  path: string,
  server: ServerEvidence,
  programs: InstalledPostfix,
): BuiltTable['differences'] | undefined {
  const listed = programs.postmap(['-s', `${type}:${path}`]);
  const source = server.services[0].config.table(`${type}:${path}`).entries;
  if (listed.status !== 0 || source === undefined) return undefined;
  const built = new Map<string, string>();
  for (const line of listed.stdout.split('\n')) {
    const tab = line.indexOf('\t');
    if (tab > 0) built.set(line.slice(0, tab).toLowerCase(), line.slice(tab + 1));
  }
  const wanted = new Map<string, string>();
  // Of several lines with one key the first counts.
  for (const { key, value } of source) if (!wanted.has(key.toLowerCase())) wanted.set(key.toLowerCase(), value);
  const keys = [...new Set([...wanted.keys(), ...built.keys()])];
  return keys
    .filter((key) => wanted.get(key) !== built.get(key))
    .map((key) => {
      const [own, other] = [wanted.get(key), built.get(key)];
      return { key, ...(own === undefined ? {} : { source: own }), ...(other === undefined ? {} : { built: other }) };
    });
}
