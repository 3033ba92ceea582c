import { readFileSync, writeFileSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { passwordFrom } from '../../../src/hosts/publish/access.ts';
import { connect } from '../../../src/hosts/publish/connection.ts';
import { lineOf } from '../../../src/hosts/publish/line.ts';
import { publish } from '../../../src/hosts/publish/publication.ts';
import { readLines } from '../../../src/hosts/publish/table.ts';
import { parseDatabaseUrl, printDatabaseUrl } from '../../../src/provision/settings/database-url.ts';
import { needs } from '../../needs.ts';
import { workplace } from '../../setup/workplace.ts';
import { Cluster, clusterNeeds, passwords } from './cluster.ts';

/** Names that mean something to SQL, to arrays of PostgreSQL, to a shell, or to a terminal. */
const hostile = [
  "'); DROP TABLE certrelay.clients; --",
  '" OR 1=1',
  '{a,b}',
  'a\\b',
  '$1',
  'null',
  '%s',
  '\u{1f4a9} ünïcode',
  '{"x',
  'x y z',
  "E'\\x41'",
  '; SELECT pg_sleep(10)',
];
const fingerprint = (number: number) =>
  Array.from({ length: 20 }, () => number.toString(16).padStart(2, '0').toUpperCase()).join(':');

describe.skipIf(needs(...clusterNeeds))('hostile names in a database', () => {
  const { certrelay, at } = workplace();
  let cluster: Cluster;

  beforeAll(async () => {
    cluster = await Cluster.start();
  }, 60_000);
  afterAll(() => cluster?.remove());

  it('names of an earlier map are what they are, and nothing else', async () => {
    const map = hostile.map((name, index) => `${fingerprint(index)} ${name}\n`).join('');
    writeFileSync(at('map'), map);
    const where = cluster.options;
    const made = await certrelay(
      'init',
      '--import',
      'map',
      '--server',
      'relay.example.com',
      '--os',
      'debian12',
      ...where,
      '--yes',
    );
    expect([made.status, made.stderr]).toEqual([0, expect.anything()]);
    cluster.migrate(at('out'));
    const done = await certrelay('publish', '--database-file', cluster.urlFile('certrelay_writer'));
    expect([done.status, done.stderr]).toEqual([0, '']);
    const said = cluster.sql(
      'certrelay',
      "SELECT fingerprint || ' ' || name FROM certrelay.clients ORDER BY fingerprint",
    );
    expect(`${said}\n`).toBe(map);
    expect(
      cluster.sql(
        'certrelay',
        "SELECT string_agg(kind || cardinality(serials) || coalesce(expires::text, '-'), ',') FROM certrelay.clients",
      ),
    ).toMatch(/^certificate0-(?:,certificate0-)*$/);
  });

  it('lines are read back as they were written, whatever is in them', async () => {
    const read = parseDatabaseUrl(cluster.url('certrelay_writer'));
    if (!('url' in read)) throw new Error('no URL');
    const connection = await connect({
      url: read.url,
      password: passwords.certrelay_writer,
      issuer: readFileSync(cluster.issuer, 'utf8'),
      certificate: undefined,
    });
    try {
      cluster.sql('certrelay', 'DELETE FROM certrelay.publications');
      const lines = hostile.map((name, index) => ({
        ...({
          fingerprint: fingerprint(index + 100),
          name,
          kind: index % 2 === 0 ? 'certificate' : 'public key',
        } as const),
        serials: index % 3 === 0 ? [] : ['0a', 'ff'].slice(0, index % 3),
        expires: index % 2 === 0 ? undefined : '2031-02-03T04:05:06Z',
      }));
      const wanted = {
        lines,
        events: 1,
        ledgerDigest: () => '0'.repeat(64),
        publisher: hostile.join(' '),
        table: undefined,
      };
      const done = await publish(connection, wanted, async () => wanted);
      expect([done.changed, done.difference.lines]).toEqual([true, hostile.length]);
      const byKey = (one: { fingerprint: string }, other: { fingerprint: string }) =>
        one.fingerprint < other.fingerprint ? -1 : 1;
      expect((await readLines(connection)).toSorted(byKey)).toEqual(lines.toSorted(byKey));
      expect((await publish(connection, wanted, async () => wanted)).changed).toBe(false);
    } finally {
      await connection.close();
    }
  });

  it('what is no fingerprint is refused by the table itself', () => {
    for (const key of ['', 'AA', 'aa:bb', `${fingerprint(1)}x`, "' OR true --"]) {
      const insert = `INSERT INTO certrelay.clients VALUES ($key$${key}$key$, 'x', 'certificate', '{}')`;
      expect(() => cluster.sql('certrelay', insert), key).toThrow(/violates check constraint/);
    }
  });
});

describe('connection URIs', () => {
  it.each([
    ['postgresql://certrelay_reader@db.example.com/certrelay', undefined],
    ['postgres://db.example.com:5433/x', 'postgresql://db.example.com:5433/x'],
    ['postgresql://u@[2001:db8::1]:5432/x?sslmode=verify-full', undefined],
    ['postgresql:///x?host=/run/postgresql', undefined],
    ['postgresql://db.example.com/x?sslrootcert=/etc/ssl/ca.pem&target_session_attrs=read-write', undefined],
  ])('%s', (text, printed) => {
    const read = parseDatabaseUrl(text);
    if (!('url' in read)) throw new Error(read.message);
    expect(printDatabaseUrl(read.url)).toBe(printed ?? text);
  });

  it.each([
    'db.example.com',
    'http://db.example.com/x',
    'postgresql://db.example.com',
    'postgresql:///x',
    'postgresql://db.example.com/x y',
    'postgresql://a,b/x',
    'postgresql://db.example.com/x?options=-c%20x',
    'postgresql://db.example.com/x?sslmode=yes',
    'postgresql://db.example.com/x?sslrootcert=/a/$(id)',
    'postgresql://db.example.com:99999/x',
    'postgresql://db.example.com/x\nquery = SELECT 1',
    "postgresql://db.example.com/x'",
  ])('%j is none', (text) => {
    expect(parseDatabaseUrl(text)).toMatchObject({ code: expect.stringMatching(/^database-url/) });
  });

  it('never shows what might be a password', () => {
    for (const text of [
      'postgresql://u:geheim@db/',
      'postgresql://u:ge@heim@db/x',
      'u:geheim@db',
      'postgresql://db/x?password=geheim',
    ]) {
      expect(JSON.stringify(parseDatabaseUrl(text))).not.toContain('geheim');
    }
  });

  it('a password file is read as libpq reads it', () => {
    const read = parseDatabaseUrl('postgresql://me@db.example.com/x');
    if (!('url' in read)) throw new Error('no URL');
    const text =
      '# a comment\nother:*:*:*:wrong\ndb.example.com:5433:*:me:wrong\ndb.example.com:*:x:me:ri\\:gh\\\\t:more\n*:*:*:*:late\n';
    expect(passwordFrom(text, read.url)).toBe('ri:gh\\t:more');
    expect(passwordFrom('*:*:*:*:any\n', read.url)).toBe('any');
    expect(passwordFrom('half:a:line\n', read.url)).toBeUndefined();
  });

  it('a line of the map that several certificates share ends with the last of them', () => {
    const certificates = [
      { serial: '0a', notAfter: '2027-01-01T00:00:00.000Z' },
      { serial: '0b', notAfter: '2028-01-01T00:00:00Z' },
    ];
    const line = lineOf({
      fingerprint: fingerprint(1),
      client: 'a.example.com',
      kind: 'public key',
      certificates,
      comments: [],
    });
    expect(line).toMatchObject({ serials: ['0a', '0b'], expires: '2028-01-01T00:00:00Z' });
  });
});
