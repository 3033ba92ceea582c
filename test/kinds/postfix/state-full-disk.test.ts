import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { needs } from '../../needs.ts';
import { Certrelay } from './lab/certrelay.ts';
import { client, server } from './lab/lab.ts';
import { Machine } from './lab/machine.ts';
import { freePages, leaveFree, putOnSmallDisk } from './lab/small-disk.ts';
import { snapshotOf } from './lab/snapshot.ts';

const disk = '/mnt/disk';
const out = `${disk}/out`;
const made = ['--server', server, '--client', client, '--os', 'debian12', '--client-os', 'debian12', '--yes'];

const commands = [
  ['empty', ['init', ...made]],
  ['made', ['init', ...made, '--unauthorized', 'reject']],
  ['made', ['add', 'second.example.com']],
  ['two', ['remove', 'second.example.com', '--yes']],
  ['made', ['rotate', client]],
  ['bare', ['render']],
] as const;

describe.skipIf(needs('root', 'netns'))('commands that write a state, on a disk with little room', () => {
  let machine: Machine;
  let certrelay: Certrelay;

  const run = (args: readonly string[]) =>
    machine.run([process.execPath, join(certrelay.folder, 'package', 'dist', 'cli.js'), ...args, '--out', out]);
  const files = () =>
    Object.fromEntries(Object.entries(snapshotOf(machine, { folder: disk })).filter(([name]) => name !== 'filler'));
  const keep = (name: string) => machine.script(`rm -rf /mnt/${name}; cp -a ${disk} /mnt/${name}`);
  const goBackTo = (name: string) =>
    machine.script(`find ${disk} -mindepth 1 -delete; cp -a /mnt/${name}/. ${disk}; rm -f ${disk}/filler`);
  const succeed = async (args: readonly string[]) => {
    const { status, stderr } = await run(args);
    expect([args, status, stderr]).toEqual([args, 0, '']);
  };

  beforeAll(async () => {
    machine = await Machine.start(server);
    certrelay = new Certrelay();
    await machine.must('mount', '-t', 'tmpfs', '-o', 'mode=755', 'machine', '/mnt');
    await putOnSmallDisk(machine, disk);
    await keep('empty');
    await succeed(['init', ...made]);
    await keep('made');
    await machine.script(`rm -r ${out}/hosts/${server}/main.cf ${out}/hosts/${client}/main.cf`);
    await keep('bare');
    await goBackTo('made');
    await succeed(['add', 'second.example.com']);
    await keep('two');
  });

  afterAll(async () => {
    certrelay?.remove();
    await machine?.stop();
  });

  it.each(commands)(
    'from "%s": %j leaves the state as it was, or a later run completes it',
    async (state, args) => {
      await goBackTo(state);
      const before = files();
      const statuses = new Set<number>();
      for (const pages of freePages(61, 9)) {
        await goBackTo(state);
        await leaveFree(machine, disk, pages);
        const { status, stdout, stderr } = await run(args);
        statuses.add(status);
        const where = `with ${pages} pages: ${stdout}${stderr}`;
        expect([0, 1], where).toContain(status);
        await machine.script(`rm ${disk}/filler`);
        if (status === 1) {
          expect(stderr, where).toMatch(/: the disk is full\nhint: make room and run the same command again\n$/);
          if (JSON.stringify(files()) === JSON.stringify(before)) continue;
          expect(await run(args), where).toMatchObject({ status: 0 });
        }
        const { status: checked, stdout: found } = await run(['render', '--check']);
        expect(checked, `${where}\n${found}`).toBe(0);
      }
      expect([...statuses].sort()).toEqual([0, 1]);
    },
    600_000,
  );
});
