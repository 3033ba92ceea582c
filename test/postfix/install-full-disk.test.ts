import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { installDir, relayList, serverView } from '../install/sample.ts';
import { needs } from '../needs.ts';
import { DebianPostfix } from './lab/debian-postfix.ts';
import { Kit } from './lab/kit.ts';
import { Machine } from './lab/machine.ts';
import { leaveFree, putOnSmallDisk, withoutFiller } from './lab/small-disk.ts';

const missing = needs('root', 'netns', 'debian-postfix', 'postfix', 'openssl');
const hosts = '127.0.0.1 localhost\n127.0.1.1 server.example.com\n';
const config = '/etc/postfix';
const backups = `${installDir}.backup`;

/** A second folder for the same host: another table, a parameter with another value, and one that is gone. */
const second = serverView({
  parameters: serverView()
    .parameters.filter(({ name }) => name !== 'smtpd_tls_fingerprint_digest')
    .map((one) => (one.value === relayList ? { ...one, value: `reject_unlisted_recipient, ${relayList}` } : one)),
});

// Every number takes minutes; CERTRELAY_PAGES=all has them all.
const step = process.env.CERTRELAY_PAGES === 'all' ? 1 : 3;

type Files = Readonly<Record<string, string>>;

class SmallHost {
  readonly machine: Machine;
  readonly kit: Kit;

  private constructor(machine: Machine, kit: Kit) {
    this.machine = machine;
    this.kit = kit;
  }

  /** `disk` is the directory that is to have little room. */
  static async start(disk: string): Promise<SmallHost> {
    const machine = await Machine.start('server.example.com');
    await DebianPostfix.install(machine, hosts, '127.0.0.1');
    const kit = await Kit.make(machine, serverView());
    await putOnSmallDisk(machine, disk);
    return new SmallHost(machine, kit);
  }

  /** Everything that an admin would miss. */
  files(): Files {
    return withoutFiller(this.kit.snapshot());
  }

  /** The same after a run that succeeded. */
  done() {
    return meant(this.files(), readFileSync(this.machine.path(`${config}/main.cf`), 'utf8'));
  }

  async keep(state: string): Promise<void> {
    await this.machine.script(`rm -rf /mnt/${state}; mkdir /mnt/${state}; cp -a ${config}/. /mnt/${state}`);
  }

  async goBackTo(state: string): Promise<void> {
    await this.machine.script(`
      find ${config} -mindepth 1 -delete 2>/dev/null || :
      cp -a /mnt/${state}/. ${config}`);
  }
}

/**
 * What a run is meant to leave. Backups are named after the time; postconf adds lines in an order that changes from call to
 * call, and postmap's files differ from call to call as well.
 */
function meant(files: Files, mainCf: string) {
  const varies = /^certrelay\/relay_clientcerts\.db$|^main\.cf$|TIME\/main\.cf\.after$/;
  const facts = Object.entries(files)
    .map(([name, fact]) => [name.replace(/(?<=^certrelay\.backup\/)\d[^/]*/, 'TIME'), fact] as const)
    .map(([name, fact]) => (varies.test(name) ? [name, fact.slice(0, -16)] : [name, fact]));
  return [facts, mainCf.split('\n').sort()];
}

const phases = [
  { title: 'a first install', state: 'stock', view: serverView(), args: [] },
  { title: 'a second install', state: 'first', view: second, args: [] },
  { title: 'an undo', state: 'second', view: second, args: ['--undo'] },
] as const;

describe.skipIf(missing)('install.sh on a disk with little room', () => {
  it.each([
    ['where everything is', config, 41],
    ['where only the backups are', backups, 16],
  ] as const)(
    'leaves the files as before or as meant, and says which: %s',
    { timeout: 900_000 },
    async (_, disk, end) => {
      await Promise.all(
        phases.map(async ({ title, state, view, args }) => {
          const host = await SmallHost.start(disk);
          try {
            await host.keep('stock');
            for (const [name, made] of [
              ['first', serverView()],
              ['second', second],
            ] as const) {
              if (state === 'stock' || (state === 'first' && name === 'second')) continue;
              host.kit.render(made);
              expect((await host.kit.run()).stderr).toBe('');
              await host.keep(name);
            }
            host.kit.render(view);
            const before = host.files();
            const done = await host.kit.run(...args);
            expect([done.status, done.stderr]).toEqual([0, '']);
            const undone = host.files();
            const after = host.done();
            let succeeded = 0;
            for (let pages = 0; pages < end; pages += step) {
              await host.goBackTo(state);
              await leaveFree(host.machine, disk, pages);
              const { status, stdout, stderr } = await host.kit.run(...args);
              const where = `${title} with ${pages} pages: ${stdout}${stderr}`;
              if (status === 0) {
                succeeded++;
                expect(host.done(), where).toEqual(after);
                expect(stdout, where).toMatch(/^(?:installed|undone): /);
                if (title === 'an undo') expect(host.files(), where).toEqual(undone);
              } else {
                expect(status, where).toBe(1);
                expect(host.files(), where).toEqual(before);
                expect(stderr, where).toMatch(/^everything was put back as it was before$|nothing was changed$/m);
              }
            }
            // A sweep that never succeeds, or never fails, has not looked where it gets tight.
            expect(succeeded, title).toBeGreaterThan(0);
          } finally {
            await host.machine.stop();
          }
        }),
      );
    },
  );
});
