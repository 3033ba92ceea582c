import { spawnSync } from 'node:child_process';
import { chmodSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { commands } from '../../src/cli/commands/index.ts';
import { grammarOf } from '../../src/cli/completion/grammar.ts';
import { needs } from '../needs.ts';
import { program } from '../setup/program.ts';

/** The scripts of `certrelay completion`, each asked by its own shell, in a folder with a set-up. */
const built = program();
let home = '';

beforeAll(() => {
  home = mkdtempSync(join(tmpdir(), 'certrelay-completion-'));
  for (const folder of ['bin', 'logs', 'with space']) mkdirSync(join(home, folder));
  for (const file of ['mail.log', 'main.cf']) writeFileSync(join(home, file), '');
  const hosts = ['--server', 'relay.example.com', '--client', 'web.example.com', 'wiki.example.com'];
  const set = built.certrelay('init', '--yes', '--postfix', '3.7', '--out', join(home, 'out'), ...hosts);
  expect(set.status, set.stderr).toBe(0);
  for (const shell of ['bash', 'zsh', 'fish']) {
    const { status, stdout } = built.certrelay('completion', shell);
    expect(status).toBe(0);
    writeFileSync(join(home, shell === 'zsh' ? '_certrelay' : `completion.${shell}`), stdout);
  }
  const cli = join(built.folder, 'package/dist/cli.js');
  writeFileSync(join(home, 'bin/certrelay'), `#!/bin/sh\nexec '${process.execPath}' '${cli}' "$@"\n`);
  chmodSync(join(home, 'bin/certrelay'), 0o755);
});
afterAll(() => rmSync(home, { recursive: true, force: true }));

function shell(name: string, ...args: readonly string[]): string {
  const ran = spawnSync(name, args, {
    cwd: home,
    encoding: 'utf8',
    env: { HOME: home, PATH: `${join(home, 'bin')}:${process.env.PATH}`, TERM: 'dumb', LC_ALL: 'C.UTF-8' },
  });
  expect(ran.stderr).toBe('');
  return ran.stdout;
}

const names = commands.map((row) => row.name);
const flagsOf = (name: string) =>
  grammarOf(commands)
    .commands.find((command) => command.name === name)
    ?.flags.map(({ long }) => long) ?? [];

describe('the grammar behind them', () => {
  it('has every option of every row, with what stands behind it', () => {
    const { commands: known } = grammarOf(commands);
    expect(known.map(({ name }) => name)).toEqual([...names, 'help']);
    for (const row of commands) {
      for (const option of row.options) {
        const flag = known
          .find(({ name }) => name === row.name)
          ?.flags.find(({ long }) => option.flags.split(/[ ,]+/).includes(long));
        expect(flag, `${row.name} ${option.flags}`).toBeDefined();
        expect(flag?.value === undefined, option.flags).toBe(!/[<[]/.test(option.flags));
        if (option.choices !== undefined) expect(flag?.value).toMatchObject({ choices: option.choices });
      }
    }
  });
});

describe('certrelay completion', () => {
  it('wants one shell, of those that it knows', () => {
    for (const args of [[], ['tcsh'], ['bash', 'zsh'], ['bash', '--names']]) {
      const { status, stdout, stderr } = built.certrelay('completion', ...args);
      expect({ status, stdout }, args.join(' ')).toEqual({ status: 2, stdout: '' });
      expect(stderr).toMatch(/which shell|no completion for "tcsh"|too many arguments|--names prints/);
    }
  });

  it('lists the hosts of the set-up, and says when there is none', () => {
    const listed = built.certrelay('completion', '--names', '--out', join(home, 'out'));
    expect(listed).toMatchObject({ status: 0, stdout: 'relay.example.com\nweb.example.com\nwiki.example.com\n' });
    expect(built.certrelay('completion', '--names')).toMatchObject({ status: 2, stdout: '' });
  });

  it('prints one document with --json', () => {
    const { stdout } = built.certrelay('completion', 'fish', '--json');
    expect(JSON.parse(stdout)).toMatchObject({ schema: 'certrelay/completion@1', shell: 'fish' });
  });
});

describe.skipIf(needs('bash'))('in bash', () => {
  /** What is offered for the last of the words, as readline parts them. */
  function offered(...words: readonly string[]): string[] {
    const script = `source ./completion.bash
      [[ $(complete -p certrelay) == *'-F _certrelay certrelay' ]] || exit 9
      COMP_WORDS=("$@") COMP_CWORD=$(($# - 1))
      _certrelay certrelay 2>/dev/null
      printf '%s\\n' "\${COMPREPLY[@]}"`;
    return shell('bash', '-c', script, 'bash', 'certrelay', ...words)
      .split('\n')
      .filter((line) => line !== '')
      .sort();
  }

  it.each<[string, readonly string[], readonly string[]]>([
    ['commands', [''], ['--help', '--version', '-V', '-h', 'help', ...names]],
    ['options', ['init', '--dig'], ['--digest']],
    ['all options', ['render', '-'], flagsOf('render')],
    ['options where no argument can be offered', ['render', ''], flagsOf('render')],
    ['choices', ['init', '--digest', 'sha'], ['sha1', 'sha256', 'sha384', 'sha512']],
    ['choices behind an equals sign', ['init', '--digest', '=', 'sha3'], ['sha384']],
    ['choices behind a bare equals sign', ['rotate', '--digest', '='], ['sha1', 'sha256', 'sha384', 'sha512']],
    ['what an option may have', ['simulate', '--explain', ''], ['full']],
    ['hosts as arguments', ['rotate', 'wi'], ['wiki.example.com']],
    ['hosts as values, from the second on', ['rotate', '--deployed', 'web.example.com', 'rel'], ['relay.example.com']],
    ['hosts of a folder that is named', ['remove', '--out', 'out', 'we'], ['web.example.com']],
    ['no hosts where there is no set-up', ['remove', '--out', 'logs', 'we'], []],
    ['files', ['explain', 'm'], ['mail.log', 'main.cf']],
    ['files behind an equals sign', ['simulate', '--table', '/etc/x', '=', 'mai'], ['mail.log', 'main.cf']],
    ['folders, with blanks too', ['init', '--out', ''], ['bin', 'logs', 'out', 'with space']],
    ['nothing where only the user knows', ['init', '--server', ''], []],
    ['options behind values', ['init', '--server', 'a.example.com', '--no-p'], ['--no-permit-sasl']],
    ['no options behind two hyphens', ['explain', '--', '--l'], []],
    ['topics of help', ['help', 'e'], ['exit-codes', 'explain']],
    ['nothing behind what is no command', ['nonsense', ''], []],
  ])('offers %s', (_what, words, expected) => {
    expect(offered(...words)).toEqual([...expected].sort());
  });

  it('expands nothing that a host name says', () => {
    writeFileSync(join(home, 'bin/liar'), "#!/bin/sh\necho 'w$(touch evil)`touch evil`*'\n");
    chmodSync(join(home, 'bin/liar'), 0o755);
    const script = `source ./completion.bash; COMP_WORDS=(liar rotate w) COMP_CWORD=2; _certrelay liar
      printf '%s\\n' "\${COMPREPLY[@]}"; [ ! -e evil ]`;
    expect(shell('bash', '-c', script)).toBe('w$(touch evil)`touch evil`*\n');
  });

  it.skipIf(needs('shellcheck'))('is clean for shellcheck', () => {
    expect(shell('shellcheck', 'completion.bash')).toBe('');
  });
});

describe.skipIf(needs('zsh'))('in zsh', () => {
  /** An interactive zsh on a terminal of its own gets each line with a tab behind it, and shows what became of it. */
  function completed(...lines: readonly string[]): string[] {
    const script = `zmodload zsh/zpty || exit 9
      zpty -b shell env zsh -f -i
      zpty -w shell 'PS1= PS2= RPS1=; fpath=($HOME $fpath); autoload -Uz compinit; compinit -u -D'
      zpty -w shell 'show() { print -r -- "LINE<$BUFFER>"; BUFFER= }; zle -N tabbed; zle -N show'
      zpty -w shell 'tabbed() { zle complete-word; zle show }; bindkey "^I" tabbed; print REA""DY'
      expect() { local out= part; integer n=0
        until [[ $out == $~1 ]] || ((n++ > 400)); do zpty -r -t shell part && out+=$part || sleep 0.05; done
        print -r -- "$out"; }
      expect '*READY*' >/dev/null
      for line in "$@"; do
        zpty -w -n shell "$line"$'\\t'
        expect '*LINE<*>*'
      done
      zpty -d shell`;
    return [...shell('zsh', '-f', '-c', script, 'zsh', ...lines).matchAll(/LINE<(.*)>/g)].map(
      (match) => match[1] ?? '',
    );
  }

  it('completes commands, options, values, hosts and files', () => {
    const lines = [
      ['certrelay comple', 'certrelay completion '],
      ['certrelay init --dig', 'certrelay init --digest '],
      ['certrelay init --digest sha3', 'certrelay init --digest sha384 '],
      ['certrelay init --digest=sha3', 'certrelay init --digest=sha384 '],
      ['certrelay rotate wi', 'certrelay rotate wiki.example.com '],
      ['certrelay remove --out out we', 'certrelay remove --out out web.example.com '],
      ['certrelay remove --out logs we', 'certrelay remove --out logs we'],
      ['certrelay explain mail', 'certrelay explain mail.log '],
      ['certrelay simulate --table /x=mail', 'certrelay simulate --table /x=mail.log '],
      ['certrelay init --out lo', 'certrelay init --out logs/'],
      ['certrelay help sim', 'certrelay help simulate '],
    ] as const;
    expect(completed(...lines.map(([typed]) => typed))).toEqual(lines.map(([, expected]) => expected));
  });
});

describe.skipIf(needs('fish'))('in fish', () => {
  const offered = (line: string) =>
    shell('fish', '--no-config', '-c', 'source completion.fish; complete -C $argv[1]', line)
      .split('\n')
      .map((row) => row.split('\t')[0] ?? '')
      .filter((word) => word !== '')
      .sort();

  it.each<[string, readonly string[]]>([
    ['certrelay ', ['help', ...names].sort()],
    ['certrelay --v', ['--version']],
    ['certrelay init --dig', ['--digest']],
    ['certrelay init --digest sha', ['sha1', 'sha256', 'sha384', 'sha512']],
    ['certrelay init --digest=sha3', ['--digest=sha384']],
    ['certrelay rotate wi', ['wiki.example.com']],
    ['certrelay remove --out out we', ['web.example.com']],
    ['certrelay remove --out=logs we', []],
    ['certrelay explain ma', ['mail.log', 'main.cf']],
    ['certrelay init --out lo', ['logs/']],
    ['certrelay render ', []],
    ['certrelay help sim', ['simulate']],
  ])('%s', (line, expected) => {
    expect(offered(line)).toEqual(expected);
  });
});
