import { CertrelayError } from '../../lib/problem.ts';
import type { Connection } from './connection.ts';
import type { Line } from './line.ts';

/** The version of the migrations that this program knows. */
const knownVersion = 1;

/** A publication as the history tells it. */
export interface Publication {
  readonly at: string;
  readonly publisher: string;
  readonly role: string;
  readonly position: number;
  readonly ledger: string;
  readonly added: number;
  readonly removed: number;
  readonly changed: number;
  readonly lines: number;
}

/** Refuses tables that were made by migrations of a newer certrelay. */
export async function checkVersion(connection: Connection): Promise<void> {
  const [row] = await connection.query<{ version: number | null }>(
    'SELECT max(version) AS version FROM certrelay.schema_version',
  );
  if (row?.version === knownVersion) return;
  throw new CertrelayError('usage', {
    code: 'database-version',
    message: `the tables have version ${row?.version ?? 'none'}, and this certrelay knows version ${knownVersion}`,
    hint:
      (row?.version ?? 0) > knownVersion
        ? 'use the certrelay that made them, or a newer one'
        : 'run database/001-tables.sql of the output folder there',
  });
}

export async function tableIdentity(connection: Connection): Promise<string> {
  const [row] = await connection.query<{ id: string }>('SELECT id::text AS id FROM certrelay.identity');
  if (row !== undefined) return row.id;
  throw new CertrelayError('usage', {
    code: 'database-identity',
    message: 'the tables have no identity',
    hint: 'run database/001-tables.sql of the output folder there',
  });
}

interface LineRow {
  readonly fingerprint: string;
  readonly name: string;
  readonly kind: Line['kind'];
  readonly serials: readonly string[];
  readonly expires: string | null;
}

/** The lines, sorted by name. Times are written by the database, for a client's would depend on its time zone. */
export async function readLines(connection: Connection): Promise<readonly Line[]> {
  const rows = await connection.query<LineRow>(
    `SELECT fingerprint, name, kind, serials,
            to_char(expires AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS"Z"') AS expires
       FROM certrelay.clients ORDER BY name COLLATE "C", fingerprint COLLATE "C"`,
  );
  return rows.map(({ expires, ...line }) => ({ ...line, expires: expires ?? undefined }));
}

const columns = `to_char(at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS"Z"') AS at, publisher, role::text AS role,
  position::int AS position, ledger, cardinality(added) AS added, cardinality(removed) AS removed,
  cardinality(changed) AS changed, lines`;

export async function lastPublication(connection: Connection): Promise<Publication | undefined> {
  const [row] = await readHistory(connection, 1);
  return row;
}

/** The last so many publications, newest first. */
export function readHistory(connection: Connection, most: number): Promise<readonly Publication[]> {
  return connection.query<Publication>(`SELECT ${columns} FROM certrelay.publications ORDER BY id DESC LIMIT $1`, [
    most,
  ]);
}
