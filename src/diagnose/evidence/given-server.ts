import { existsSync } from 'node:fs';
import { basename, dirname, join, resolve } from 'node:path';
import { readText } from '../../lib/files/read.ts';
import { usage } from '../../lib/problem.ts';
import type { ConfigSources } from '../../policy/postfix/config.ts';

/** The files and facts that describe a server. */
export interface ServerRequest {
  /** `3.7` or `3.7.11`; absent: the files name it, or it is assumed. */
  readonly release?: string | undefined;
  readonly mainCf?: string | undefined;
  readonly masterCf?: string | undefined;
  /** The service of master.cf, by name or port. */
  readonly service?: string | undefined;
  /** Each as `PATH=FILE`. */
  readonly tables?: readonly string[] | undefined;
}

/** What was given of a server, and what had to be found or assumed for it. */
export interface ServerGiven {
  readonly sources: ConfigSources;
  /** For standard error. Grows while tables are opened. */
  readonly notes: string[];
}

const assumedVersion = '3.11';

/** Reads main.cf, master.cf and tables. Throws a CertrelayError. */
export function readServer(request: ServerRequest, cwd: string): ServerGiven {
  const notes: string[] = [];
  const { mainCf, masterCf, service } = request;
  if (mainCf === undefined)
    throw usage(
      'main-cf-missing',
      'which configuration? --main-cf is missing',
      'give main.cf or the output of "postconf -n"',
    );
  const path = resolve(cwd, mainCf);
  const text = readText(path);
  const sources: ConfigSources = {
    version: versionOf(request.release, text, mainCf, notes),
    mainCf: text,
    mainCfName: mainCf,
    tables: givenTables(request.tables ?? [], cwd),
    otherTables: (table) => beside(path, table, notes),
    absentTables: 'open',
    ...(masterCf !== undefined ? { masterCf: readText(resolve(cwd, masterCf)), masterCfName: masterCf } : {}),
    ...(service !== undefined ? { service } : {}),
  };
  if (service !== undefined && masterCf === undefined) {
    throw usage('service-without-master-cf', '--service needs --master-cf', 'services are defined in master.cf');
  }
  return { sources, notes };
}

function versionOf(given: string | undefined, text: string, name: string, notes: string[]): string {
  if (given !== undefined) return given;
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

function givenTables(given: readonly string[], cwd: string): Record<string, string> {
  const tables: Record<string, string> = Object.create(null);
  for (const pair of given) {
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
