import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { needs } from '../../needs.ts';
import { AppliedHost } from './lab/applied-host.ts';
import { standInOptions } from './lab/applying.ts';
import { labNeeds, server } from './lab/lab.ts';
import type { Ran } from './lab/machine.ts';
import { until } from './lab/until.ts';

const lock = '/etc/postfix/.certrelay.lock';

describe.skipIf(needs(...labNeeds))('install.sh and certrelay apply on one host', () => {
  let host: AppliedHost;

  beforeAll(async () => {
    host = await AppliedHost.start();
  });
  afterAll(() => host?.stop());

  const shells = { dash: ['dash'], busybox: ['busybox', 'sh'], bash: ['bash', '--posix'] } as const;
  const script = (shell: keyof typeof shells, ...args: readonly string[]): Promise<Ran> => {
    const [program, ...rest] = shells[shell];
    return host.machine.run([program, ...rest, `/mnt/${server}/install.sh`, ...args, ...standInOptions(host.machine)]);
  };
  const apply = (...args: readonly string[]) => host.run('--yes', ...args);

  it.each([
    ['install.sh', () => script('dash'), 'install.sh by dash', () => script('dash')],
    ['install.sh', () => script('dash'), 'install.sh by busybox', () => script('busybox')],
    ['certrelay apply', () => apply(), 'install.sh by bash', () => script('bash')],
    ['install.sh', () => script('bash'), 'certrelay apply', () => apply()],
    ['certrelay apply', () => apply(), 'certrelay apply', () => apply()],
  ] as const)('while %s is at work, %s%s ends with exit 7 and changes nothing', async (owner, first, _, second) => {
    await host.prepare(
      host.standIn('postmap', 'touch /mnt/busy; while [ -e /mnt/busy ]; do sleep 0.1; done; real "$@"'),
    );
    const running = first();
    await until('a run that is at work', () => (existsSync(host.machine.path('/mnt/busy')) ? true : undefined));
    const before = host.snapshot();
    const { status, stdout, stderr } = await second();
    expect([status, stdout]).toEqual([7, '']);
    expect(stderr).toMatch(new RegExp(`"${owner}", process \\d+, has held the lock "${lock}" since 2\\d{3}-`));
    expect(host.snapshot()).toEqual(before);
    // Once it may go on, nothing stops it any more: the stand-in is called for each table, and for each question.
    await host.machine.script(
      'rm -f /mnt/stand-ins/postmap; cp /usr/sbin/postmap /mnt/stand-ins/postmap; rm -f /mnt/busy',
    );
    expect(await running).toMatchObject({ status: 0 });
    expect(existsSync(host.machine.path(lock))).toBe(false);
  });

  it.each([
    ['install.sh', () => script('dash'), () => apply()],
    ['certrelay apply', () => apply(), () => script('busybox')],
  ] as const)('after %s was killed, the other takes its lock over and goes on', async (_, first, second) => {
    await host.prepare(host.standIn('postfix', 'case "$*" in *check*) kill -KILL $PPID ;; *) real "$@" ;; esac'));
    expect((await first()).status).not.toBe(0);
    expect(existsSync(host.machine.path(lock))).toBe(true);
    await host.machine.script('rm -f /mnt/stand-ins/*');
    expect(await second()).toMatchObject({ status: 0, stderr: '' });
    expect(existsSync(host.machine.path(lock))).toBe(false);
    expect((await apply()).stdout).toMatch(/^nothing to change/);
  });

  it.each([
    ['a pid that is used again', (owner: object) => ({ ...owner, pid: 1, started: '1' })],
    ['a process of before the last start', (owner: object) => ({ ...owner, pid: 1, boot: 'before' })],
  ])('a lock of %s is taken over', async (_, change) => {
    await host.prepare('');
    const ours = JSON.parse(await heldLock()) as object;
    writeFileSync(host.machine.path(lock), `${JSON.stringify(change(ours))}\n`);
    expect(await script('dash')).toMatchObject({ status: 0, stderr: '' });
    expect(existsSync(host.machine.path(lock))).toBe(false);
  });

  it.each([
    ['of another machine', (owner: object) => `${JSON.stringify({ ...owner, host: 'elsewhere' })}\n`],
    ['that names no owner', () => 'whose?\n'],
  ])('a lock %s is not taken over', async (_, text) => {
    await host.prepare('');
    writeFileSync(host.machine.path(lock), text(JSON.parse(await heldLock()) as object));
    expect(await script('dash')).toMatchObject({ status: 7, stdout: '' });
    expect(await apply()).toMatchObject({ status: 7, stdout: '' });
    await host.machine.must('rm', lock);
  });

  /** What a run writes into its lock; the host is set back. */
  async function heldLock(): Promise<string> {
    await host.prepare(host.standIn('postmap', `cp ${lock} /mnt/held; exit 1`));
    expect((await script('dash')).status).toBe(1);
    await host.prepare('');
    return readFileSync(host.machine.path('/mnt/held'), 'utf8');
  }

  it("runs no program of the caller's PATH, and none of the current directory", async () => {
    await host.prepare(`
      rm -rf /mnt/evil /mnt/ran; mkdir /mnt/evil; cd /mnt/evil
      for program in postconf postmap postfix cat mv cp ls sed id cksum; do
        printf '#!/bin/sh\\necho $0 >>/mnt/ran\\n' >$program; chmod +x $program; cp $program /mnt/${server}
      done`);
    const evil = ['env', '-C', '/mnt/evil', 'PATH=/mnt/evil::.:/usr/bin:/bin'] as const;
    const run = (...argv: readonly string[]) => host.machine.run([...evil, ...argv]);
    expect((await run('/bin/sh', `/mnt/${server}/install.sh`)).status).toBe(0);
    const undo = await run(process.execPath, host.cli, 'apply', `/mnt/${server}`, '--undo', '--yes');
    expect([undo.status, undo.stderr]).toEqual([0, '']);
    expect(existsSync(host.machine.path('/mnt/ran'))).toBe(false);
  });

  it.each(['relative/bin', '/mnt/none', '/mnt/open'])('--programs %s is refused', async (folder) => {
    await host.prepare('mkdir -p /mnt/open; chmod 777 /mnt/open');
    expect(await script('dash', '--programs', folder)).toMatchObject({ status: 2, stdout: '' });
    expect(await apply('--programs', folder)).toMatchObject({ status: 2, stdout: '' });
  });

  it('on a file system that is read-only they say so, and a run that changes nothing needs no lock', async () => {
    await host.prepare('');
    expect((await script('dash')).status).toBe(0);
    await host.machine.script('mount --bind /etc/postfix /etc/postfix; mount -o remount,ro,bind /etc/postfix');
    try {
      expect(await script('dash')).toMatchObject({ status: 0, stdout: expect.stringMatching(/^nothing changed/) });
      expect(await apply()).toMatchObject({ status: 0, stdout: expect.stringMatching(/^nothing to change/) });
      const undone = await script('dash', '--undo');
      expect([undone.status, undone.stderr]).toEqual([
        1,
        expect.stringMatching(/cannot write the lock .*nothing was changed\nhint: .*read-only/),
      ]);
      const applied = await apply('--undo');
      expect([applied.status, applied.stderr]).toEqual([
        1,
        expect.stringMatching(/cannot write ".*": the file system is read-only/),
      ]);
    } finally {
      await host.machine.script('umount /etc/postfix');
    }
  });
});
