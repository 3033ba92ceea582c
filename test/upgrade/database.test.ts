import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Cluster, clusterNeeds } from '../hosts/publish/cluster.ts';
import { needs } from '../needs.ts';
import { day, Station } from '../provision/rotation/station.ts';
import { dayAfter, layOut, oldFile } from './old-state.ts';

const server = 'server.example.com';
const client = 'client.example.com';
const lines = oldFile('database', `hosts/${server}/relay_clientcerts`)
  .split('\n')
  .filter((line) => line !== '' && !line.startsWith('#'));

describe.skipIf(needs(...clusterNeeds))('a set-up of 0.1.0 whose map is a table in PostgreSQL', () => {
  const station = new Station(dayAfter);
  let cluster: Cluster;

  beforeAll(async () => {
    layOut('database', station.root);
    cluster = await Cluster.start();
    // The tables as 0.1.0 made them.
    cluster.migrate(station.root);
  }, 60_000);
  afterAll(async () => {
    await cluster?.remove();
    station.remove();
  });

  const done = async (...args: readonly string[]) => {
    const { exit, out, err } = await station.run(...args);
    expect(exit, `${args.join(' ')}: ${out}${err}`).toBe(0);
    return out;
  };
  const publish = () =>
    done('publish', '--database-file', cluster.urlFile('certrelay_writer'), '--database-ca', cluster.issuer);
  const published = () =>
    cluster
      .sql('certrelay', "SELECT fingerprint || ' ' || client FROM certrelay.relay_clientcerts ORDER BY client")
      .split('\n');

  it('is dumped and published as 0.1.0 did', async () => {
    expect(await done('publish', '--dump')).toBe(`${lines.join('\n')}\n`);
    expect(await publish()).toContain('1 added');
    expect(published()).toEqual(lines);
  });

  it('takes a new client, and is rotated to the end', async () => {
    await done('add', 'new.example.com');
    await done('rotate', client, '--overlap', '1d');
    await publish();
    expect(published()).toHaveLength(3);
    await done('rotate', '--due');
    await done('rotate', '--deployed', client);
    station.pass(2 * day);
    await done('rotate', '--due');
    await publish();
    expect(published()).toHaveLength(2);
    expect(published()).not.toContain(lines[0]);
    await done('remove', 'new.example.com', '--yes');
    await publish();
    expect(published()).toEqual([expect.stringMatching(/ client\.example\.com$/)]);
  });

  it('keeps its table when the migrations of this version run over it', async () => {
    const before = published();
    await done('render');
    cluster.migrate(station.root);
    expect(published()).toEqual(before);
  });
});
