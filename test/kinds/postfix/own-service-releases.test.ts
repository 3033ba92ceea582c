import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { needs } from '../../needs.ts';
import { applySteps } from './lab/apply-steps.ts';
import { Certrelay, type SetUp } from './lab/certrelay.ts';
import { injectedApply } from './lab/injected.ts';
import { otherRoots } from './lab/other-roots.ts';
import { SystemInFolder } from './lab/system-in-folder.ts';

const server = 'server.example.com';
const client = 'client.example.com';

describe.skipIf(needs('root', 'netns', 'openssl')).each(otherRoots)(
  'a service of its own on the Postfix in %s (CERTRELAY_ROOTS)',
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
      system.copy(`${certrelay.folder}/package`, '/mnt/package');
      await injectedApply(certrelay.folder);
      system.copy(`${certrelay.folder}/apply-injected.mjs`, '/mnt/apply-injected.mjs');
      serve('2525');
      await system.must('postfix', 'start');
    });

    afterAll(async () => {
      certrelay?.remove();
      await system?.machine.stop();
    });

    const serve = (port: string) => {
      setUp = certrelay.init('out', ...names, '--dedicated-port', port);
      rmSync(system.path(`/mnt/${server}`), { recursive: true, force: true });
      system.copy(setUp.path(server), `/mnt/${server}`);
    };
    const apply = (...args: readonly string[]) =>
      system.node('/mnt/package/dist/cli.js', 'apply', `/mnt/${server}`, ...args);
    const install = (...args: readonly string[]) => system.run('sh', `/mnt/${server}/install.sh`, ...args);
    const entries = async () => (await system.must('postconf', '-M')).match(/^\d+ +inet/gm) ?? [];

    /** certrelay probe against an address that is none of the server's own networks: what became of each session. */
    const probed = async (place: string) => {
      const cli = join(certrelay.folder, 'package', 'dist', 'cli.js');
      const asked = ['probe', place, '--server', server, '--as', client, '--out', setUp.out, '--json'];
      const { stdout, stderr } = await system.machine.run([process.execPath, cli, ...asked]);
      if (stdout === '') throw new Error(stderr);
      const { outcome, sessions } = JSON.parse(stdout);
      const kinds = sessions.map(({ id, outcome: became, agreement }: Record<string, { kind: string }>) =>
        [id, became, agreement?.kind].join(' '),
      );
      const replies = sessions.map(({ exchanges }: { exchanges: readonly { reply: unknown }[] }) =>
        exchanges.map(({ reply }) => reply),
      );
      return { outcome, kinds, replies };
    };

    it('is installed by install.sh, changes nothing when run again, and is taken back', async () => {
      const before = system.snapshot();
      const { status, stdout, stderr } = await install();
      expect([status, stderr]).toEqual([0, '']);
      expect(stdout).toContain('  master.cf  2525 inet n - n - - smtpd -o syslog_name=postfix/certrelay ');
      expect(system.snapshot()['main.cf']).toBe(before['main.cf']);
      expect((await install()).stdout).toMatch(/^nothing changed/);
      expect((await apply('--check')).status).toBe(0);
      expect((await install('--undo')).status).toBe(0);
      expect(system.snapshot()).toEqual(before);
    });

    it.each(applySteps.map((kind, at) => [kind, at] as const))('is gone after a failure of "%s"', async (_, at) => {
      const before = system.snapshot();
      const ran = await system.node('/mnt/apply-injected.mjs', `/mnt/${server}`, String(at), 'throw');
      expect([ran.status, ran.stdout]).toEqual([1, `steps: ${applySteps.slice(0, at + 1).join(' ')}\n`]);
      expect(ran.stderr).toMatch(/: injected; everything was put back as it was before\n$/);
      expect(system.snapshot()).toEqual(before);
    });

    it('lets the client relay and nobody else, as predicted, and port 25 is as it was', async () => {
      const elsewhere = await probed('192.0.2.1:25');
      const { status, stdout, stderr } = await apply('--yes');
      expect([status, stderr]).toEqual([0, '']);
      expect(stdout).toContain('  answers  127.0.0.1 port 2525\n');
      expect(await probed('192.0.2.1')).toMatchObject({
        outcome: 'as-it-must-be',
        kinds: ['listed permitted same', 'no-certificate refused same', 'stranger refused same'],
      });
      expect(elsewhere.kinds[0]).toMatch(/^listed refused /);
      expect(await probed('192.0.2.1:25')).toEqual(elsewhere);
    });

    it('moves, and is taken back step by step', async () => {
      serve('2626');
      expect((await apply('--yes')).status).toBe(0);
      expect(await entries()).toEqual([expect.stringMatching(/^2626/)]);
      expect((await probed('192.0.2.1')).outcome).toBe('as-it-must-be');
      for (const at of [/^2525/, undefined]) {
        expect((await apply('--undo', '--yes')).status).toBe(0);
        expect(await entries()).toEqual(at === undefined ? [] : [expect.stringMatching(at)]);
      }
    });
  },
);
