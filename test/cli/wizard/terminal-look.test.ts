import { describe, expect, it } from 'vitest';
import { questions } from '../../../src/cli/wizard/questions.ts';
import { needs } from '../../needs.ts';
import { init, interrupted, reply, shortSet, useTerminals } from './terminal-session.ts';

useTerminals();

const esc = '\u001b';

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
