import { spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { questions } from '../../src/wizard/questions.ts';
import { needs } from '../needs.ts';
import { PseudoTerminal, type Size } from './pseudo-terminal.ts';

const cli = `node ${fileURLToPath(new URL('../../dist/cli.js', import.meta.url))} init`;

type Step = readonly [question: string, text: string, ...keys: string[]];

/** Every question of the short set, in order, with a reply to each; the last one gives leave to write. */
const shortSet: readonly Step[] = [
  ['server host names', 'mail.example.com'],
  ['client host names', 'web1.example.com, web2.example.com'],
  ["the server's operating system", 'debian12'],
  ["the clients' operating system", ''],
  ['fingerprint digest', ''],
  ["passphrase of the authority's key", ''],
  ['use the defaults for the rest', ''],
  ['write this', ''],
];

const esc = '\u001b';

let folder = '';
let open: PseudoTerminal[] = [];

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'certrelay-wizard-'));
});

afterEach(() => {
  for (const terminal of open) terminal.close();
  open = [];
  rmSync(folder, { recursive: true, force: true });
});

const out = () => join(folder, 'out');

/** `init` on a terminal, in an empty folder, with further words of the command line. */
function init(words = '', size: Partial<Size> = {}, before = ''): PseudoTerminal {
  const terminal = new PseudoTerminal(`cd '${folder}'\n${before} ${cli} --out '${out()}' ${words}`, size);
  open.push(terminal);
  return terminal;
}

async function reply(terminal: PseudoTerminal, steps: readonly Step[]): Promise<void> {
  for (const [question, text, ...keys] of steps) await terminal.answer(question, text, ...keys);
}

/** Path, content and time of every file that was made. */
function made(): Record<string, string> {
  if (!existsSync(out())) return {};
  const paths = readdirSync(out(), { recursive: true, encoding: 'utf8' }).filter((path) =>
    statSync(join(out(), path)).isFile(),
  );
  return Object.fromEntries(
    paths
      .sort()
      .map((path) => [path, `${statSync(join(out(), path)).mtimeMs} ${readFileSync(join(out(), path), 'base64')}`]),
  );
}

async function interrupted(terminal: PseudoTerminal): Promise<void> {
  const ending = await terminal.ending();
  expect(ending, terminal.text()).toEqual({ status: 130, cooked: true, cursorShown: true });
  expect(terminal.text()).not.toMatch(/^\s+at |Error\b|node:/m);
  expect(existsSync(out())).toBe(false);
}

