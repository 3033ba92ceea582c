import { isVerified, parseDatabaseUrl, readerRole } from './database-url.ts';
import { isBefore } from './postfix-version.ts';
import { databaseType } from './table-type.ts';
import type { Inventory } from './types.ts';

type DatabaseRule = readonly [
  code: string,
  met: (inventory: Inventory) => boolean,
  say: (inventory: Inventory) => readonly [message: string, hint: string],
];

const isInDatabase = ({ settings }: Inventory) => settings.tableType === databaseType;

/** What must hold between a table in a database and the rest of an inventory. */
export const databaseRules: readonly DatabaseRule[] = [
  // HISTORY of 3.3 (20171227): before, no connection URI was understood, and so no sslmode: passwords and answers in plain text.
  [
    'database-needs-version',
    (inventory) => isInDatabase(inventory) && isBefore(inventory.settings.postfix, '3.3'),
    ({ settings }) => [
      `Postfix ${settings.postfix} cannot be told to ask a database over TLS; that came with 3.3`,
      'leave --table-type out: the map is then a file on every server, and "certrelay publish --deploy-hook" brings it there',
    ],
  ],
  [
    'database-missing',
    (inventory) => isInDatabase(inventory) && (inventory.settings.database ?? []).length === 0,
    () => [
      `with --table-type ${databaseType} the servers must know where the database is`,
      `add --database postgresql://${readerRole}@db.example.com/certrelay`,
    ],
  ],
  [
    'database-without-type',
    (inventory) =>
      !isInDatabase(inventory) &&
      (inventory.settings.database !== undefined || inventory.settings.databaseCa !== undefined),
    () => ['--database and --database-ca belong to a table in a database', `add --table-type ${databaseType}`],
  ],
  [
    'database-ca-missing',
    (inventory) =>
      isInDatabase(inventory) && inventory.settings.databaseCa === undefined && unissued(inventory).length > 0,
    (inventory) => [
      `the servers cannot know the database "${unissued(inventory)[0]}" without the issuer of its certificate`,
      'add --database-ca FILE with the certificate of the issuer, or &sslrootcert=PATH of a file that the servers have',
    ],
  ],
];

/** Hosts of databases whose certificate has to be checked, and nobody says against what. */
function unissued({ settings }: Inventory): readonly string[] {
  return (settings.database ?? []).flatMap((text) => {
    const read = parseDatabaseUrl(text);
    if (!('url' in read) || !isVerified(read.url) || read.url.parameters.has('sslrootcert')) return [];
    return [read.url.host ?? ''];
  });
}
