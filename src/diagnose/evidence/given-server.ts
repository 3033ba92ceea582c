import { existsSync } from 'node:fs';
import { basename, dirname, join, resolve } from 'node:path';
import type { Options } from '../../cli/command.ts';
import { readText } from '../../lib/files/read.ts';
import { usage } from '../../lib/problem.ts';
import type { ConfigSources } from '../../policy/postfix/config.ts';

/** What the options say about the server, and what had to be found or assumed for it. */
export interface ServerGiven {
  readonly sources: ConfigSources;
  /** For standard error. Grows while tables are opened. */
  readonly notes: string[];
}

const assumedVersion = '3.11';

/** Reads main.cf, master.cf and the tables that the options name. Throws a CertrelayError. */
export function readServer(options: Options, cwd: string): ServerGiven {
  const notes: string[] = [];
  const { mainCf, masterCf, service } = options;
  if (typeof mainCf !== 'string')
    throw usage(
      'main-cf-missing',
      'which configuration? --main-cf is missing',
      'give main.cf or the output of "postconf -n"',
    );
  const path = resolve(cwd, mainCf);
  const text = readText(path);
  const sources: ConfigSources = {
    version: versionOf(options.postfix, text, mainCf, notes),
    mainCf: text,
    mainCfName: mainCf,
    tables: givenTables(options.table, cwd),
    otherTables: (table) => beside(path, table, notes),
    absentTables: 'open',
    ...(typeof masterCf === 'string' ? { masterCf: readText(resolve(cwd, masterCf)), masterCfName: masterCf } : {}),
    ...(typeof service === 'string' ? { service } : {}),
  };
  if (typeof service === 'string' && typeof masterCf !== 'string') {
    throw usage('service-without-master-cf', '--service needs --master-cf', 'services are defined in master.cf');
  }
  return { sources, notes };
}

function versionOf(given: Options[string], text: string, name: string, notes: string[]): string {
  if (typeof given === 'string') return given;
  const named = /^mail_version[ \t]*=[ \t]*(\d+\.\d+(?:\.\d+)?)[ \t]*$/m.exec(text)?.[1];
  const path = /\/postfix-?(\d+\.\d+(?:\.\d+)?)\//.exec(text)?.[1];
  const found = named ?? path;
  notes.push(
    found === undefined
      ? `Postfix ${assumedVersion} assumed; --postfix says otherwise`
      : `Postfix ${found}, as ${name} names it`,
  );
  return found ?? assumedVersion;
}

function givenTables(given: Options[string], cwd: string): Record<string, string> {
  const tables: Record<string, string> = Object.create(null);
  for (const pair of Array.isArray(given) ? given : []) {
    const equals = pair.indexOf('=');
    if (equals < 1)
      throw usage(
        'table-syntax',
        `--table "${pair}" is not PATH=FILE`,
        'PATH is what main.cf names, FILE the source of the table',
      );
    // proxymap(8) asks the table on behalf of the server; what it holds is that table's.
    tables[pair.slice(0, equals).replace(/^(?:proxy:)+/, '')] = readText(resolve(cwd, pair.slice(equals + 1)));
  }
  return tables;
}

/** A table's source that lies beside main.cf under the same base name. */
function beside(mainCf: string, table: string, notes: string[]): string | undefined {
  const file = join(dirname(mainCf), basename(table));
  if (file === mainCf || !existsSync(file)) return undefined;
  notes.push(`"${table}" is read from ${file}`);
  return readText(file);
}
