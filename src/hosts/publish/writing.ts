import type { Connection } from './connection.ts';
import type { Difference, Line } from './line.ts';

/** A line of the history to be. */
export interface Entry {
  readonly publisher: string;
  readonly position: number;
  readonly ledger: string;
  readonly difference: Difference;
}

/** Makes the changes, each kind in one statement: ten thousand lines are one array a column. */
export async function changeLines(connection: Connection, { added, removed, changed }: Difference): Promise<void> {
  if (removed.length > 0) {
    await connection.query('DELETE FROM certrelay.clients WHERE fingerprint = ANY ($1::text[])', [
      removed.map(({ fingerprint }) => fingerprint),
    ]);
  }
  if (added.length > 0) {
    await connection.query(
      `INSERT INTO certrelay.clients (fingerprint, name, kind, serials, expires) ${rows}`,
      parameters(added),
    );
  }
  if (changed.length > 0) {
    await connection.query(
      `UPDATE certrelay.clients AS old
          SET name = new.name, kind = new.kind, serials = new.serials, expires = new.expires
         FROM (${rows}) AS new (fingerprint, name, kind, serials, expires)
        WHERE old.fingerprint = new.fingerprint`,
      parameters(changed),
    );
  }
}

// Arrays of arrays must be rectangular, so the serial numbers of a line, which are hexadecimal, are joined.
const rows = `SELECT fingerprint, name, kind, string_to_array(serials, ' '), expires
   FROM unnest($1::text[], $2::text[], $3::text[], $4::text[], $5::timestamptz[])
     AS line (fingerprint, name, kind, serials, expires)`;

function parameters(lines: readonly Line[]): readonly unknown[] {
  return [
    lines.map(({ fingerprint }) => fingerprint),
    lines.map(({ name }) => name),
    lines.map(({ kind }) => kind),
    lines.map(({ serials }) => serials.join(' ')),
    lines.map(({ expires }) => expires ?? null),
  ];
}

export async function recordPublication(connection: Connection, entry: Entry): Promise<void> {
  const { publisher, position, ledger, difference } = entry;
  const fingerprints = (lines: readonly Line[]) => lines.map(({ fingerprint }) => fingerprint);
  await connection.query(
    `INSERT INTO certrelay.publications (publisher, position, ledger, added, removed, changed, lines)
     VALUES ($1, $2, $3, $4, $5, $6, $7)`,
    [
      ...[publisher, position, ledger],
      ...[difference.added, difference.removed, difference.changed].map(fingerprints),
      difference.lines,
    ],
  );
}
