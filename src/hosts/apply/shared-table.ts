import { lstatSync, type Stats } from 'node:fs';
import { CertrelayError, type Problem, usage } from '../../lib/problem.ts';
import { readMainCf } from '../../policy/postfix/main-cf.ts';
import { postmapSource } from '../../policy/postfix/tables/postmap-source.ts';
import type { Version } from '../../policy/postfix/version.ts';
import { isVerifiedByLibpq, parseDatabaseUrl, transportProblem } from '../../provision/settings/database-url.ts';
import type { Manifest, Setting } from '../programs/manifest.ts';
import type { PostfixPrograms } from '../programs/postfix-programs.ts';
import type { HostFolder } from './read-folder.ts';

type Table = Manifest['tables'][number];

/** Under this name the simulator is given what a table in a database holds: what proxymap(8) asks for. */
export function askedName({ type, path }: Pick<Table, 'type' | 'path'>): string {
  return `${type.replace(/^proxy:/, '')}:${path}`;
}

/** The one question that certrelay renders: any other could let everybody in. */
const question = "SELECT client FROM certrelay.relay_clientcerts WHERE fingerprint = upper('%s')";

/** What of the folder's table in a database is not as certrelay renders it; undefined when all is. */
export function tableContradiction(
  { tables, elements, installDir }: Manifest,
  files: HostFolder['files'],
  version: Version,
): string | undefined {
  for (const { type, path, password } of tables) {
    const name = path.slice(installDir.length + 1);
    const text = files.get(name)?.toString('utf8');
    if (type !== 'proxy:pgsql' || path !== `${installDir}/${name}` || text === undefined) {
      return `the table "${type}:${path}" is not one of its own`;
    }
    const { definitions } = readMainCf(text, name, version);
    const strange = [...definitions.keys()].find((key) => !['hosts', 'dbname', 'query'].includes(key));
    if (strange !== undefined) return `${name} sets "${strange}", which certrelay never sets`;
    if (definitions.get('query')?.value !== question) return `${name} asks something else than certrelay does`;
    const urls = (definitions.get('hosts')?.value ?? '').split(/[\s,]+/).map(parseDatabaseUrl);
    if (urls.some((read) => !('url' in read) || read.password !== undefined)) return `${name} names no database`;
    // libpq reads this text, and to libpq a missing sslmode means that a server may decline TLS.
    const weak = urls.flatMap((read) => ('url' in read && !isVerifiedByLibpq(read.url) ? [read.url] : []))[0];
    if (weak !== undefined) return `${name}: ${transportProblem(weak)?.message ?? `no sslmode for "${weak.host}"`}`;
    if (password !== '' && !/^(?:\/[A-Za-z0-9._-]+)+$/.test(password)) return `"${password}" is no file for a password`;
  }
  const wanted = new Set(['$relay_clientcerts', ...tables.map(({ type, path }) => `${type}:${path}`)]);
  const strange = elements.find(({ name, element }) => name !== 'proxy_read_maps' || !wanted.has(element));
  return strange === undefined ? undefined : `install.sh adds "${strange.element}" to "${strange.name}"`;
}

/** Who Postfix is when it asks: the user that mail_owner names. */
export interface MailOwner {
  readonly name: string;
  readonly uid: number;
  readonly gid: number;
}

/** @throws CertrelayError (usage) where there is no such user. */
export function mailOwnerOf(programs: PostfixPrograms): MailOwner {
  const name = programs.value('mail_owner');
  const [uid, gid] = ['-u', '-g'].map((flag) => programs.system('id', flag, name).stdout.trim());
  if (/^\d+$/.test(uid ?? '') && /^\d+$/.test(gid ?? '')) return { name, uid: Number(uid), gid: Number(gid) };
  throw usage('mail-owner-missing', `there is no user "${name}", which mail_owner names`, 'install Postfix completely');
}

/**
 * The password is the host's own affair, but without it every client is deferred: libpq passes over a file that others may
 * read. @throws CertrelayError (denied).
 */
export function checkPasswords({ tables }: Manifest, owner: MailOwner): void {
  for (const { password } of tables) {
    if (password === '') continue;
    const status: Stats | undefined = lstatSync(password, { throwIfNoEntry: false });
    const problem: Problem | undefined =
      status?.isFile() !== true
        ? {
            code: 'database-password-missing',
            message: `nothing changed: "${password}" is missing, the file with the password for the database`,
            hint: `make it, and write one line into it, *:*:*:*:PASSWORD: install -o ${owner.name} -m 0600 /dev/null ${password}`,
          }
        : status.uid !== owner.uid || (status.mode & 0o077) !== 0
          ? {
              code: 'database-password-open',
              message: `nothing changed: Postfix's own user, and nobody else, has to be able to read "${password}"`,
              hint: `chown ${owner.name} ${password}; chmod 0600 ${password}`,
            }
          : undefined;
    if (problem !== undefined) throw new CertrelayError('denied', problem);
  }
}

/** The host's own lists, each with its element. */
export function settingsWithElements({ elements }: Manifest, value: (name: string) => string): readonly Setting[] {
  return elements.map(({ name, element }) => {
    const list = value(name);
    const isThere = list.split(/[\s,]+/).includes(element);
    return { name, value: isThere ? list : [list, element].filter(Boolean).join(' ') };
  });
}

/**
 * Asks the tables for the lines that the folder knows, as proxymap(8) will, where Postfix runs. The table may be ahead of
 * the folder or behind it, and a database that is down defers mail and lets nobody in: what is found is told, and nothing
 * is taken back for it.
 */
export function askTables(folder: HostFolder, programs: PostfixPrograms, version: Version): readonly Problem[] {
  return folder.manifest.tables.flatMap((table): readonly Problem[] => {
    const keys: string[] = [];
    const source = folder.files.get(table.file)?.toString('utf8') ?? '';
    postmapSource(
      source,
      table.file,
      version,
      (key) => keys.push(key),
      () => {},
    );
    if (keys.length === 0) return [];
    const spec = programs.runs() ? `${table.type}:${table.path}` : askedName(table);
    const asked = programs.postmap(['-q', '-', spec], [...keys, ''].join('\n'));
    const complaint = asked.stderr.split('\n').find((line) => line.startsWith('postmap: '));
    if (complaint !== undefined) {
      const message = `the database does not answer, and until it does, clients are deferred: ${complaint.slice(9)}`;
      return [{ code: 'database-silent', message, hint: 'look whether it runs, and at the log of Postfix' }];
    }
    const found = new Set(asked.stdout.split('\n').map((line) => line.slice(0, line.indexOf('\t'))));
    const missing = keys.filter((key) => !found.has(key));
    if (missing.length === 0) return [];
    return [
      {
        code: 'database-behind',
        message: `${missing.length} of ${keys.length} lines are not in the database`,
        hint: 'bring them there from the machine on which this folder was made: certrelay publish',
      },
    ];
  });
}
