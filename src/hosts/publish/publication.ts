import { CertrelayError } from '../../lib/problem.ts';
import type { Connection } from './connection.ts';
import { type Difference, differenceOf, isEmpty, type Line } from './line.ts';
import { checkVersion, lastPublication, readLines, tableIdentity } from './table.ts';
import { changeLines, recordPublication } from './writing.ts';

/** The state that a publisher has. */
export interface Wanted {
  readonly lines: readonly Line[];
  /** How many events its ledger has, and SHA-256 of the first so many of them, in hex. */
  readonly events: number;
  ledgerDigest(events: number): string;
  /** Who publishes, for the history. */
  readonly publisher: string;
  /** The table that was published to before; undefined before the first time. */
  readonly table: string | undefined;
}

/** What a publication found. */
export interface Comparison {
  readonly table: string;
  readonly difference: Difference;
  /** True when it was written; nothing is where there was nothing to change. */
  readonly changed: boolean;
}

/** A number that is the same for every publisher: the letters of "certrela" as bytes. */
const lockKey = '7162256626863664225';
/** How long another publisher is waited for. */
const lockTimeout = '30s';

/**
 * Brings the table to the wanted lines in one transaction. Publishers take turns, and one whose ledger is older than what was
 * published last, or another one, is refused. `begin` is called once the change is sure to be allowed and before it is
 * committed: what it throws takes everything back.
 */
export async function publish(
  connection: Connection,
  wanted: Wanted,
  begin: (table: string, difference: Difference) => Promise<Pick<Wanted, 'events' | 'ledgerDigest'>>,
): Promise<Comparison> {
  await connection.query('BEGIN ISOLATION LEVEL READ COMMITTED');
  try {
    await connection.query(`SET LOCAL lock_timeout = '${lockTimeout}'`);
    await connection.query(`SELECT pg_advisory_xact_lock(${lockKey})`);
    const { table, difference } = await compare(connection, wanted);
    if (isEmpty(difference)) {
      await connection.query('ROLLBACK');
      return { table, difference, changed: false };
    }
    await changeLines(connection, difference);
    const { events, ledgerDigest } = await begin(table, difference);
    await recordPublication(connection, {
      ...{ publisher: wanted.publisher, position: events, ledger: ledgerDigest(events), difference },
    });
    await connection.query('COMMIT');
    return { table, difference, changed: true };
  } catch (error) {
    // A connection that is gone has rolled back by itself.
    await connection.query('ROLLBACK').catch(() => {});
    throw error;
  }
}

/** What would change; throws a CertrelayError where this state may not be published. */
export async function compare(
  connection: Connection,
  wanted: Omit<Wanted, 'publisher'>,
): Promise<Omit<Comparison, 'changed'>> {
  await checkVersion(connection);
  const table = await tableIdentity(connection);
  if (wanted.table !== undefined && wanted.table !== table) throw anotherTable(wanted.table, table);
  await checkOrder(connection, wanted);
  return { table, difference: differenceOf(await readLines(connection), wanted.lines) };
}

async function checkOrder(
  connection: Connection,
  { events, ledgerDigest }: Pick<Wanted, 'events' | 'ledgerDigest'>,
): Promise<void> {
  const last = await lastPublication(connection);
  if (last === undefined) return;
  if (last.position > events) {
    throw new CertrelayError('denied', {
      code: 'publish-older',
      message: `a newer state was published ${last.at} by ${last.publisher}: it follows ${last.position} events, and this ledger has ${events}`,
      hint: 'publish from the folder that it came from, or bring this one up to date',
    });
  }
  if (ledgerDigest(last.position) === last.ledger) return;
  throw new CertrelayError('denied', {
    code: 'publish-other',
    message: `the table belongs to another ledger: ${last.publisher} published it ${last.at}, and its first ${last.position} events are others`,
    hint: 'give each set-up a database of its own; of two copies of one folder that went different ways, one has to go',
  });
}

function anotherTable(before: string, now: string): CertrelayError {
  return new CertrelayError('usage', {
    code: 'publish-table',
    message: `this is another table (${now}) than the one that was published before (${before})`,
    hint: 'look whether the URL is right; where the servers are to ask this one from now on, add --new-table',
  });
}
