import { describe, expect, it } from 'vitest';
import { needs } from '../../needs.ts';
import { installDir, relayList, serverView } from '../../provision/render/install/sample.ts';
import { DebianPostfix } from './lab/debian-postfix.ts';
import { Kit } from './lab/kit.ts';
import { Machine } from './lab/machine.ts';
import { keepState, putOnSmallDisk, sweepPages } from './lab/small-disk.ts';

const missing = needs('root', 'netns', 'debian-postfix', 'postfix', 'openssl');
const hosts = '127.0.0.1 localhost\n127.0.1.1 server.example.com\n';
const says = /^everything was put back as it was before$|; nothing was changed$/m;

/** A second folder for the same host: a parameter with another value, and one that is gone. */
const second = serverView({
  parameters: serverView()
    .parameters.filter(({ name }) => name !== 'smtpd_tls_fingerprint_digest')
    .map((one) => (one.value === relayList ? { ...one, value: `reject_unlisted_recipient, ${relayList}` } : one)),
});

describe.skipIf(missing)('install.sh on a disk with little room', () => {
  it.each([
    ['where everything is', '/etc/postfix', 41],
    ['where only the backups are', `${installDir}.backup`, 16],
  ] as const)(
    'leaves the files as before or as meant, and says which: %s',
    { timeout: 900_000 },
    async (_, disk, end) => {
      // Each on a machine of its own, for most of the time goes by waiting for programs.
      await Promise.all(
        (['stock', 'first', 'second'] as const).map(async (state) => {
          const machine = await Machine.start('server.example.com');
          try {
            await DebianPostfix.install(machine, hosts, '127.0.0.1');
            const kit = await Kit.make(machine, serverView());
            await putOnSmallDisk(machine, disk);
            await keepState(machine, 'stock');
            if (state !== 'stock') {
              expect(await kit.run()).toMatchObject({ status: 0, stderr: '' });
              await keepState(machine, 'first');
              kit.render(second);
            }
            if (state === 'second') {
              kit.write('relay_clientcerts', '44:55:66 client3.example.com\n');
              expect(await kit.run()).toMatchObject({ status: 0, stderr: '' });
              await keepState(machine, 'second');
            }
            const run = () => (state === 'second' ? kit.run('--undo') : kit.run());
            // An undo gives the backup's files their old place by a rename.
            const needsRoom = state !== 'second' || disk === '/etc/postfix';
            await sweepPages(machine, { disk, state, end, run, says, needsRoom });
          } finally {
            await machine.stop();
          }
        }),
      );
    },
  );
});
