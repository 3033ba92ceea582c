import { spawnSync } from 'node:child_process';
import { appendFileSync, chmodSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { beforeAll, describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { needs } from '../../../needs.ts';
import { Desk } from './desk.ts';

/** The play that docs/operation.md shows, run as it stands there. */
const document = readFileSync(fileURLToPath(new URL('../../../../docs/operation.md', import.meta.url)), 'utf8');
const play = /^```yaml play\n([\s\S]*?)^```$/m.exec(document)?.[1] ?? '';
const cli = fileURLToPath(new URL('../../../../dist/cli.js', import.meta.url));

interface Task {
  readonly name: string;
  readonly 'ansible.builtin.command'?: { readonly argv: string | readonly string[] };
}

describe('the Ansible play of the documents', () => {
  const desk = new Desk(new Date());
  const plays: readonly { readonly hosts: string; readonly tasks: readonly Task[] }[] = parse(play);
  const ansible = (...args: readonly string[]) => {
    const ran = spawnSync('ansible-playbook', ['-i', 'hosts', 'play.yml', ...args], {
      cwd: desk.folder,
      encoding: 'utf8',
      env: {
        ...process.env,
        PATH: `${desk.path('bin')}:${process.env.PATH}`,
        PWD: desk.folder,
        ANSIBLE_LOCAL_TEMP: desk.path('.ansible'),
        ANSIBLE_HOME: desk.path('.ansible'),
        LC_ALL: 'C.UTF-8',
      },
    });
    return { status: ran.status, text: `${ran.stdout}${ran.stderr}` };
  };

  beforeAll(() => {
    mkdirSync(desk.path('bin'));
    writeFileSync(desk.path('bin/certrelay'), `#!/bin/sh\nexec '${process.execPath}' '${cli}' "$@"\n`);
    chmodSync(desk.path('bin/certrelay'), 0o755);
    writeFileSync(desk.path('play.yml'), play);
    const hosts = [
      'localhost ansible_connection=local',
      '[relays]',
      'relay.example.com',
      '[clients]',
      'web.example.com',
      'db.example.com',
    ];
    writeFileSync(desk.path('hosts'), `${hosts.join('\n')}\n`);
  });

  it('has the parts that the text speaks of', () => {
    expect(plays.map(({ hosts }) => hosts)).toEqual(['localhost', 'relays:clients']);
    expect(plays.flatMap(({ tasks }) => tasks)).toHaveLength(5);
  });

  it('calls certrelay with commands and options that it has', async () => {
    const made = await desk.run(
      'init',
      '--out',
      'plain',
      '--server',
      's.example.com',
      '--client',
      'c.example.com',
      '--postfix',
      '3.7',
      '--yes',
    );
    expect(made.code).toBe(0);
    const called = plays
      .flatMap(({ tasks }) => tasks)
      .map((task) => task['ansible.builtin.command']?.argv)
      .filter((argv): argv is readonly string[] => Array.isArray(argv) && argv[0] === 'certrelay');
    expect(called).toHaveLength(2);
    for (const [, ...argv] of called) {
      const words = argv.map((word) => word.replace('{{ state }}', 'plain'));
      expect((await desk.run(...words)).code, words.join(' ')).toBe(0);
    }
  });

  it.skipIf(needs('ansible-playbook'))('is one that Ansible takes', () => {
    expect(ansible('--syntax-check')).toMatchObject({ status: 0 });
  });

  it.skipIf(needs('ansible-playbook'))(
    'changes once, and tells in check mode what would change',
    () => {
      const recap = (text: string) => /^localhost .*changed=(\d+) .*failed=(\d+)/m.exec(text)?.slice(1).map(Number);
      const first = ansible('--limit', 'localhost');
      expect(recap(first.text), first.text).toEqual([1, 0]);
      const second = ansible('--limit', 'localhost');
      expect(recap(second.text), second.text).toEqual([0, 0]);
      expect(recap(ansible('--limit', 'localhost', '--check').text)).toEqual([0, 0]);
      appendFileSync(desk.path('relay/hosts/relay.example.com/main.cf'), 'x = y\n');
      expect(recap(ansible('--limit', 'localhost', '--check').text)).toEqual([1, 0]);
      expect(recap(ansible('--limit', 'localhost').text)).toEqual([1, 0]);
    },
    120_000,
  );
});
