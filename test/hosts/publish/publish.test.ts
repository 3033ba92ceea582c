import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { needs } from '../../needs.ts';
import { workplace } from '../../setup/workplace.ts';
import { Cluster, clusterNeeds, passwords } from './cluster.ts';

const servers = ['--server', 'relay.example.com', '--server', 'relay2.example.com'];

describe.skipIf(needs(...clusterNeeds))('certrelay publish, into a PostgreSQL of its own', () => {
  const { certrelay, run, at } = workplace();
  let cluster: Cluster;
  let database: readonly string[];

  beforeAll(async () => {
    cluster = await Cluster.start();
    const where = ['--database', cluster.url('certrelay_reader'), '--database-ca', cluster.issuer];
    const made = await certrelay(
      ...[
        'init',
        ...servers,
        '--client',
        'a.example.com',
        '--client',
        'b.example.com',
        '--os',
        'debian12',
        '--client-os',
        'debian12',
      ],
      ...['--table-type', 'pgsql', ...where, '--yes'],
    );
    expect([made.status, made.stderr]).toEqual([0, '']);
    cluster.migrate(at('out'));
    database = ['--database-file', cluster.urlFile('certrelay_writer')];
  }, 60_000);
  afterAll(() => cluster?.remove());

  const publish = (...args: readonly string[]) => certrelay('publish', ...database, ...args);
  const rows = (columns: string) =>
    cluster.sql('certrelay', `SELECT ${columns} FROM certrelay.clients ORDER BY name, serials`);
  const history = () => cluster.sql('certrelay', 'SELECT count(*) FROM certrelay.publications');
  const documentOf = async (...args: readonly string[]) => JSON.parse((await publish('--json', ...args)).stdout);

  it('changes nothing with --check, and says what it would', async () => {
    const checked = await publish('--check', '--diff');
    expect(checked.status).toBe(6);
    expect(checked.stdout).toMatch(
      /^would change "localhost:\d+\/certrelay" \(nothing was changed\): 2 added; 2 lines then\n/,
    );
    expect(checked.stdout).toMatch(/\n\+ [0-9A-F:]{59} a\.example\.com\n/);
    expect([rows('1'), history()]).toEqual(['', '0']);
  });

  it('brings the lines there, once', async () => {
    const done = await publish();
    expect([done.status, done.stderr]).toEqual([0, '']);
    expect(done.stdout).toMatch(/: 2 added; 2 lines in force with the next lookup, ledger position \d+\n$/);
    expect(rows('name')).toBe('a.example.com\nb.example.com');
    const again = await documentOf();
    expect(again).toMatchObject({
      changed: false,
      pending: false,
      counts: { added: 0, removed: 0, changed: 0, lines: 2 },
    });
    expect(history()).toBe('1');
    expect((await publish('--check')).status).toBe(0);
  });

  it('says what the map of a server says', async () => {
    const map = readFileSync(at('out/hosts/relay.example.com/relay_clientcerts'), 'utf8');
    const lines = map.split('\n').filter((line) => line !== '' && !line.startsWith('#'));
    const asked = cluster.sql(
      'certrelay',
      "SELECT fingerprint || ' ' || client FROM certrelay.relay_clientcerts ORDER BY client",
    );
    expect(asked.split('\n')).toEqual(lines);
    expect((await certrelay('publish', '--dump')).stdout).toBe(`${lines.join('\n')}\n`);
    expect((await publish('--dump')).stdout).toBe(`${lines.join('\n')}\n`);
    expect(rows('kind, cardinality(serials), expires > now()')).toBe('certificate|1|t\ncertificate|1|t');
  });

  it('status tells of a publication that is due, and add of what is next', async () => {
    expect((await certrelay('status', '--json')).status).toBe(0);
    const added = await certrelay('add', 'c.example.com');
    expect(added.stdout).toMatch(/\n {2}1\. certrelay publish --database URL/);
    const status = await certrelay('status');
    expect(status.status).toBe(5);
    expect(status.stdout).toMatch(/last published .*, at ledger position \d+ of \d+; publishing is due/);
    expect(await documentOf()).toMatchObject({ changed: true, counts: { added: 1, removed: 0, changed: 0, lines: 3 } });
    expect((await certrelay('status')).status).toBe(0);
  });

  it('a rotation hands the new files over when its line is in the table, and not before', async () => {
    const folder = 'out/hosts/a.example.com';
    const before = readFileSync(at(`${folder}/a.example.com.crt`), 'utf8');
    const rotated = await certrelay('rotate', 'a.example.com', '--overlap', '1s');
    expect(rotated.stdout).toMatch(/deploy +client +a\.example\.com: its line to be in the database/);
    expect(rotated.stdout).toMatch(/certrelay publish --database URL/);
    for (const more of [
      ['rotate', '--due'],
      ['rotate', '--deployed', 'relay.example.com'],
    ]) {
      expect((await certrelay(...more)).status).toBe(0);
      expect(readFileSync(at(`${folder}/a.example.com.crt`), 'utf8')).toBe(before);
    }
    const published = await publish();
    expect(published.stdout).toMatch(/: 1 added; 4 lines[\s\S]*what waited for it can go on: certrelay rotate --due/);
    expect((await certrelay('rotate', '--due')).stdout).toMatch(/deploy +client +a\.example\.com/);
    expect(readFileSync(at(`${folder}/a.example.com.crt`), 'utf8')).not.toBe(before);
    await certrelay('rotate', '--deployed', 'a.example.com');
    await new Promise((resolve) => setTimeout(resolve, 2100));
    expect((await certrelay('rotate', '--due')).stdout).toMatch(/^done: 1 step\n\n {2}retire +client +a\.example\.com/);
    expect(await documentOf()).toMatchObject({ changed: true, counts: { added: 0, removed: 1, changed: 0, lines: 3 } });
  });

  it('a client that is removed is gone with the next publication', async () => {
    const removed = await certrelay('remove', 'c.example.com', '--yes');
    expect(removed.stdout).toMatch(/certrelay publish --database URL/);
    expect((await certrelay('status')).status).toBe(5);
    expect((await publish('--diff')).stdout).toMatch(/\n- [0-9A-F:]{59} c\.example\.com\n/);
    expect(rows('name')).toBe('a.example.com\nb.example.com');
    expect((await certrelay('status')).status).toBe(0);
  });

  it('has a history that its own role can neither change nor forge', async () => {
    const told = JSON.parse((await publish('--history', '--json')).stdout);
    expect(told.history.map(({ lines }: { lines: number }) => lines)).toEqual([2, 3, 4, 3, 2]);
    expect(told.history[0].publisher).toMatch(/@/);
    expect(told.history[0].role).toBe('certrelay_writer');
    const positions = told.history.map(({ position }: { position: number }) => position);
    expect(positions).toEqual(positions.toSorted((one: number, other: number) => other - one));
    for (const text of [
      'UPDATE certrelay.publications SET lines = 0',
      'DELETE FROM certrelay.publications',
      "INSERT INTO certrelay.publications (publisher, position, ledger, added, removed, changed, lines, at) VALUES ('me', 1, repeat('0', 64), '{}', '{}', '{}', 0, now())",
      'TRUNCATE certrelay.clients',
      'CREATE TABLE certrelay.more (one int)',
      'UPDATE certrelay.identity SET id = gen_random_uuid()',
    ]) {
      expect(() => cluster.sql('certrelay', `SET ROLE certrelay_writer; ${text}`), text).toThrow(/permission denied/);
    }
    for (const text of [
      'SELECT * FROM certrelay.clients',
      'SELECT * FROM certrelay.publications',
      'DELETE FROM certrelay.relay_clientcerts',
    ]) {
      expect(() => cluster.sql('certrelay', `SET ROLE certrelay_reader; ${text}`), text).toThrow(/permission denied/);
    }
  });

  it('migrations change nothing when they run again', async () => {
    const before = cluster.sql('certrelay', 'SELECT id FROM certrelay.identity');
    const lines = rows('*');
    cluster.migrate(at('out'));
    expect(cluster.sql('certrelay', 'SELECT id FROM certrelay.identity')).toBe(before);
    expect(rows('*')).toBe(lines);
    expect(cluster.sql('certrelay', 'SELECT version FROM certrelay.schema_version')).toBe('1');
  });

  it('needs no table of its own in out/ once the servers have files again', async () => {
    expect(existsSync(at('out/database/001-tables.sql'))).toBe(true);
    const folder = at('other');
    const names = [
      '--server',
      'x.example.com',
      '--client',
      'y.example.com',
      '--postfix',
      '3.7',
      '--out',
      folder,
      '--yes',
    ];
    const where = cluster.options;
    expect((await certrelay('init', ...names, ...where)).status).toBe(0);
    expect((await certrelay('init', ...names, '--table-type', 'hash')).status).toBe(0);
    expect(existsSync(join(folder, 'database/001-tables.sql'))).toBe(false);
    expect(existsSync(join(folder, 'hosts/x.example.com/relay_clientcerts.pgsql'))).toBe(false);
    expect(existsSync(join(folder, 'hosts/x.example.com/database-ca.pem'))).toBe(false);
    expect(readFileSync(join(folder, 'inventory.json'), 'utf8')).not.toContain('database');
    const { status, stderr } = await certrelay('publish', ...database, '--out', folder);
    expect([status, stderr]).toEqual([2, expect.stringContaining('have their maps as files')]);
  });

  it('asks for the password in files, and says nowhere what it is', async () => {
    const url = cluster.url('certrelay_writer');
    const secret = at('secret');
    writeFileSync(secret, `${passwords.certrelay_writer}\n`, { mode: 0o600 });
    const named = ['publish', '--database', url, '--check'];
    expect((await certrelay(...named, '--database-password-file', secret)).status).toBe(0);
    const passfile = cluster.passwordFile('certrelay_writer', at('pgpass'));
    expect((await run(named, { env: { PGPASSFILE: passfile } })).status).toBe(0);
    const wrong = at('wrong');
    writeFileSync(wrong, 'guess\n', { mode: 0o600 });
    const refused = await certrelay(...named, '--database-password-file', wrong);
    expect(refused.status).toBe(1);
    expect(refused.stderr).toMatch(/does not let the publisher in[\s\S]*hint: look at its pg_hba\.conf/);
    writeFileSync(at('open'), `${passwords.certrelay_writer}\n`, { mode: 0o644 });
    const open = await certrelay(...named, '--database-password-file', at('open'));
    expect([open.status, open.stderr]).toEqual([2, expect.stringContaining('others may read it')]);
    const inUrl = url.replace('@', `:${encodeURIComponent(passwords.certrelay_writer)}@`);
    const told = await certrelay('publish', '--database', inUrl);
    expect([told.status, told.stderr]).toEqual([2, expect.stringContaining('holds a password')]);
    for (const { stdout, stderr } of [refused, open, told]) {
      expect(stdout + stderr).not.toContain(passwords.certrelay_writer);
      expect(stdout + stderr).not.toContain(encodeURIComponent(passwords.certrelay_writer));
    }
  });

  it('believes no other server', async () => {
    const secret = at('secret');
    const other = cluster.url('certrelay_writer', '?sslmode=verify-full');
    const named = ['publish', '--check', '--database-password-file', secret];
    const wrong = await certrelay(...named, '--database', other, '--database-ca', at('out/ca/cacert.pem'));
    expect([wrong.status, wrong.stderr]).toEqual([1, expect.stringContaining('is not to be believed')]);
    const right = await certrelay(...named, '--database', other, '--database-ca', cluster.issuer);
    expect(right.status).toBe(0);
    const remote = 'postgresql://certrelay_writer@db.example.com/certrelay?sslmode=require';
    const weak = await certrelay(...named, '--database', remote);
    expect([weak.status, weak.stderr]).toEqual([2, expect.stringContaining('lets whoever sits between answer')]);
  });
});
