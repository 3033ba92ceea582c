import { spawnSync } from 'node:child_process';
import { describe, expect, it } from 'vitest';
import { commands } from '../../src/cli/commands/index.ts';
import { grammarOf } from '../../src/cli/completion/grammar.ts';
import { manualPage } from '../../src/cli/completion/manual-page.ts';
import { exitCodes } from '../../src/lib/problem.ts';
import { needs } from '../needs.ts';
import { program } from '../setup/program.ts';

const edition = { version: '1.2.3', date: '2026-01-02', exitCodes: Object.values(exitCodes) };
const page = manualPage(grammarOf(commands), edition);

function formatted(program: string, ...args: readonly string[]) {
  const { status, stdout, stderr } = spawnSync(program, args, { input: page, encoding: 'utf8' });
  return { status, said: stderr, text: stdout };
}

describe('the manual page', () => {
  it.skipIf(needs('mandoc'))('is clean for mandoc, down to style', () => {
    expect(formatted('mandoc', '-T', 'lint', '-W', 'all')).toEqual({ status: 0, said: '', text: '' });
  });

  it.skipIf(needs('groff'))('is formatted by groff without a warning, and says everything that the rows say', () => {
    // One long line a paragraph, so that what belongs together stays together.
    const { status, said, text } = formatted('groff', '-ww', '-man', '-P-cbou', '-rLL=4000n', '-rHY=0', '-T', 'utf8');
    expect({ status, said }).toEqual({ status: 0, said: '' });
    const plain = text.replace(/\s+/g, ' ');
    for (const { name, args = '', doc, options, examples } of commands) {
      expect(plain).toContain(`certrelay ${name}${args === '' ? '' : ` ${args}`}`);
      for (const words of [doc, ...options.map((option) => option.doc), ...examples.flat()]) {
        expect(plain).toContain(words.replace(/\s+/g, ' '));
      }
      for (const option of options) expect(plain).toContain(option.flags);
    }
    for (const [code, meaning] of edition.exitCodes) expect(plain).toContain(`${code} ${meaning}`);
  });

  it('keeps a text from being a macro or an escape', () => {
    const odd = { name: 'odd', doc: ".so /etc/passwd 'x' \\n(.g", examples: [["'tis -a", '.x']], options: [] } as const;
    const written = manualPage(grammarOf([{ ...odd, run: async () => 0 }]), edition);
    expect(written).toContain('\n\\&.so /etc/passwd \\(aqx\\(aq \\en(.g\n');
    expect(written).toContain('\n\\(aqtis \\-a\n');
    expect(written).toContain('\n\\&.x\n');
  });
});

describe('certrelay man', () => {
  const built = program();
  const dated = { env: { SOURCE_DATE_EPOCH: '86400' } };

  it('prints it, with the date that a reproducible build gives', () => {
    const { status, stdout } = built.run(['man'], dated);
    expect(status).toBe(0);
    expect(stdout.split('\n')[0]).toMatch(/^\.TH CERTRELAY 1 1970-01-02 "certrelay \d+\.\d+\.\d+" "User Commands"$/);
    expect(JSON.parse(built.run(['man', '--json'], dated).stdout)).toEqual({ schema: 'certrelay/man@1', page: stdout });
    expect(built.run(['man'], { env: { SOURCE_DATE_EPOCH: 'today' } })).toMatchObject({ status: 2, stdout: '' });
  });
});
