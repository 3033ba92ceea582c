import { rmSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { needs } from '../../needs.ts';
import { applySteps } from './lab/apply-steps.ts';
import { Certrelay, type SetUp } from './lab/certrelay.ts';
import { injectedApply } from './lab/injected.ts';
import { OpenConnection } from './lab/open-connection.ts';
import { otherRoots } from './lab/other-roots.ts';
import { SystemInFolder } from './lab/system-in-folder.ts';

const server = 'server.example.com';
const client = 'client.example.com';

describe.skipIf(needs('root', 'netns', 'openssl')).each(otherRoots)(
  'certrelay apply on the Postfix in %s (CERTRELAY_ROOTS)',
  (root) => {
    let system: SystemInFolder;
    let certrelay: Certrelay;
    let names: readonly string[];
    let setUp: SetUp;

    beforeAll(async () => {
      system = await SystemInFolder.start(root, server);
      certrelay = new Certrelay();
      const version = (await system.must('postconf', '-d', '-h', 'mail_version')).trim();
      names = ['--server', server, '--client', client, '--postfix', version];
      setUp = certrelay.init('out', ...names);
      system.copy(`${certrelay.folder}/package`, '/mnt/package');
      await injectedApply(certrelay.folder);
      system.copy(`${certrelay.folder}/apply-injected.mjs`, '/mnt/apply-injected.mjs');
      carry();
    });

    afterAll(async () => {
      certrelay?.remove();
      await system?.machine.stop();
    });

    const carry = () => {
      rmSync(system.path(`/mnt/${server}`), { recursive: true, force: true });
      system.copy(setUp.path(server), `/mnt/${server}`);
    };
    const apply = (...args: readonly string[]) =>
      system.node('/mnt/package/dist/cli.js', 'apply', `/mnt/${server}`, ...args);

    /** What the server says to a recipient elsewhere, to the client with its certificate. */
    const reply = async (host = client) => {
      const connection = new OpenConnection(system.machine, '192.0.2.1', setUp.path(host, `${host}.pem`));
      await connection.say('EHLO client.example.com');
      await connection.say('MAIL FROM:<root@client.example.com>');
      const said = await connection.say('RCPT TO:<someone@outside.example>');
      await connection.close();
      return said;
    };

    it('installs, changes nothing when run again, and takes it back', async () => {
      const before = system.snapshot();
      const { status, stdout, stderr } = await apply('--yes');
      expect([status, stdout, stderr]).toEqual([0, expect.stringMatching(/^applied: /), '']);
      expect((await apply('--yes')).stdout).toMatch(/^nothing to change/);
      expect((await apply('--undo', '--yes')).status).toBe(0);
      expect(system.snapshot()).toEqual(before);
    });

    it('installs on a server that runs, and the client may relay', async () => {
      await system.must('postfix', 'start');
      const { status, stderr } = await apply('--yes');
      expect([status, stderr]).toEqual([0, '']);
      expect(await reply()).toMatch(/^250 /);
    });

    it.each(applySteps.map((kind, at) => [kind, at] as const))('puts everything back after "%s"', async (_, at) => {
      const before = system.snapshot();
      setUp = certrelay.init('out', ...names, '--client', 'second.example.com', '--unauthorized', 'reject');
      carry();
      const ran = await system.node('/mnt/apply-injected.mjs', `/mnt/${server}`, String(at), 'throw');
      expect([ran.status, ran.stdout]).toEqual([1, `steps: ${applySteps.slice(0, at + 1).join(' ')}\n`]);
      expect(ran.stderr).toMatch(/: injected; everything was put back as it was before\n$/);
      expect(system.snapshot()).toEqual(before);
      expect(await reply()).toMatch(/^250 /);
      expect(await reply('second.example.com')).toMatch(/^454 /);
    });

    it('brings the second client, and drops it with the run', async () => {
      expect((await apply('--yes')).status).toBe(0);
      expect(await reply('second.example.com')).toMatch(/^250 /);
      expect((await apply('--undo', '--yes')).status).toBe(0);
      expect(await reply('second.example.com')).toMatch(/^454 /);
      expect(await reply()).toMatch(/^250 /);
    });
  },
);
