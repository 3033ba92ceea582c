import { spawnSync } from 'node:child_process';
import { describe, expect, it } from 'vitest';
import { needs } from '../../../needs.ts';
import { clientView, databaseView, installScript, ownServiceView, serverView } from './sample.ts';

const both = serverView({ isClient: true, roles: ['server', 'client'] });
const scripts = [
  ['a server', installScript(serverView())],
  ['a client', installScript(clientView())],
  ['a host that is both', installScript(both)],
  ['a server with a service of its own', installScript(ownServiceView('2525'))],
  ['a server whose table is in a database', installScript(databaseView())],
  ['a host without tables', installScript(serverView({ maps: [], files: [], pairs: [], parameters: [] }))],
] as const;

describe.each(scripts)('install.sh of %s', (_, script) => {
  it.skipIf(needs('shellcheck'))('has nothing that shellcheck objects to in POSIX sh', () => {
    const { stdout, status } = spawnSync('shellcheck', ['--shell=sh', '-'], { input: script, encoding: 'utf8' });
    expect(stdout).toBe('');
    expect(status).toBe(0);
  });

  it.skipIf(needs('dash', 'busybox', 'bash')).each([
    ['dash', []],
    ['busybox', ['sh']],
    ['bash', ['--posix']],
  ] as const)('is read by %s', (shell, options) => {
    const { stderr, status } = spawnSync(shell, [...options, '-n'], { input: script, encoding: 'utf8' });
    expect(stderr).toBe('');
    expect(status).toBe(0);
  });

  it('has help, with examples and exit codes', () => {
    const { stdout, status } = spawnSync('sh', ['-s', '--', '--help'], { input: script, encoding: 'utf8' });
    expect(status).toBe(0);
    expect(stdout).toMatch(/^usage: sh install\.sh .*Examples:.*--dry-run.*--undo.*Exit codes:/s);
  });

  it('keeps its lines short enough to read, but for the values it carries', () => {
    const long = script
      .split('\n')
      .filter((line) => line.length > 140 && !/^(?:[a-z_]+ = |\S+\/(?:inet|unix) )/.test(line));
    expect(long).toEqual([]);
  });
});

describe('install.sh', () => {
  it('quotes what it is given for sh', () => {
    const script = installScript(serverView({ installDir: "/etc/it's $(here)" }));
    const line = script.split('\n').find((text) => text.startsWith('install_dir='));
    const { stdout } = spawnSync('sh', ['-c', `${line}\nprintf %s "$install_dir"`], { encoding: 'utf8' });
    expect(stdout).toBe("/etc/it's $(here)");
  });

  // A document that fits into no pipe is kept in a file by every bash; bash before 5.1 does so with all of them.
  it.skipIf(needs('bash')).each([
    ['files', 'files() { printf "%s\\n" "$long"; }; find_pending'],
    ['services', 'services() { printf "%s\\n" "$long"; }; put_before() { :; }; find_due_entries'],
  ])('does not say that nothing changed where its shell has no room for here-documents: %s', (_, use) => {
    const functions = installScript(ownServiceView('2525')).split(/^case \$0 in$/m)[0] ?? '';
    const full = `trap '' XFSZ; ulimit -f 0; long=$(seq 30000); present=''; config=/; backups=/`;
    const command = `${functions}\n${full}\n${use}; echo "found nothing: $?"`;
    const { status, stdout, stderr } = spawnSync('bash', ['--posix', '-s'], { input: command, encoding: 'utf8' });
    expect([status, stdout]).toEqual([1, '']);
    expect(stderr).toContain('install.sh: nothing changed: the shell has no room for its here-documents\n');
  });
});
