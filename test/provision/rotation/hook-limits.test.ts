import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { runHook } from '../../../src/hosts/programs/hook.ts';
import { programsOf } from '../../../src/hosts/programs/programs.ts';

let folder = '';
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'certrelay-limit-'));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

const limit = { seconds: 0.5, shown: '500ms' };
/** A dead one that nobody has collected does not run. */
function isRunning(pid: number): boolean {
  try {
    return !/^State:\s+[ZX]/m.test(readFileSync(`/proc/${pid}/status`, 'utf8'));
  } catch {
    return false;
  }
}

const pidIn = (name: string) => Number(readFileSync(join(folder, name), 'utf8'));

describe('a hook that hangs', () => {
  it('is ended by SIGTERM when its limit is over, with all of its group', async () => {
    const ran = await runHook(`sleep 300 & echo $! >'${folder}/child'; sleep 300 #`, [], { limit });
    expect(ran).toEqual({
      ok: false,
      reason: expect.stringMatching(/^not over after 500ms and ended; .*--hook-timeout$/),
    });
    await expect.poll(() => isRunning(pidIn('child'))).toBe(false);
  });

  it('is killed when it ignores SIGTERM, and so is its child that does', async () => {
    const deaf = `trap '' TERM; (trap '' TERM; echo $$ >/dev/null; sh -c 'echo $$ >"${folder}/child"; trap "" TERM; while :; do sleep 1; done') & while :; do sleep 1; done #`;
    const began = Date.now();
    const ran = await runHook(deaf, [], { limit, grace: 500 });
    expect(ran.ok).toBe(false);
    expect(Date.now() - began).toBeLessThan(20_000);
    await expect.poll(() => isRunning(pidIn('child'))).toBe(false);
  });

  it('is not waited for by a daemon that it leaves behind with its output open', async () => {
    const began = Date.now();
    const ran = await runHook(`sleep 30 & echo $! >'${folder}/daemon' #`, [], { limit: { seconds: 20, shown: '20s' } });
    expect(ran).toEqual({ ok: true, reason: 'exit status 0' });
    expect(Date.now() - began).toBeLessThan(15_000);
    process.kill(pidIn('daemon'));
  });
});

describe('a program of Postfix that hangs', () => {
  it('is killed with its children, and the message names it', async () => {
    const run = programsOf(process.env, undefined, limit);
    const script = `trap '' TERM; echo begun >&2; sh -c 'echo $$ >"${folder}/child"; trap "" TERM; while :; do sleep 1; done'`;
    const ended = run('sh', ['-c', script]);
    expect(ended.status).toBe(124);
    expect(ended.stderr).toMatch(/^begun\nsh -c [\s\S]*: not over after 500ms and killed; .*--timeout\n$/);
    await expect.poll(() => isRunning(pidIn('child'))).toBe(false);
  });
});
