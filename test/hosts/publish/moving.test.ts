import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { needs } from '../../needs.ts';
import { workplace } from '../../setup/workplace.ts';
import { Cluster, clusterNeeds } from './cluster.ts';

/** A set-up whose maps were files, and that goes into a database while servers still look into their files. */
describe.skipIf(needs(...clusterNeeds))('a map that goes into a database', () => {
  const { certrelay, at } = workplace();
  let cluster: Cluster;
  const server = 'relay.example.com';

  beforeAll(async () => {
    cluster = await Cluster.start();
  }, 60_000);
  afterAll(() => cluster?.remove());

  const done = async (...args: readonly string[]) => {
    const { status, stdout, stderr } = await certrelay(...args);
    expect(status, `${args.join(' ')}: ${stdout}${stderr}`).toBe(0);
    return stdout;
  };
  const publish = () => done('publish', '--database-file', cluster.urlFile('certrelay_writer'));

  it('a rotation waits for servers that were not there since, and for the publication', async () => {
    await done('init', '--server', server, '--client', 'a.example.com', '--postfix', '3.7', '--yes');
    await done('rotate', '--deployed', server);
    await done('init', ...cluster.options, '--yes');
    cluster.migrate(at('out'));
    const begun = await done('rotate', 'a.example.com', '--overlap', '1s');
    expect(begun).toMatch(
      /deploy +client +a\.example\.com: its line to be in the database; the map to be on relay\.example\.com/,
    );
    expect(await publish()).not.toContain('can go on');
    expect(await done('rotate', '--due')).toMatch(
      /waiting\n {2}deploy +client +a\.example\.com: the map to be on relay/,
    );
    expect(await done('rotate', '--deployed', server)).toMatch(/ {2}deploy +client +a\.example\.com {2}serial/);
  });

  it('afterwards it waits for the publication alone, and a server that keeps silent is not behind', async () => {
    await done('add', 'b.example.com');
    await publish();
    expect(await done('rotate', 'b.example.com', '--overlap', '1s')).toMatch(
      /b\.example\.com: its line to be in the database\n/,
    );
    expect(await publish()).toContain('can go on: certrelay rotate --due');
    expect(await done('rotate', '--due')).toMatch(/ {2}deploy +client +b\.example\.com {2}serial/);
  });

  it('back in files, it waits for the files again', async () => {
    await done('init', '--table-type', 'hash', '--yes');
    const status = await certrelay('status');
    expect([status.status, status.stdout]).toEqual([5, expect.stringMatching(/behind\n {2}relay\.example\.com/)]);
  });
});
