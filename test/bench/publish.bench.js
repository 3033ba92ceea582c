import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { withPostgres } from './postgres.js';
import { cli, inFolder, ms, must, time } from './timing.js';

export const title = 'a fleet in a table of PostgreSQL (one process a command, the proof included)';

const count = Number(process.env.BENCH_FLEET ?? 10_000);

export function run() {
  return inFolder((home) =>
    inFolder(async (folder) => {
      const rows = await withPostgres(home, (psql) => measured(folder, home, psql));
      return (
        rows ?? [{ what: 'certrelay publish', value: '-', note: 'PostgreSQL is not installed, or this is not root' }]
      );
    }),
  );
}

function measured(folder, home, psql) {
  const out = join(folder, 'out');
  const clients = join(folder, 'clients');
  writeFileSync(clients, Array.from({ length: count }, (_, index) => `c${index}.example.com\n`).join(''));
  const certrelay = (...args) => time(() => must(process.execPath, [cli, ...args, '--out', out]));
  const reader = 'postgresql://certrelay_reader@/certrelay?host=/run/postgresql';
  const names = ['--server', 's.example.com', '--clients-file', clients, '--os', 'debian12', '--client-os', 'debian12'];
  certrelay('init', ...names, '--table-type', 'pgsql', '--database', reader, '--yes');
  for (const name of ['001-tables.sql', '002-roles.sql']) psql(['-f', join(out, 'database', name)]);
  const where = ['--database', `postgresql://certrelay_writer@/certrelay?host=${home}`];
  const publish = (...args) => certrelay('publish', ...where, ...args);
  const first = publish();
  const same = publish();
  certrelay('add', 'one-more.example.com');
  const one = publish();
  certrelay('rotate', 'c77.example.com', '--overlap', '1h', '--yes');
  const rotated = publish();
  const dump = join(folder, 'lines');
  writeFileSync(dump, must(process.execPath, [cli, 'publish', '--dump', '--out', out]).replaceAll(' ', '\t'));
  const copied = time(() => {
    psql(
      [],
      `CREATE TABLE by_hand (fingerprint text PRIMARY KEY, client text); BEGIN; DELETE FROM by_hand; COPY by_hand FROM STDIN;\n${readFileSync(dump, 'utf8')}\\.\nCOMMIT;\n`,
    );
  });
  return [
    { what: `certrelay publish, the first time: ${count}`, value: ms(first), note: '' },
    { what: 'certrelay publish, nothing to change', value: ms(same), note: '' },
    { what: 'certrelay publish, one client more', value: ms(one), note: '' },
    { what: 'certrelay publish, one certificate beside another', value: ms(rotated), note: '' },
    { what: 'psql: DELETE and COPY of the same lines, nothing proved', value: ms(copied), note: '' },
  ];
}