describe.skipIf(needs('tmux', 'ps', 'stty'))('init on a terminal', () => {
  it('asks a few questions, makes everything, and says how to do it again', async () => {
    const terminal = init();
    await reply(terminal, shortSet);
    const { status, cooked, cursorShown } = await terminal.ending();
    expect([status, cooked, cursorShown], terminal.text()).toEqual([0, true, true]);
    const before = made();
    for (const path of [
      'inventory.json',
      'ledger.jsonl',
      'ca/cacert.pem',
      'hosts/mail.example.com/relay_clientcerts',
      'hosts/mail.example.com/install.sh',
      'hosts/web1.example.com/main.cf',
      'hosts/web2.example.com/web2.example.com.key',
    ]) {
      expect(Object.keys(before)).toContain(path);
    }
    const line = /^.*?(certrelay init .* --yes)$/m.exec(terminal.text())?.[1] ?? '';
    expect(line).toContain('--digest sha256');
    const script = `certrelay() { shift; ${cli} "$@"; }\n${line}\n`;
    const second = spawnSync('sh', ['-eu'], { input: script, cwd: folder, encoding: 'utf8' });
    expect([second.status, `${second.stdout}${second.stderr}`]).toEqual([
      0,
      expect.stringMatching(/nothing (has )?changed/),
    ]);
    expect(made()).toEqual(before);
  });

  it('encrypts the key with a passphrase that appears nowhere', async () => {
    const terminal = init();
    await reply(terminal, shortSet.slice(0, 5));
    await reply(terminal, [
      ["passphrase of the authority's key", 'correct horse'],
      ['the same again', 'correct house'],
    ]);
    await terminal.see('the two are not the same');
    await reply(terminal, [
      ["passphrase of the authority's key", 'correct horse'],
      ['the same again', 'correct horse'],
      ...shortSet.slice(6),
    ]);
    expect((await terminal.ending()).status, terminal.text()).toBe(0);
    expect(terminal.text()).not.toContain('horse');
    expect(terminal.text()).toContain('--passphrase-file FILE');
    expect(readFileSync(join(out(), 'ca/cakey.pem'), 'utf8')).toContain('BEGIN ENCRYPTED PRIVATE KEY');
    expect(
      Object.values(made()).some((file) => Buffer.from(file.split(' ')[1] ?? '', 'base64').includes('horse')),
    ).toBe(false);
  });

  it('says what is wrong with an answer, and takes a better one in its place', async () => {
    const terminal = init();
    await terminal.answer('server host names', 'bad_name.example.com');
    await terminal.see(/^> .*"bad_name\.example\.com"/m);
    terminal.press('C-u');
    await terminal.answer('server host names', 'mail.example.com');
    await terminal.answer('client host names', '@missing.txt');
    await terminal.see(/^> .*"missing\.txt"/m);
    terminal.press('C-u');
    await terminal.answer('client host names', 'web1.example.com');
    await terminal.answer("the server's operating system", 'another');
    await terminal.answer("the server's Postfix version", '4.0');
    await terminal.see(/^> .*4\.0/m);
    terminal.press('C-u');
    await terminal.answer("the server's Postfix version", '3.5');
    await reply(terminal, shortSet.slice(3));
    expect((await terminal.ending()).status, terminal.text()).toBe(0);
    expect(JSON.parse(readFileSync(join(out(), 'inventory.json'), 'utf8')).settings).toMatchObject({
      postfix: '3.5',
      clientPostfix: '3.5',
    });
  });

  it('asks only what flags leave open', async () => {
    const terminal = init(
      '--server mail.example.com --client web1.example.com --os debian12 --client-os rhel9 --digest sha1',
    );
    await reply(terminal, shortSet.slice(5));
    expect((await terminal.ending()).status, terminal.text()).toBe(0);
    expect(terminal.text()).not.toMatch(/^\* (server|client|fingerprint)/m);
    expect(JSON.parse(readFileSync(join(out(), 'inventory.json'), 'utf8')).settings).toMatchObject({
      os: 'debian12',
      clientOs: 'rhel9',
    });
  });

  it('refuses a wrong flag before it asks anything', async () => {
    const terminal = init('--server "a b"');
    expect((await terminal.ending()).status).toBe(2);
    expect(terminal.text()).not.toMatch(/^\? /m);
  });

  it('keeps standard output for data: the prompts are on standard error', async () => {
    const terminal = init(`> '${join(folder, 'stdout')}'`);
    await reply(terminal, shortSet);
    expect((await terminal.ending()).status, terminal.text()).toBe(0);
    expect(readFileSync(join(folder, 'stdout'), 'utf8')).not.toMatch(new RegExp(`${esc}|\\? `));
  });

  it('does nothing after a "no"', async () => {
    const terminal = init();
    await reply(terminal, [...shortSet.slice(0, -1), ['write this', 'n']]);
    await interrupted(terminal);
  });
});

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
      "the server's port",
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
    terminal.close();
    open = [];
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

