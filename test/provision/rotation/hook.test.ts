import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Io } from '../../../src/cli/command.ts';
import { confirmed } from '../../../src/cli/confirm.ts';
import { runHook } from '../../../src/hosts/programs/hook.ts';
import { CertrelayError } from '../../../src/lib/problem.ts';

let folder = '';
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'certrelay-hook-'));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

describe('a hook', () => {
  it('gets its words one by one, whatever is in them, and its variables', async () => {
    const words = ['web.example.com', '/a folder/with "quotes" $HOME'];
    const ran = await runHook(`printf '%s\\n' "$NAME" >'${folder}/said'; printf '%s\\n' >>'${folder}/said'`, words, {
      variables: { NAME: 'x y' },
    });
    expect(ran).toEqual({ ok: true, reason: 'exit status 0' });
    expect(readFileSync(join(folder, 'said'), 'utf8')).toBe(`x y\n${words.join('\n')}\n`);
  });

  it.each([
    ['exit 3 #', 'exit status 3'],
    ['kill -TERM $$ #', 'ended by SIGTERM'],
    ['/nonexistent/command', 'exit status 127'],
  ])('%j is told as %s', async (command, reason) => {
    expect(await runHook(command, [])).toEqual({ ok: false, reason });
  });
});

describe('a confirmation', () => {
  const ask = async (answers: readonly string[], isTTY: boolean, options = {}) => {
    const asked: string[] = [];
    const io = {
      stdin: {
        isTTY,
        text: async () => '',
        async *lines() {
          yield* answers;
        },
      },
      stderr: { isTTY, write: (text: string) => asked.push(text) },
    } as unknown as Io;
    const outcome = await confirmed('sure?', options, io).then(
      () => 'done',
      (error: unknown) => (error instanceof CertrelayError ? error.exit : 'thrown'),
    );
    return [asked.join(''), outcome];
  };

  it('is a yes and nothing else', async () => {
    expect(await ask(['y'], true)).toEqual(['sure? [y/N] ', 'done']);
    expect(await ask([' YES '], true)).toEqual(['sure? [y/N] ', 'done']);
    for (const answer of [[], [''], ['n'], ['yess'], ['no', 'y']]) {
      expect(await ask(answer, true)).toEqual(['sure? [y/N] ', 'interrupted']);
    }
  });

  it('is never asked for where nobody could answer, or when it was given', async () => {
    expect(await ask([], false)).toEqual(['', 'done']);
    expect(await ask([], true, { yes: true })).toEqual(['', 'done']);
    expect(await ask([], true, { json: true })).toEqual(['', 'done']);
  });
});
