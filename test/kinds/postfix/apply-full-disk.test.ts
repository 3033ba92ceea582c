import { describe, expect, it } from 'vitest';
import { needs } from '../../needs.ts';
import { carryAndApply } from './lab/applying.ts';
import { Certrelay } from './lab/certrelay.ts';
import { DebianPostfix } from './lab/debian-postfix.ts';
import { client, labNeeds, server } from './lab/lab.ts';
import { Machine } from './lab/machine.ts';
import { keepState, putOnSmallDisk, sweepPages } from './lab/small-disk.ts';

const disk = '/etc/postfix';
const hosts = `127.0.0.1 localhost\n127.0.1.1 ${server}\n`;
const says = /; everything was put back as it was before$|cannot write ".*": the disk is full$/m;

describe.skipIf(needs(...labNeeds))('certrelay apply on a disk with little room', () => {
  it('leaves the files as before or as meant, and says which', { timeout: 900_000 }, async () => {
    const certrelay = new Certrelay();
    const options = ['--server', server, '--client', client, '--os', 'debian12', '--client-os', 'debian12'];
    const first = certrelay.init('first', ...options);
    certrelay.init('second', ...options);
    const second = certrelay.init('second', ...options, '--client', 'second.example.com', '--unauthorized', 'reject');
    try {
      await Promise.all(
        (['stock', 'first', 'second'] as const).map(async (state) => {
          const machine = await Machine.start(server);
          try {
            await DebianPostfix.install(machine, hosts, '127.0.0.1');
            await putOnSmallDisk(machine, disk);
            await keepState(machine, 'stock');
            const apply = (setUp: typeof first, ...args: readonly string[]) =>
              carryAndApply({ certrelay, setUp }, machine, '--yes', ...args);
            if (state !== 'stock') expect(await apply(first)).toMatchObject({ status: 0, stderr: '' });
            await keepState(machine, 'first');
            if (state === 'second') expect(await apply(second)).toMatchObject({ status: 0, stderr: '' });
            await keepState(machine, 'second');
            const run = () =>
              state === 'stock' ? apply(first) : apply(second, ...(state === 'second' ? ['--undo'] : []));
            await sweepPages(machine, { disk, state, end: 41, run, says });
          } finally {
            await machine.stop();
          }
        }),
      );
    } finally {
      certrelay.remove();
    }
  });
});