describe.skipIf(needs('tmux', 'ps', 'stty'))('the look', () => {
  it('fits a terminal of 40 columns', async () => {
    const terminal = init('', { columns: 40, rows: 60 });
    await terminal.see('? server host names');
    // An answer longer than the line, refused and corrected: the question must be redrawn in place.
    const long = 'a-rather-long-name.of-a-host.in-a-deep.example.com';
    terminal.type(`${long} ${long}`);
    terminal.press('Enter');
    await terminal.see(/^> /m);
    terminal.press('C-u');
    await terminal.answer('server host names', long);
    await terminal.see('? client host names');
    expect(terminal.text().replaceAll('\n', '')).toContain(`* server host names: ${long}`);
    expect(terminal.text().match(/server host names:/g)).toHaveLength(1);
    await reply(terminal, shortSet.slice(1, -1));
    await terminal.see('? write this');
    // No word of an explanation is cut at the margin.
    const shown = terminal.lines().join('\n').split(/\s+/);
    const known = { options: {}, answers: {}, configured: [], presets: [] };
    const explanations = questions
      .filter(({ key }) => ['server', 'client', 'serverSystem', 'digest', 'passphrase', 'defaults'].includes(key))
      .map((question) => question.explain(known));
    expect(explanations).toHaveLength(6);
    for (const word of explanations.join(' ').split(/\s+/)) expect(shown).toContain(word);
    terminal.press('C-c');
    await interrupted(terminal);
  });

  it('fits a terminal of 12 rows', async () => {
    const terminal = init('', { columns: 40, rows: 12 });
    await reply(terminal, shortSet.slice(0, 2));
    await terminal.see("? the server's operating system");
    for (let step = 0; step < 12; step++) terminal.press('Down');
    // Round the list and beyond: every step was drawn over the one before.
    terminal.type('rhel9');
    await terminal.see(/^> rhel9/m);
    expect(terminal.text().match(/the server's operating system/g)).toHaveLength(1);
    terminal.press('C-c');
    await interrupted(terminal);
  });

  it.each([
    ['colour by default', '', '', true],
    ['no colour with NO_COLOR', '', 'NO_COLOR=1', false],
    ['no colour with --no-color', '--no-color', '', false],
    ['no colour on a dumb terminal', '', 'TERM=dumb', false],
  ] as const)('has %s', async (_, words, environment, coloured) => {
    const terminal = init(words, {}, environment);
    await reply(terminal, shortSet.slice(0, 2));
    await terminal.see("? the server's operating system");
    // Sequences for colour and style; tmux carries out all others itself.
    expect(new RegExp(`${esc}\\[[0-9;]+m`).test(terminal.styled())).toBe(coloured);
    terminal.press('C-c');
    await interrupted(terminal);
  });
});

describe.skipIf(needs('tmux', 'ps', 'stty'))('a second run', () => {
  it('says what exists and adds to it, and touches no key that was made', async () => {
    const first = init('--server mail.example.com --client web1.example.com --os debian12 --client-os debian12 --yes');
    expect((await first.ending()).status, first.text()).toBe(0);
    const before = made();
    const terminal = init();
    await terminal.see(/servers +mail\.example\.com\n *clients +web1\.example\.com/);
    await reply(terminal, [
      ['what is to be done', 'add clients'],
      ['client host names', 'web2.example.com'],
      ['write this', ''],
    ]);
    expect((await terminal.ending()).status, terminal.text()).toBe(0);
    const after = made();
    expect(Object.keys(after)).toContain('hosts/web2.example.com/web2.example.com.key');
    for (const path of Object.keys(before).filter((name) => /\.(key|crt)$|^ca\//.test(name)))
      expect(after[path], path).toBe(before[path]);
  });

  it('that is interrupted changes nothing', async () => {
    const first = init('--server mail.example.com --client web1.example.com --os debian12 --client-os debian12 --yes');
    expect((await first.ending()).status, first.text()).toBe(0);
    const before = made();
    const terminal = init();
    await terminal.answer('what is to be done', 'add clients');
    await terminal.answer('client host names', 'web2.example.com');
    await terminal.see('? write this');
    terminal.press('C-c');
    expect((await terminal.ending()).status).toBe(130);
    expect(made()).toEqual(before);
  });
});
