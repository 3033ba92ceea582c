import { type AccessRequest, isDatabaseNamed, readAccess } from '../../../hosts/publish/access.ts';
import { lineOf } from '../../../hosts/publish/line.ts';
import { usage } from '../../../lib/problem.ts';
import { mapEntries } from '../../../provision/render/relay-clientcerts.ts';
import type { Io, Options } from '../../command.ts';
import { withLock } from '../../lock.ts';
import { textOption } from '../../option-values.ts';
import { existingState } from '../../state.ts';
import { publishToDatabase } from './to-database.ts';
import { publishToHosts } from './to-hosts.ts';

/** certrelay publish: the way of who may relay from the state's folder to the servers. */
export async function runPublish(args: readonly string[], options: Options, io: Io): Promise<number> {
  if (options.deployHook !== undefined) {
    const stray = ['database', 'databaseFile', 'dump', 'history'].find((name) => options[name] !== undefined);
    if (stray !== undefined) {
      throw usage('publish-both', '--deploy-hook brings files to hosts, and nothing into a database', 'run it twice');
    }
    return publishToHosts(args, options, io);
  }
  if (args.length > 0) {
    throw usage('publish-hosts', `"${args[0]}": hosts go with --deploy-hook`, 'a database is for all servers at once');
  }
  if (options.dump === true || options.history === true) return show(options, io);
  // Before the lock, for bad input must not even wait for it.
  const access = readAccess(accessRequestOf(options, io), existingState(options, io).inventory);
  const work = () => publishToDatabase(access, options, io);
  return options.check === true || options.dryRun === true ? work() : withLock('certrelay publish', options, io, work);
}

function accessRequestOf(options: Options, io: Io): AccessRequest {
  return {
    ...{ cwd: io.cwd, database: textOption(options.database), databaseFile: textOption(options.databaseFile) },
    ...{ databaseCa: textOption(options.databaseCa), databasePasswordFile: textOption(options.databasePasswordFile) },
    passwordFile: io.env.PGPASSFILE,
  };
}

async function show(options: Options, io: Io): Promise<number> {
  const { inventory, state } = existingState(options, io);
  const { dumpOf } = await import('../../../hosts/publish/line.ts');
  if (!isDatabaseNamed(accessRequestOf(options, io)) && options.history !== true) {
    io.stdout.write(dumpOf(mapEntries({ inventory, ledger: state }).map(lineOf)));
    return 0;
  }
  const { connect } = await import('../../../hosts/publish/connection.ts');
  const { readHistory, readLines } = await import('../../../hosts/publish/table.ts');
  const connection = await connect(readAccess(accessRequestOf(options, io), inventory));
  try {
    if (options.history === true) {
      const { historyDocument, historyText } = await import('../../../report/publish.ts');
      const history = await readHistory(connection, mostShown);
      io.stdout.write(
        options.json === true ? `${JSON.stringify(historyDocument(history), undefined, 2)}\n` : historyText(history),
      );
    } else io.stdout.write(dumpOf(await readLines(connection)));
    return 0;
  } finally {
    await connection.close();
  }
}

const mostShown = 20;
