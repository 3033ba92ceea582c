import { existsSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Cluster, clusterNeeds } from '../../hosts/publish/cluster.ts';
import { needs } from '../../needs.ts';
import { Certrelay, type SetUp } from './lab/certrelay.ts';
import { certrelayOn, databaseHost, databaseOn, putPassword } from './lab/database.ts';
import type { Machine } from './lab/machine.ts';
import { Network } from './lab/network.ts';
import { OpenConnection } from './lab/open-connection.ts';
import { SystemInFolder } from './lab/system-in-folder.ts';

const servers = ['server.example.com', 'server2.example.com'] as const;
const [client, other] = ['client.example.com', 'web.example.com'] as const;

/** Folders with systems that have other releases of Postfix and its PostgreSQL support; a long run. */
const roots = (process.env.CERTRELAY_ROOTS ?? '').split(',').filter((root) => {
  if (root === '' || existsSync(join(root, 'usr/lib/postfix/postfix-pgsql.so'))) return root !== '';
  process.stderr.write(
    `skipped: test/kinds/postfix/pgsql-releases.test.ts: postfix-pgsql is not installed in ${root}\n`,
  );
  return false;
});

describe.skipIf(needs('root', 'netns', 'openssl', ...clusterNeeds)).each(roots)(
  'two relays that share a table, with the Postfix in %s (CERTRELAY_ROOTS)',
  (root) => {
    const certrelay = new Certrelay();
    const systems = new Map<string, SystemInFolder>();
    let network: Network;
    let database: Machine;
    let desk: Machine;
    let cluster: Cluster;
    let setUp: SetUp;

    beforeAll(async () => {
      network = await Network.start();
      database = await network.join(databaseHost);
      desk = await network.join(client);
      const machines = [];
      for (const name of servers) machines.push(await network.join(name));
      for (const machine of [database, desk]) await knowing(machine, network.hosts());
      for (const machine of machines) {
        systems.set(
          machine.name,
          await SystemInFolder.start(root, machine.name, { on: machine, hosts: network.hosts() }),
        );
      }
      cluster = await databaseOn(database);
      const version = (await system(servers[0]).must('postconf', '-d', '-h', 'mail_version')).trim();
      const hosts = ['--server', ...servers, '--client', client, other, '--postfix', version];
      setUp = certrelay.init('out', ...hosts, ...cluster.options);
      cluster.migrate(setUp.out);
    });

    afterAll(async () => {
      await cluster?.remove();
      await network?.stop();
      certrelay.remove();
    });

    const system = (name: string) => {
      const found = systems.get(name);
      if (found === undefined) throw new Error(`there is no "${name}"`);
      return found;
    };
    const must = async (...args: readonly string[]) => {
      const ran = await certrelayOn(database, { certrelay }, ...args, '--out', setUp.out);
      if (ran.status !== 0) throw new Error(`certrelay ${args.join(' ')}: ${ran.status}\n${ran.stdout}${ran.stderr}`);
      return ran.stdout;
    };
    const publish = () => must('publish', '--database-file', cluster.urlFile('certrelay_writer'));

    const sessions = (pem: string) =>
      Promise.all(
        servers.map(async (server) => {
          const connection = new OpenConnection(desk, server, pem);
          await connection.say(`EHLO ${client}`);
          return async () => {
            await connection.say('RSET');
            await connection.say(`MAIL FROM:<root@${client}>`);
            return connection.say('RCPT TO:<someone@outside.example>');
          };
        }),
      );
    /** Asks again and again while something else is done; answers every reply that there was. */
    const meanwhile = async (pem: string, work: () => Promise<void>) => {
      const replies: string[] = [];
      let goesOn = true;
      const asking = (await sessions(pem)).map(async (ask) => {
        while (goesOn) replies.push(await ask());
      });
      try {
        await work();
      } finally {
        goesOn = false;
        await Promise.all(asking);
      }
      return replies;
    };
    const pemOf = (name: string) => setUp.path(name, `${name}.pem`);

    it('is installed by install.sh and by apply, chroot and all', async () => {
      for (const name of servers) {
        const host = system(name);
        await putPassword(host.machine, root);
        host.copy(setUp.path(name), `/mnt/${name}`);
        // Debian's latest no longer does so by itself.
        await host.must('postconf', '-F', 'smtp/inet/chroot=y');
        if (name === servers[0]) {
          const { status, stdout } = await host.run('sh', `/mnt/${name}/install.sh`);
          expect([status, stdout]).toEqual([0, expect.stringMatching(/^installed: /)]);
        } else {
          host.copy(`${certrelay.folder}/package`, '/mnt/package');
          const { status, stderr } = await host.node('/mnt/package/dist/cli.js', 'apply', `/mnt/${name}`, '--yes');
          expect([status, stderr]).toEqual([0, expect.stringContaining('lines are not in the database')]);
          rmSync(host.path('/mnt/package'), { recursive: true });
        }
        const file = '/etc/postfix/certrelay/relay_clientcerts.pgsql';
        expect((await host.must('stat', '-c', '%a %U %G', file)).trim()).toBe('640 root postfix');
        await host.must('postfix', 'start');
      }
    });

    it('lets nobody in before the publication, and both clients with the next lookup', async () => {
      const open = await sessions(pemOf(client));
      for (const ask of open) expect(await ask()).toMatch(/^454 /);
      await publish();
      for (const ask of open) expect(await ask()).toMatch(/^250 /);
      for (const ask of await sessions(pemOf(other))) expect(await ask()).toMatch(/^250 /);
    });

    it('rotates while another client relays', async () => {
      await desk.must('cp', pemOf(client), '/mnt/old.pem');
      const old = await sessions('/mnt/old.pem');
      const replies = await meanwhile(pemOf(other), async () => {
        await must('rotate', client, '--overlap', '1s');
        await publish();
        await must('rotate', '--due');
        for (const ask of [...old, ...(await sessions(pemOf(client)))]) expect(await ask()).toMatch(/^250 /);
        await new Promise((resolve) => setTimeout(resolve, 2100));
        await must('rotate', '--deployed', client);
        await publish();
        for (const ask of old) expect(await ask()).toMatch(/^454 /);
        for (const ask of await sessions(pemOf(client))) expect(await ask()).toMatch(/^250 /);
      });
      expect(replies.length).toBeGreaterThan(10);
      expect(replies.filter((reply) => !reply.startsWith('250 '))).toEqual([]);
    });

    it('revokes while another client relays', async () => {
      const revoked = await sessions(pemOf(other));
      const replies = await meanwhile(pemOf(client), async () => {
        for (const ask of revoked) expect(await ask()).toMatch(/^250 /);
        await must('remove', other, '--yes');
        await publish();
        for (const ask of revoked) expect(await ask()).toMatch(/^454 /);
      });
      expect(replies.filter((reply) => !reply.startsWith('250 '))).toEqual([]);
    });

    it('defers while the database is down, and lets nobody in', async () => {
      const open = [...(await sessions(pemOf(client))), ...(await sessions('/mnt/old.pem'))];
      await cluster.down();
      for (const ask of open) expect(await ask()).toMatch(/^451 4\.3\.[05] /);
      await cluster.up();
      for (const name of servers) await system(name).must('postfix', 'reload');
      for (const ask of await sessions(pemOf(client))) expect(await ask()).toMatch(/^250 /);
      for (const ask of await sessions('/mnt/old.pem')) expect(await ask()).toMatch(/^454 /);
    });

    it('is taken back on both', async () => {
      for (const name of servers) {
        expect((await system(name).run('sh', `/mnt/${name}/install.sh`, '--undo')).stdout).toMatch(/^undone: /);
        expect((await system(name).must('postconf', '-n', 'proxy_read_maps', 'relay_clientcerts')).trim()).toBe('');
      }
    });
  },
);

/** A machine that knows the others by name, and has a folder of its own. */
async function knowing(machine: Machine, hosts: string): Promise<void> {
  await machine.script(`
mount -t tmpfs -o mode=755 own /mnt
cat >/mnt/hosts <<'END'
${hosts}
END
mount --bind /mnt/hosts /etc/hosts
`);
}
