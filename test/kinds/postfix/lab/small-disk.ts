import { readFileSync } from 'node:fs';
import { expect } from 'vitest';
import type { Machine, Ran } from './machine.ts';
import { snapshotOf } from './snapshot.ts';

const config = '/etc/postfix';
/** Bytes of a block of a tmpfs. */
const page = 4096;
const filler = 'filler';

/** Numbers of free pages, from none up. Every one takes minutes; CERTRELAY_PAGES=all has them all. */
export function freePages(end: number, every = 3): readonly number[] {
  const step = process.env.CERTRELAY_PAGES === 'all' ? 1 : every;
  return Array.from({ length: Math.ceil(end / step) }, (_, at) => at * step);
}

/** Puts a directory of a machine, with what is in it, on a file system of its own of 4 MiB. */
export async function putOnSmallDisk(machine: Machine, folder: string): Promise<void> {
  await machine.script(`
    mkdir -p ${folder} /mnt/moved; cp -a ${folder}/. /mnt/moved
    mount -t tmpfs -o size=4m,mode=755 small ${folder}; cp -a /mnt/moved/. ${folder}; rm -rf /mnt/moved`);
}

/** Remembers /etc/postfix under a name. */
export async function keepState(machine: Machine, name: string): Promise<void> {
  await machine.script(`rm -rf /mnt/${name}; mkdir /mnt/${name}; cp -a ${config}/. /mnt/${name}`);
}

export interface Sweep {
  /** The directory that has little room. */
  readonly disk: string;
  /** The state in which each run begins, by the name that `keepState` gave it. */
  readonly state: string;
  /** How many pages to go up to. */
  readonly end: number;
  run(): Promise<Ran>;
  /** False for a run that needs no room there, and so always succeeds. */
  readonly needsRoom?: boolean;
  /** What a run that failed says of the files. */
  readonly says: RegExp;
}

/**
 * Runs something with every number of pages free, from none up: each time it has to succeed and leave what it leaves with room,
 * or to fail, leave everything below /etc/postfix as it was, and say so.
 */
export async function sweepPages(
  machine: Machine,
  { disk, state, end, run, says, needsRoom = true }: Sweep,
): Promise<void> {
  await goBackTo(machine, state);
  const before = filesOf(machine);
  const done = await run();
  expect([done.status, done.stderr]).toEqual([0, '']);
  const after = resultOf(machine);
  const statuses = new Set<number>();
  for (const pages of freePages(end)) {
    await goBackTo(machine, state);
    await leaveFree(machine, disk, pages);
    const { status, stdout, stderr } = await run();
    statuses.add(status);
    const where = `from ${state} with ${pages} pages: ${stdout}${stderr}`;
    expect([0, 1], where).toContain(status);
    if (status === 0) expect(resultOf(machine), where).toEqual(after);
    else {
      expect(filesOf(machine), where).toEqual(before);
      expect(stderr, where).toMatch(says);
    }
  }
  // A sweep that never succeeds, or never fails, has not looked where it gets tight.
  expect([...statuses].sort()).toEqual(needsRoom ? [0, 1] : [0]);
}

async function goBackTo(machine: Machine, state: string): Promise<void> {
  await machine.script(`
    find ${config} -mindepth 1 -delete 2>/dev/null || :
    cp -a /mnt/${state}/. ${config}`);
}

/** Leaves so many pages free there. */
export async function leaveFree(machine: Machine, folder: string, pages: number): Promise<void> {
  await machine.script(`
    rm -f ${folder}/${filler}; free=$(stat -f -c %f ${folder})
    head -c $(((free - ${pages}) * ${page})) /dev/zero >${folder}/${filler}
    [ "$(stat -f -c %f ${folder})" = ${pages} ]`);
}

function filesOf(machine: Machine): Readonly<Record<string, string>> {
  return Object.fromEntries(Object.entries(snapshotOf(machine)).filter(([name]) => name.split('/').pop() !== filler));
}

/**
 * What a run left. Backups are named after the time; postconf adds lines in an order that changes from call to call, and
 * postmap's files differ from call to call as well.
 */
function resultOf(machine: Machine) {
  const varies = /^certrelay\/relay_clientcerts\.db$|^main\.cf$|TIME\/main\.cf\.after$/;
  const facts = Object.entries(filesOf(machine))
    .map(([name, fact]) => [name.replace(/(?<=^certrelay\.backup\/)\d[^/]*/, 'TIME'), fact] as const)
    .map(([name, fact]) => [name, varies.test(name) ? fact.slice(0, -16) : fact]);
  return [
    facts,
    readFileSync(machine.path(`${config}/main.cf`), 'utf8')
      .split('\n')
      .sort(),
  ];
}
