import { spawnSync } from 'node:child_process';
import { mkdirSync, readFileSync, statSync, symlinkSync } from 'node:fs';
import { beforeAll, describe, expect, it } from 'vitest';
import { needs } from '../../../needs.ts';
import { Desk } from './desk.ts';

const analyze = (cwd: string, ...args: readonly string[]) => {
  const { status, stdout, stderr } = spawnSync('systemd-analyze', args, { cwd, encoding: 'utf8' });
  return { status, text: stdout + stderr };
};

describe('certrelay timer', () => {
  const desk = new Desk();
  beforeAll(async () => {
    const made = await desk.run(
      'init',
      '--server',
      's.example.com',
      '--client',
      'c.example.com',
      '--postfix',
      '3.7',
      '--yes',
    );
    expect(made.code).toBe(0);
    mkdirSync(desk.path('a folder'));
    symlinkSync('../out', desk.path('a folder/st%te'));
    for (const units of ['units', 'odd', 'hooked']) mkdirSync(desk.path(units));
  });

  it('writes units once, readable by all', async () => {
    const first = await desk.json('timer', '--write', 'units');
    expect(first).toMatchObject({ code: 0, document: { schema: 'certrelay/timer@1', changed: true } });
    for (const name of ['service', 'timer']) {
      expect(statSync(desk.path(`units/certrelay-rotate.${name}`)).mode & 0o777).toBe(0o644);
    }
    expect((await desk.json('timer', '--write', 'units')).document.changed).toBe(false);
  });

  it('names what runs, and what it may change, by absolute paths', async () => {
    const { stdout } = await desk.run(
      'timer',
      '--passphrase-file',
      'secret',
      '--user',
      'postmaster',
      '--calendar',
      'hourly',
    );
    expect(stdout).toMatch(/^ExecStart=\/\S*node \/\S+ rotate --due --yes --wait --out \/\S+\/out$/m);
    expect(stdout).toContain(`ReadWritePaths=${desk.path('out')}\n`);
    expect(stdout).toContain(`LoadCredential=ca-passphrase:${desk.path('secret')}\n`);
    expect(stdout).toContain('User=postmaster\n');
    expect(stdout).toContain('OnCalendar=hourly\n');
    for (const line of ['ProtectSystem=strict', 'NoNewPrivileges=yes', 'Persistent=true', 'RandomizedDelaySec=1h']) {
      expect(stdout).toContain(`${line}\n`);
    }
  });

  it('opens the network for a hook only', async () => {
    expect((await desk.run('timer')).stdout).toContain('PrivateNetwork=yes\n');
    const { stdout } = await desk.run('timer', '--deploy-hook', "./copy 'to host'");
    expect(stdout).not.toContain('PrivateNetwork');
    expect(stdout).toMatch(/ --deploy-hook ".\/copy 'to host'"$/m);
  });

  it('writes a line for cron that sh(1) takes apart again', async () => {
    const { stdout } = await desk.run('timer', '--cron', '--out', 'a folder/st%te', '--deploy-hook', "it's 5%");
    const line = stdout.split('\n')[1] ?? '';
    const [, command = ''] = /^\d+ 4 \* \* \* root (.*)$/.exec(line) ?? [];
    // What cron makes of a backslash before a percent sign (crontab(5)).
    const printed = spawnSync('sh', ['-c', `printf '%s\\n' ${command.replaceAll('\\%', '%')}`], { encoding: 'utf8' });
    expect(printed.stdout.trimEnd().split('\n').slice(2)).toEqual([
      ...['rotate', '--due', '--yes', '--wait', '--quiet', '--out', desk.path('a folder/st%te')],
      ...['--deploy-hook', "it's 5%"],
    ]);
  });

  it.each([
    [['--out', 'nowhere'], 'no-set-up'],
    [['--user', 'a b'], 'timer-user'],
    [['--calendar', 'daily\nExecStart=/bin/sh'], 'timer-text'],
    [['--deploy-hook', ''], 'timer-text'],
  ])('refuses %j', async (args, code) => {
    expect(await desk.run('timer', ...args)).toMatchObject({ code: 2, stdout: '', problems: [{ code }] });
  });

  describe.skipIf(needs('systemd-analyze'))('in the eyes of systemd', () => {
    it.each([
      ['plain', 'units', []],
      ['odd paths', 'odd', ['--out', 'a folder/st%te', '--passphrase-file', 'pass %n word']],
      ['a hook', 'hooked', ['--deploy-hook', `sh -c 'echo "$1"' x`, '--calendar', 'Mon *-*-* 04:00']],
    ])('units are valid: %s', async (_what, folder, args) => {
      expect((await desk.run('timer', '--write', folder, ...args)).code).toBe(0);
      const names = ['service', 'timer'].map((name) => `${folder}/certrelay-rotate.${name}`);
      expect(analyze(desk.folder, 'verify', '--man=no', ...names)).toEqual({ status: 0, text: '' });
    });

    it('is exposed to little', async () => {
      await desk.run('timer', '--write', 'units');
      const unit = readFileSync(desk.path('units/certrelay-rotate.service'), 'utf8');
      expect(unit).toContain('[Service]');
      const { text } = analyze(desk.folder, 'security', '--offline=yes', 'units/certrelay-rotate.service');
      const level = Number(/Overall exposure level for \S+: ([\d.]+)/.exec(text)?.[1] ?? 10);
      expect(level, text).toBeLessThan(2);
    });
  });
});
