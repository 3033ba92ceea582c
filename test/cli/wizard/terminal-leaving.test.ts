import { describe, expect, it } from 'vitest';
import { needs } from '../../needs.ts';
import { init, interrupted, made, reply, type Step, shortSet, takeAway, useTerminals } from './terminal-session.ts';

useTerminals();

describe.skipIf(needs('tmux', 'ps', 'stty'))('Ctrl-C', () => {
  it.each(shortSet.map(([question], index) => [question, index] as const))(
    'at "%s" leaves nothing behind',
    async (question, index) => {
      const terminal = init();
      await reply(terminal, shortSet.slice(0, index));
      await terminal.see(`? ${question}`);
      terminal.press('C-c');
      await interrupted(terminal);
    },
  );

  it.each([
    ['at the second passphrase', [["passphrase of the authority's key", 'secret']], 'the same again'],
    ['at a choice of the rest', [shortSet[5], ['use the defaults for the rest', 'n']], 'key type'],
    [
      'at a text of the rest',
      [shortSet[5], ['use the defaults for the rest', 'n'], ['key type', '']],
      'port of a dedicated service',
    ],
  ] as readonly (readonly [string, readonly Step[], string])[])(
    '%s leaves nothing behind',
    async (_, steps, question) => {
      const terminal = init(
        '--server mail.example.com --client web1.example.com --os debian12 --client-os debian12 --digest sha1',
      );
      await reply(terminal, steps);
      await terminal.see(`? ${question}`);
      terminal.press('C-c');
      await interrupted(terminal);
    },
  );
});

describe.skipIf(needs('tmux', 'ps', 'stty'))('the end of the input', () => {
  it('by Ctrl-D leaves as Ctrl-C does', async () => {
    const terminal = init();
    await terminal.see('? server host names');
    terminal.press('C-d');
    await interrupted(terminal);
  });

  it('by Ctrl-D at a later question as well', async () => {
    const terminal = init();
    await reply(terminal, shortSet.slice(0, 4));
    await terminal.see('? fingerprint digest');
    terminal.press('C-d');
    await interrupted(terminal);
  });

  it('by a terminal that goes away ends the program, with nothing written', async () => {
    const terminal = init();
    await reply(terminal, shortSet.slice(0, 2));
    await terminal.see("? the server's operating system");
    const pid = terminal.programPid();
    expect(isRunning(pid)).toBe(true);
    takeAway(terminal);
    await expect.poll(() => isRunning(pid), { timeout: 20_000 }).toBe(false);
    expect(made()).toEqual({});
  });

  it('by a signal gives the terminal back as it was', async () => {
    const terminal = init();
    await reply(terminal, shortSet.slice(0, 2));
    await terminal.see("? the server's operating system");
    process.kill(terminal.programPid(), 'SIGTERM');
    expect(await terminal.ending()).toEqual({ status: 143, cooked: true, cursorShown: true });
    expect(made()).toEqual({});
  });

  it('is not what Ctrl-Z is: the answer goes on where it was', async () => {
    const terminal = init('; fg', {}, 'set -m;');
    await terminal.see('? server host names');
    terminal.type('mail.');
    await terminal.see('names: mail.');
    terminal.press('C-z');
    // The shell brings the program back at once, and says which.
    await terminal.see(/mail\.\S*node/);
    terminal.type('example.com');
    await terminal.see('names: mail.example.com');
    terminal.press('Enter');
    await terminal.see('? client host names');
    terminal.press('C-c');
    await interrupted(terminal);
  });
});

function isRunning(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}
