import { cpSync, readFileSync, writeFileSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { needs } from '../../needs.ts';
import { workplace } from '../../setup/workplace.ts';
import { Cluster, clusterNeeds } from './cluster.ts';

describe.skipIf(needs(...clusterNeeds))('publishers of one table', () => {
  const { certrelay, at } = workplace();
  let cluster: Cluster;
  let database: readonly string[];

  beforeAll(async () => {
    cluster = await Cluster.start();
    await init('out', '--server', 'relay.example.com', '--client', 'a.example.com');
    cluster.migrate(at('out'));
    database = ['--database-file', cluster.urlFile('certrelay_writer')];
  }, 60_000);
  afterAll(() => cluster?.remove());

  const init = async (out: string, ...args: readonly string[]) => {
    const systems = ['--os', 'debian12', '--client-os', 'debian12', ...cluster.options];
    const made = await certrelay('init', ...args, ...systems, '--out', at(out), '--yes');
    expect([made.status, made.stderr]).toEqual([0, '']);
  };
  const publish = (out: string, ...args: readonly string[]) =>
    certrelay('publish', ...database, '--out', at(out), ...args);
  const names = () => cluster.sql('certrelay', "SELECT string_agg(name, ' ' ORDER BY name) FROM certrelay.clients");
  const publications = () => Number(cluster.sql('certrelay', 'SELECT count(*) FROM certrelay.publications'));

  it('an older copy of the same folder never takes back what a newer one published', async () => {
    expect((await publish('out')).status).toBe(0);
    cpSync(at('out'), at('old'), { recursive: true });
    expect((await certrelay('add', 'b.example.com', '--out', at('out'))).status).toBe(0);
    expect((await publish('out')).status).toBe(0);
    const refused = await publish('old');
    expect([refused.status, refused.stdout, refused.stderr]).toEqual([
      3,
      '',
      expect.stringMatching(/a newer state was published .* hint: |a newer state was published/),
    ]);
    expect(names()).toBe('a.example.com b.example.com');
    expect((await publish('old', '--check')).status).toBe(3);
  });

  it('nor does one whose settings changed and that has as many events as were published then', async () => {
    cpSync(at('out'), at('settings'), { recursive: true });
    expect((await certrelay('add', 'c.example.com', '--out', at('out'))).status).toBe(0);
    expect((await publish('out')).status).toBe(0);
    expect((await certrelay('init', '--pin', 'both', '--out', at('settings'), '--yes')).status).toBe(0);
    expect((await publish('settings')).status).toBe(3);
    expect(names()).toBe('a.example.com b.example.com c.example.com');
  });

  it('a copy that went another way is refused even where it has more events', async () => {
    cpSync(at('out'), at('fork'), { recursive: true });
    expect((await certrelay('add', 'd.example.com', '--out', at('out'))).status).toBe(0);
    expect((await publish('out')).status).toBe(0);
    for (const name of ['e', 'f', 'g']) await certrelay('add', `${name}.example.com`, '--out', at('fork'));
    const refused = await publish('fork');
    expect([refused.status, refused.stderr]).toEqual([
      3,
      expect.stringContaining('the table belongs to another ledger'),
    ]);
    expect(names()).toBe('a.example.com b.example.com c.example.com d.example.com');
  });

  it('another set-up is refused, and leaves everything as it was', async () => {
    await init('stranger', '--server', 'relay.example.com', '--client', 'x.example.com');
    const refused = await publish('stranger');
    expect([refused.status, refused.stderr]).toEqual([3, expect.stringContaining('newer state was published')]);
    expect(names()).toBe('a.example.com b.example.com c.example.com d.example.com');
  });

  it('a publication whose end the ledger did not learn of is completed, and not made again', async () => {
    expect((await certrelay('add', 'h.example.com', '--out', at('out'))).status).toBe(0);
    expect((await publish('out')).status).toBe(0);
    const ledger = readFileSync(at('out/ledger.jsonl'), 'utf8').trimEnd().split('\n');
    expect(ledger.at(-1)).toContain('"moment":"done"');
    writeFileSync(at('out/ledger.jsonl'), `${ledger.slice(0, -1).join('\n')}\n`);
    expect((await certrelay('status', '--out', at('out'))).stdout).toContain('publishing is due');
    const before = publications();
    const again = await publish('out', '--json');
    expect(JSON.parse(again.stdout)).toMatchObject({ changed: false, counts: { added: 0, removed: 0, changed: 0 } });
    expect(publications()).toBe(before);
    expect((await certrelay('status', '--out', at('out'))).stdout).not.toContain('publishing is due');
  });

  it('a publication that was begun and never came there is made', async () => {
    expect((await certrelay('add', 'i.example.com', '--out', at('out'))).status).toBe(0);
    // The row of history is refused by the database itself, after the ledger told of it.
    cluster.sql('certrelay', "ALTER TABLE certrelay.publications ADD CONSTRAINT stop CHECK (publisher = '') NOT VALID");
    const failed = await publish('out');
    expect([failed.status, failed.stderr]).toEqual([1, expect.stringContaining('refuses')]);
    expect(names()).not.toContain('i.example.com');
    cluster.sql('certrelay', 'ALTER TABLE certrelay.publications DROP CONSTRAINT stop');
    expect((await publish('out')).stdout).toMatch(/: 1 added; 6 lines/);
    expect(names()).toContain('i.example.com');
  });

  it('another table is published to only when that is said', async () => {
    cluster.sql('postgres', 'CREATE DATABASE second');
    for (const name of ['001-tables', '002-roles']) {
      const ran = cluster.psql(['-d', 'second', '--file', at(`out/database/${name}.sql`)]);
      expect(ran.status, ran.stderr).toBe(0);
    }
    const file = at('second.url');
    const url = readFileSync(database[1] ?? '', 'utf8').replace('/certrelay\n', '/second\n');
    writeFileSync(file, url, { mode: 0o600 });
    const args = ['publish', '--database-file', file, '--out', at('out')];
    const refused = await certrelay(...args);
    expect([refused.status, refused.stderr]).toEqual([2, expect.stringContaining('this is another table')]);
    expect((await certrelay(...args, '--new-table')).stdout).toMatch(/: 6 added; 6 lines/);
    expect((await certrelay(...args)).stdout).toMatch(/^nothing to publish/);
  });

  it('of many copies at once, one is published, and the others are refused', async () => {
    cluster.sql('certrelay', 'DELETE FROM certrelay.clients');
    cluster.sql('certrelay', 'DELETE FROM certrelay.publications');
    for (const number of [0, 1, 2, 3]) {
      if (number > 0) await certrelay('add', `more${number}.example.com`, '--out', at('out'));
      cpSync(at('out'), at(`copy${number}`), { recursive: true });
    }
    const ended = await Promise.all(
      [3, 1, 0, 2, 3, 1].map((number, index) => {
        cpSync(at(`copy${number}`), at(`turn${index}`), { recursive: true });
        return publish(`turn${index}`, '--new-table');
      }),
    );
    for (const { status, stderr } of ended) expect([0, 3], stderr).toContain(status);
    // Copies went different ways with the first that was published: that one has the table to itself.
    expect(ended.filter(({ status }) => status === 0)).toHaveLength(1);
    const lines = cluster.sql('certrelay', 'SELECT lines FROM certrelay.publications').split('\n');
    expect(lines).toEqual([cluster.sql('certrelay', 'SELECT count(*) FROM certrelay.clients')]);
  });

  it('two runs in one folder take turns as well, and the second finds nothing to do', async () => {
    const way = ['--new-table', '--wait', '--json'];
    cluster.sql('certrelay', 'DELETE FROM certrelay.clients');
    cluster.sql('certrelay', 'DELETE FROM certrelay.publications');
    const ended = await Promise.all([1, 2].map(() => publish('copy3', ...way)));
    const changed = ended.map(({ stdout }) => JSON.parse(stdout).changed);
    expect(changed.toSorted()).toEqual([false, true]);
    expect(cluster.sql('certrelay', 'SELECT lines FROM certrelay.publications')).toBe('9');
  });
});
