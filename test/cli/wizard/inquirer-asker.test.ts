import { PassThrough } from 'node:stream';
import { stripVTControlCharacters } from 'node:util';
import { describe, expect, it } from 'vitest';
import { inquirerAsker } from '../../../src/cli/wizard/inquirer-asker.ts';
import { askPassphrase } from '../../../src/cli/wizard/passphrase.ts';
import { runWizard } from '../../../src/cli/wizard/run.ts';
import { lookOf } from '../../../src/cli/wizard/theme.ts';
import { CertrelayError } from '../../../src/lib/problem.ts';
import { contextOf } from './scripted.ts';

const enter = '\r';
const down = '\u001b[B';
const ctrlC = '\u0003';
const ctrlD = '\u0004';

/** A terminal of streams; what is typed is held until the prompt that it answers is shown. */
function desk() {
  const input = new PassThrough();
  // What is piped into standard error does not end it; the mark by which Node knows does as much here.
  const output = Object.assign(new PassThrough(), { _isStdio: true });
  let shown = '';
  const waiting: { readonly shown: string; readonly keys: () => void }[] = [];
  output.on('data', (chunk) => {
    shown += stripVTControlCharacters(String(chunk));
    const next = waiting[0];
    if (next === undefined || !shown.includes(next.shown)) return;
    waiting.shift();
    shown = '';
    // After the prompt has put up its listeners, which it does once it is drawn.
    setImmediate(next.keys);
  });
  return {
    terminal: { input, output },
    at(text: string, ...keys: readonly string[]) {
      waiting.push({
        shown: text,
        keys: () => {
          for (const key of keys) input.write(key);
        },
      });
    },
    endAt(text: string) {
      waiting.push({ shown: text, keys: () => input.end() });
    },
  };
}

function askerOf({ terminal }: ReturnType<typeof desk>) {
  return inquirerAsker(terminal, lookOf(false), () => 60);
}

async function exitOf(run: Promise<unknown>): Promise<string> {
  const reason = await run.then(
    () => undefined,
    (error: unknown) => error,
  );
  if (!(reason instanceof CertrelayError)) throw new Error(`no refusal but ${String(reason)}`);
  return reason.exit;
}

const nothingAgainst = async () => undefined;
const choices = [
  { value: 'a', name: 'first', explain: 'the first', refused: 'the first is not for you' },
  { value: 'b', name: 'second', explain: 'the second' },
  { value: 'c', name: 'third', explain: 'the third' },
];

describe('on a terminal', () => {
  it('text is taken as typed, or the default by enter alone', async () => {
    const here = desk();
    here.at('name:', 'abc', enter);
    expect(await askerOf(here).input('name', undefined, nothingAgainst)).toBe('abc');
    here.at('port: (25)', enter);
    expect(await askerOf(here).input('port', '25', nothingAgainst)).toBe('25');
  });

  it('text that is refused is shown with the reason and can be mended', async () => {
    const here = desk();
    here.at('name:', 'abc', enter);
    here.at('> too short', 'd', enter);
    const refuse = async (text: string) => (text.length < 4 ? 'too short' : undefined);
    expect(await askerOf(here).input('name', undefined, refuse)).toBe('abcd');
  });

  it('a list starts at its default, or at the first choice that can be taken', async () => {
    const here = desk();
    here.at('which:', enter);
    expect(await askerOf(here).select('which', choices, 'c')).toBe('c');
    here.at('which:', enter);
    expect(await askerOf(here).select('which', choices, undefined)).toBe('b');
    here.at('which:', enter);
    expect(await askerOf(here).select('which', choices, 'a')).toBe('b');
  });

  it('a choice that is refused says why and cannot be taken', async () => {
    const here = desk();
    here.at('which:', down, down);
    here.at('the first is not for you', enter);
    here.at('this one cannot be taken', down, enter);
    expect(await askerOf(here).select('which', choices, 'b')).toBe('b');
  });

  it('a confirmation has its default', async () => {
    const here = desk();
    here.at('sure?', enter);
    expect(await askerOf(here).confirm('sure', true)).toBe(true);
    here.at('sure?', enter);
    expect(await askerOf(here).confirm('sure', false)).toBe(false);
    here.at('sure?', 'n', enter);
    expect(await askerOf(here).confirm('sure', true)).toBe(false);
  });

  it('a secret is never drawn', async () => {
    const here = desk();
    let drawn = '';
    here.terminal.output.on('data', (chunk) => {
      drawn += String(chunk);
    });
    here.at('secret:', 'hunter2', enter);
    expect(await askerOf(here).password('secret')).toBe('hunter2');
    expect(drawn).toContain('*******');
    expect(drawn).not.toContain('hunter');
  });
});

describe('leaving', () => {
  const kinds = [
    ['text', (here: ReturnType<typeof desk>) => askerOf(here).input('ask', undefined, nothingAgainst)],
    ['a list', (here: ReturnType<typeof desk>) => askerOf(here).select('ask', choices, 'b')],
    ['a confirmation', (here: ReturnType<typeof desk>) => askerOf(here).confirm('ask', true)],
    ['a secret', (here: ReturnType<typeof desk>) => askerOf(here).password('ask')],
  ] as const;

  it.each(kinds)('%s by Ctrl-C, Ctrl-D or the end of the input is an interruption', async (_, ask) => {
    for (const keys of [ctrlC, ctrlD]) {
      const here = desk();
      here.at('ask', keys);
      expect(await exitOf(ask(here))).toBe('interrupted');
    }
    const here = desk();
    here.endAt('ask');
    expect(await exitOf(ask(here))).toBe('interrupted');
  });

  it('leaves no listener behind', async () => {
    const here = desk();
    const count = () => ['pause', 'end', 'keypress', 'data'].map((name) => here.terminal.input.listenerCount(name));
    const exits = process.listenerCount('exit');
    here.at('ask', 'x', enter);
    await askerOf(here).input('ask', undefined, nothingAgainst);
    const once = count();
    for (let round = 0; round < 12; round++) {
      here.at('ask', 'x', enter);
      await askerOf(here).input('ask', undefined, nothingAgainst);
    }
    expect(count()).toEqual(once);
    expect(process.listenerCount('exit')).toBe(exits);
  });

  it('of the caller that answers "no" to it all is an interruption as well', async () => {
    const here = desk();
    here.at('use the defaults', enter);
    here.at('write this?', 'n', enter);
    const given = { server: ['a.example.com'], client: ['b.example.com'], os: 'debian12', clientOs: 'debian12' };
    const settled = { ...given, digest: 'sha1', passphraseFile: '/p' };
    expect(await exitOf(runWizard(settled, contextOf({ terminal: here.terminal })))).toBe('interrupted');
  });
});

describe('askPassphrase', () => {
  it('asks until the passphrase opens the key', async () => {
    const here = desk();
    here.at('passphrase:', 'wrong', enter);
    here.at('> it does not open the key', '\u0015', 'right', enter);
    const refuse = async (text: string) => (text === 'right' ? undefined : 'it does not open the key');
    expect(await askPassphrase('passphrase', { ...contextOf(), terminal: here.terminal }, refuse)).toBe('right');
  });
});
