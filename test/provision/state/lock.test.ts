import { type ChildProcess, fork } from 'node:child_process';
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { hostname, tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { disk, type FileOperations } from '../../../src/lib/files/operations.ts';
import { mayBeAlive, type ProcessIdentity, thisProcess } from '../../../src/lib/files/process.ts';
import { CertrelayError } from '../../../src/lib/problem.ts';
import { type Lock, type LockOptions, takeLock } from '../../../src/provision/state/lock.ts';

let root = '';
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'certrelay-lock-'));
});
afterEach(() => {
  rmSync(root, { recursive: true, force: true });
});

const options: LockOptions = { command: 'certrelay init', now: () => new Date('2026-05-01T10:00:00Z') };

async function refusal(run: Promise<unknown>): Promise<CertrelayError> {
  try {
    await run;
  } catch (error) {
    if (error instanceof CertrelayError) return error;
    throw error;
  }
  throw new Error('it was not refused');
}

describe('a lock', () => {
  it('is held by one run at a time, and the second is told by whom', async () => {
    const lock = await takeLock(root, options);
    const error = await refusal(takeLock(root, options));
    expect(error.exit).toBe('locked');
    expect(error.message).toContain(`"certrelay init", process ${process.pid}, has held the lock`);
    expect(error.message).toContain('2026-05-01T10:00:00.000Z');
    lock.release();
    lock.release();
    (await takeLock(root, options)).release();
    expect(readdirSync(root)).toEqual([]);
  });

  it('makes the folder, and takes it away again when nothing came of it', async () => {
    const out = join(root, 'a/b/out');
    const lock = await takeLock(out, options);
    expect(existsSync(join(out, '.lock'))).toBe(true);
    lock.release();
    expect(readdirSync(root)).toEqual([]);
    const other = await takeLock(out, options);
    writeFileSync(join(out, 'inventory.json'), '');
    other.release();
    expect(readdirSync(out)).toEqual(['inventory.json']);
  });

  it('is waited for', async () => {
    const lock = await takeLock(root, options);
    let clock = 0;
    let naps = 0;
    const waiting = {
      ...options,
      now: () => new Date(clock),
      wait: {
        milliseconds: 1000,
        sleep: async (milliseconds: number) => {
          clock += milliseconds;
          if (++naps === 5) lock.release();
        },
      },
    };
    (await takeLock(root, waiting)).release();
    expect(naps).toBe(5);
    const other = await takeLock(root, options);
    naps = 10;
    const start = clock;
    expect((await refusal(takeLock(root, waiting))).exit).toBe('locked');
    // It looks less and less often, but waits for as long as it was told.
    expect(naps).toBeLessThan(10 + 1000 / 50);
    expect(clock - start).toBeGreaterThanOrEqual(1000);
    expect(clock - start).toBeLessThan(1500);
    other.release();
  });

  it('is not taken over when its file cannot be understood', async () => {
    for (const text of ['', 'x', '{"pid":1}', '{"pid":1,"token":"../x"}']) {
      writeFileSync(join(root, '.lock'), text);
      const error = await refusal(takeLock(root, options));
      expect([error.exit, error.problems[0]?.code]).toEqual(['locked', 'lock-unreadable']);
    }
    rmSync(join(root, '.lock'));
    symlinkSync('elsewhere', join(root, '.lock'));
    expect((await refusal(takeLock(root, options))).exit).toBe('locked');
  });

  it('is refused in a folder that is a link, before anything is made', async () => {
    mkdirSync(join(root, 'real'));
    symlinkSync('real', join(root, 'out'));
    expect((await refusal(takeLock(join(root, 'out'), options))).exit).toBe('usage');
    expect(readdirSync(join(root, 'real'))).toEqual([]);
  });

  it('leaves nothing when it cannot be written', async () => {
    for (const operation of ['create', 'write', 'link'] as const) {
      const fail = () => {
        throw Object.assign(new Error('no space left'), { code: 'ENOSPC' });
      };
      const files = { ...disk, [operation]: fail };
      const error = await refusal(takeLock(join(root, 'a/out'), { ...options, files }));
      expect([error.exit, error.problems[0]?.code]).toEqual(['failure', 'file-enospc']);
      expect(readdirSync(root)).toEqual([]);
    }
  });

  it('does not free what is not its own', async () => {
    const lock = await takeLock(root, options);
    const other = readFileSync(join(root, '.lock'), 'utf8').replace(/"token":"/, '"token":"other-');
    writeFileSync(join(root, '.lock'), other);
    lock.release();
    expect(readFileSync(join(root, '.lock'), 'utf8')).toBe(other);
  });
});

describe('an owner', () => {
  const self = thisProcess();

  it('is told from those that are gone', () => {
    expect(mayBeAlive(self)).toBe(true);
    expect(mayBeAlive({ ...self, started: '1' })).toBe(false);
    expect(mayBeAlive({ ...self, boot: 'another boot' })).toBe(false);
    expect(mayBeAlive({ ...self, pid: 4_194_305 })).toBe(false);
    expect(mayBeAlive({ ...self, pid: 1, started: '' })).toBe(true);
  });

  it('of another machine or container cannot be seen', () => {
    expect(mayBeAlive({ ...self, host: `${hostname()}x`, pid: 4_194_305, boot: 'another boot' })).toBe(true);
    expect(mayBeAlive({ ...self, pid: 4_194_305, namespace: 'pid:[1]' })).toBe(true);
  });
});

/** A process of the imagination; it lives as long as its pid is not among the dead. */
const imagined = (pid: number): ProcessIdentity => ({ pid, host: 'h', boot: 'b', started: `${pid}0`, namespace: '' });

interface World {
  readonly dead: Set<number>;
  take(pid: number, files?: FileOperations): Promise<Lock | undefined>;
}

function world(): World {
  const dead = new Set<number>();
  return {
    dead,
    take(pid, files = disk) {
      const alive = (process: ProcessIdentity) => !dead.has(process.pid);
      return takeLock(root, { ...options, files, self: imagined(pid), alive, atEnd: () => () => {} }).catch((error) => {
        if (error instanceof CertrelayError || error === stopped) return undefined;
        throw error;
      });
    },
  };
}

const stopped = new Error('stopped');

/** The disk, with something that happens just before one of the operations. */
function interrupted(
  at: number,
  happens: () => void,
): { readonly files: FileOperations; readonly count: () => number } {
  let count = 0;
  const files = Object.fromEntries(
    Object.entries(disk).map(([name, operation]) => [
      name,
      (...given: unknown[]) => {
        if (count++ === at) happens();
        return Reflect.apply(operation, disk, given);
      },
    ]),
  );
  return { files: files as unknown as FileOperations, count: () => count };
}

/** From this operation on nothing happens any more: the process was killed there. */
function killed(at: number): FileOperations {
  let isDead = false;
  let count = 0;
  return Object.fromEntries(
    Object.entries(disk).map(([name, operation]) => [
      name,
      (...given: unknown[]) => {
        isDead ||= count++ >= at;
        if (isDead) throw stopped;
        return Reflect.apply(operation, disk, given);
      },
    ]),
  ) as unknown as FileOperations;
}

/** The situations in which a run may find the folder, which is not there at first. */
const situations: Readonly<Record<string, (here: World) => Promise<void>>> = {
  'no folder': async () => {},
  'no lock': async () => {
    mkdirSync(root);
  },
  'a lock of a dead process': async (here) => {
    await here.take(101);
    here.dead.add(101);
  },
  'a lock that a dead process was inheriting from another': async (here) => {
    await here.take(101);
    here.dead.add(101);
    // Killed between the claim and the change of name.
    let operations = 0;
    do {
      await here.take(102, killed(operations++));
    } while (!readdirSync(root).some((name) => name.startsWith('.lock.after-')));
    here.dead.add(102);
  },
};

describe('two runs at once', () => {
  for (const [name, arrange] of Object.entries(situations)) {
    it(`and ${name}: one of them has it, wherever the other comes in between`, async () => {
      for (let at = 0; ; at++) {
        rmSync(root, { recursive: true });
        const here = world();
        await arrange(here);
        let second: Promise<Lock | undefined> | undefined;
        const first = interrupted(at, () => {
          // Everything up to the answer happens at once, in the midst of the other's operation.
          second = here.take(202);
        });
        const locks = [await here.take(201, first.files), await second].filter((lock) => lock !== undefined);
        expect(locks).toHaveLength(1);
        expect(await here.take(203)).toBeUndefined();
        // Releasing has operations too, and the other may come in between those as well: then it has the lock.
        const came = second !== undefined;
        for (const lock of locks) lock.release();
        const heir = came ? undefined : await second;
        expect(existsSync(join(root, '.lock'))).toBe(heir !== undefined);
        heir?.release();
        expect(await here.take(204)).toBeDefined();
        if (second === undefined) {
          expect(at).toBeGreaterThan(3);
          break;
        }
      }
    });

    it(`and ${name}: the lock outlives whoever is killed, wherever`, async () => {
      let pairs = 0;
      for (let at = 0; ; at++) {
        let came = false;
        for (let dies = 0; dies < 16; dies++) {
          rmSync(root, { recursive: true });
          const here = world();
          await arrange(here);
          const first = interrupted(at, () => {
            came = true;
            void here.take(202, killed(dies));
            here.dead.add(202);
          });
          const lock = await here.take(201, first.files);
          expect(lock, `interrupted at ${at}, killed at ${dies}`).toBeDefined();
          expect(await here.take(203)).toBeUndefined();
          here.dead.add(201);
          const heir = await here.take(204);
          expect(heir).toBeDefined();
          expect(readdirSync(root)).toEqual(['.lock']);
          pairs++;
        }
        if (!came) break;
      }
      expect(pairs).toBeGreaterThan(60);
    });
  }
});

describe('real processes', () => {
  let child = '';
  beforeAll(async () => {
    child = join(mkdtempSync(join(tmpdir(), 'certrelay-lock-child-')), 'child.mjs');
    const entry = fileURLToPath(new URL('./lock-child.ts', import.meta.url));
    await build({
      entryPoints: [entry],
      outfile: child,
      bundle: true,
      platform: 'node',
      format: 'esm',
      logLevel: 'silent',
    });
  });
  afterAll(() => {
    rmSync(join(child, '..'), { recursive: true, force: true });
  });

  const running: ChildProcess[] = [];
  afterEach(() => {
    for (const one of running.splice(0)) one.kill('SIGKILL');
  });

  function start(mode: string, given: readonly string[] = [], folder = root): ChildProcess {
    const one = fork(child, [folder, mode, ...given], { stdio: ['ignore', 'inherit', 'inherit', 'ipc'] });
    running.push(one);
    return one;
  }
  const ended = (one: ChildProcess) =>
    new Promise<number | string>((resolve) => one.once('exit', (code, signal) => resolve(code ?? signal ?? '')));
  const ready = (one: ChildProcess) => new Promise<void>((resolve) => one.once('message', () => resolve()));

  it('take turns hundreds of times, and never two at once', { timeout: 120_000 }, async () => {
    writeFileSync(join(root, 'counter'), '0');
    const codes = await Promise.all(Array.from({ length: 4 }, () => ended(start('count', ['100']))));
    expect(codes).toEqual([0, 0, 0, 0]);
    expect(readFileSync(join(root, 'counter'), 'utf8')).toBe('400');
    expect(readdirSync(root)).toEqual(['counter']);
  });

  it('inherit from those who are killed while they hold it', { timeout: 120_000 }, async () => {
    writeFileSync(join(root, 'counter'), '0');
    // Two of three kill themselves with the lock in hand; whoever comes next inherits.
    let turns = 0;
    const keepGoing = async () => {
      for (let turn = turns++; turn < 24; turn = turns++) {
        const dies = turn % 3 === 0 ? 'never' : String(turn % 5);
        expect(await ended(start('count', ['5', dies]))).toBe(dies === 'never' ? 0 : 'SIGKILL');
      }
    };
    await Promise.all([keepGoing(), keepGoing(), keepGoing()]);
    // A killed one has counted its last turn.
    const counted = Array.from({ length: 24 }, (_, turn) => (turn % 3 === 0 ? 5 : (turn % 5) + 1));
    expect(Number(readFileSync(join(root, 'counter'), 'utf8'))).toBe(counted.reduce((sum, one) => sum + one, 0));
    (await takeLock(root, options)).release();
    expect(readdirSync(root).filter((name) => name.startsWith('.lock'))).toEqual([]);
  });

  it.each(['SIGINT', 'SIGTERM', 'SIGHUP', 'SIGKILL'] as const)('leave it to the next run on %s', async (signal) => {
    const one = start('compute');
    await ready(one);
    expect((await refusal(takeLock(root, options))).message).toContain(`process ${one.pid}`);
    one.kill(signal);
    expect(await ended(one)).toBe(signal);
    const next = await takeLock(root, options);
    expect(next.inheritedFrom?.pid).toBe(one.pid);
    next.release();
    expect(readdirSync(root)).toEqual([]);
  });

  it('free it when they end without releasing', async () => {
    expect(await ended(start('exit'))).toBe(0);
    expect(readdirSync(root)).toEqual([]);
  });

  it('leave it to the next after kill -9, and that one says from whom', async () => {
    const one = start('hold');
    await ready(one);
    one.kill('SIGKILL');
    await ended(one);
    const lock = await takeLock(root, options);
    expect(lock.inheritedFrom?.pid).toBe(one.pid);
    lock.release();
    expect(readdirSync(root)).toEqual([]);
  });
});
