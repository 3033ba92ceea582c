import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { needs } from '../../needs.ts';
import { layOut } from '../../upgrade/old-state.ts';
import { carryAndApply } from './lab/applying.ts';
import { SetUp } from './lab/certrelay.ts';
import { client, type Lab, labNeeds, openLab, server } from './lab/lab.ts';
import { snapshotOf } from './lab/snapshot.ts';

/** What 0.1.0 kept beside what it installed: the way back of each run, and what is certrelay's. */
const run = [
  'config',
  'files',
  'main.cf',
  'main.cf.after',
  'master.cf',
  'master.cf.after',
  'names',
  'services',
  'settings',
];
const records = {
  plain: ['RUN', ...run.map((file) => `RUN/${file}`), 'before', 'owned'],
  dedicated: ['RUN', ...run.map((file) => `RUN/${file}`), 'before', 'entries', 'owned'],
} as const;
const recordsIn = (all: Snapshot | undefined) =>
  Object.keys(all ?? {})
    .filter((path) => path.startsWith('certrelay.backup/'))
    .map((path) => path.replace('certrelay.backup/', '').replace(/^\d{8}T\d{6}Z/, 'RUN'))
    .sort();

type Snapshot = Readonly<Record<string, string>>;

/** Hosts that the install.sh of 0.1.0 set up, which is part of the state it wrote. */
describe.skipIf(needs(...labNeeds)).each(['plain', 'dedicated'] as const)(
  'two hosts installed by the script of 0.1.0 (%s)',
  (state) => {
    const hosts = [server, client] as const;
    let lab: Lab;
    let old: SetUp;
    /** The same state as this version goes on with it: both hosts have something new. */
    let current: SetUp;
    const stock = new Map<string, Snapshot>();
    const installed = new Map<string, Snapshot>();

    const snapshot = (name: string) => snapshotOf(lab.host(name).machine);

    beforeAll(async () => {
      lab = await openLab({ [server]: {}, [client]: {} });
      old = new SetUp(`${lab.certrelay.folder}/old`);
      layOut(state, old.out);
      current = new SetUp(`${lab.certrelay.folder}/current`);
      layOut(state, current.out);
      for (const args of [['render'], ['rotate', client], ['rotate', '--deployed', server]]) {
        const { status, stderr } = lab.certrelay.run(...args, '--out', current.out);
        expect(status, stderr).toBe(0);
      }
      for (const name of hosts) stock.set(name, snapshot(name));
      await lab.install(old);
      for (const name of hosts) installed.set(name, snapshot(name));
      await lab.relays(client, 'installed by 0.1.0');
    });

    afterAll(() => lab?.close());

    /** The host's files, without records of runs: those of this version may say more. */
    const files = (all: Snapshot | undefined) =>
      Object.fromEntries(Object.entries(all ?? {}).filter(([path]) => !path.includes('certrelay.backup')));

    it('have the records of 0.1.0', () => {
      for (const name of hosts) expect(recordsIn(installed.get(name))).toEqual(records[state]);
    });

    it('are upgraded by install.sh, and taken back to what 0.1.0 left', async () => {
      for (const name of hosts) {
        const { machine } = lab.host(name);
        const { status, stderr } = await current.install(name, machine);
        expect(status, stderr).toBe(0);
        expect((await current.install(name, machine)).stdout).toMatch(/^nothing changed/);
      }
      await lab.relays(client, 'upgraded by install.sh');
      for (const name of hosts)
        await takeBack(name, installed, (...args) => current.install(name, lab.host(name).machine, ...args));
      await lab.relays(client, 'taken back by install.sh');
    });

    it('are upgraded by apply, and taken back to what 0.1.0 left', async () => {
      for (const name of hosts) {
        const { status, stderr } = await applied(name, '--yes');
        expect(status, stderr).toBe(0);
        expect((await applied(name, '--yes')).stdout).toMatch(/^nothing to change/);
      }
      await lab.relays(client, 'upgraded by apply');
      for (const name of hosts) await takeBack(name, installed, (...args) => applied(name, '--yes', ...args));
      await lab.relays(client, 'taken back by apply');
    });

    it('are taken back to what they were before 0.1.0', async () => {
      await takeBack(server, stock, (...args) => current.install(server, lab.host(server).machine, ...args));
      await takeBack(client, stock, (...args) => applied(client, '--yes', ...args));
    });

    const applied = (name: string, ...args: readonly string[]) =>
      carryAndApply({ certrelay: lab.certrelay, setUp: current }, lab.host(name).machine, ...args);

    /** Runs `--undo`, and compares the host with what it was. */
    async function takeBack(
      name: string,
      wanted: ReadonlyMap<string, Snapshot>,
      run: (...args: readonly string[]) => Promise<{ readonly status: number; readonly stderr: string }>,
    ): Promise<void> {
      const { status, stderr } = await run('--undo');
      expect(status, stderr).toBe(0);
      expect(files(snapshot(name))).toEqual(files(wanted.get(name)));
    }
  },
);
