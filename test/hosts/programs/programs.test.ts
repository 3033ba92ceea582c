import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { instancesOf } from '../../../src/hosts/apply/locate.ts';
import { PostfixPrograms } from '../../../src/hosts/programs/postfix-programs.ts';
import { programsOf, systemPath } from '../../../src/hosts/programs/programs.ts';
import { readValues } from '../../../src/policy/postfix/postconf-values.ts';

const run = programsOf(process.env);

describe('programs of the host', () => {
  it('get their input, and give status and output', () => {
    expect(run('sh', ['-c', 'cat; echo wrong >&2; exit 3'], 'text')).toEqual({
      status: 3,
      stdout: 'text',
      stderr: 'wrong\n',
    });
  });

  it('that are not there have the status of sh for it', () => {
    expect(run('no-such-program', [])).toEqual({ status: 127, stdout: '', stderr: 'no-such-program: not found\n' });
  });

  it('that a signal ended have the status of sh for that', () => {
    expect(run('sh', ['-c', 'kill -TERM $$']).status).toBe(143);
  });

  it('that read none of their input did not fail by that', () => {
    expect(run('true', [], 'x'.repeat(1_000_000)).status).toBe(0);
  });

  it('speak English, and are not looked for in the PATH of the caller', () => {
    const say = ['-c', 'echo "$LC_ALL $PATH"'];
    const environment = { PATH: ':/tmp/bin:.:/usr/bin', LC_ALL: 'de_DE.UTF-8' };
    expect(programsOf(environment)('sh', say).stdout).toBe(`C ${systemPath}\n`);
    expect(programsOf(environment, '/opt/postfix/sbin')('sh', say).stdout).toBe(`C /opt/postfix/sbin:${systemPath}\n`);
  });

  it('have a session of their own, for Ctrl-C is not for them', () => {
    const session = (stat: string) => stat.slice(stat.lastIndexOf(')') + 2).split(' ')[3];
    const { stdout } = run('cat', ['/proc/self/stat']);
    expect(session(stdout)).not.toBe(session(readFileSync('/proc/self/stat', 'utf8')));
  });
});

describe('what postconf prints', () => {
  it('is values by name, with warnings passed over', () => {
    const values = readValues('a = 1\npostconf: warning: x = y z\nb =\nc = d = e \nwith blank = no\n');
    expect([...values]).toEqual([
      ['a', '1'],
      ['b', ''],
      ['c', 'd = e'],
    ]);
  });

  it('is asked for the directory that is meant', () => {
    const asked: (readonly string[])[] = [];
    const programs = new PostfixPrograms((program, args) => {
      asked.push([program, ...args]);
      return { status: 0, stdout: 'a = b\n', stderr: '' };
    }, '/etc/postfix-out');
    expect([...programs.set()]).toEqual([['a', 'b']]);
    expect(programs.over('/tmp/copy').runs()).toBe(true);
    expect(asked).toEqual([
      ['postconf', '-c', '/etc/postfix-out', '-n'],
      ['postfix', '-c', '/tmp/copy', 'status'],
    ]);
  });
});

describe('instances', () => {
  const listed = (stdout: string, status = 0) => instancesOf(() => ({ status, stdout, stderr: '' }));

  it('are what postmulti lists', () => {
    expect(listed('-               -               y         /etc/postfix\nout  mta  n  /etc/postfix-out\n')).toEqual([
      { name: '-', config: '/etc/postfix' },
      { name: 'out', config: '/etc/postfix-out' },
    ]);
  });

  it('are none where postmulti cannot tell', () => {
    expect(listed('', 1)).toEqual([]);
  });
});
