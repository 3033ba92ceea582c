import { lstatSync, readdirSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { needs } from '../../needs.ts';
import { AppliedHost } from './lab/applied-host.ts';
import { labNeeds, server } from './lab/lab.ts';

const backups = '/etc/postfix/certrelay.backup';

describe.skipIf(needs(...labNeeds))('a backup on a host', () => {
  let host: AppliedHost;

  beforeAll(async () => {
    host = await AppliedHost.start();
  });
  afterAll(() => host?.stop());

  const programs = {
    'install.sh': (...args: readonly string[]) => host.machine.run(['sh', `/mnt/${server}/install.sh`, ...args]),
    'certrelay apply': (...args: readonly string[]) => host.run('--yes', ...args),
  } as const;
  const names = ['install.sh', 'certrelay apply'] as const;
  const pairs = names.flatMap((maker) => names.map((user) => [maker, user] as const));

  it.each(pairs)('of %s is taken back by %s, with its checksums and as 0.1.0 made it', async (maker, user) => {
    for (const bend of ['', `rm ${backups}/[0-9]*/complete`]) {
      await host.prepare('');
      const before = Object.keys(host.snapshot());
      const main = await host.machine.must('cat', '/etc/postfix/main.cf');
      expect(await programs[maker]()).toMatchObject({ status: 0, stderr: '' });
      await host.machine.script(bend);
      expect(await programs[user]('--undo')).toMatchObject({ status: 0, stderr: '' });
      expect(Object.keys(host.snapshot())).toEqual(before);
      expect(await host.machine.must('cat', '/etc/postfix/main.cf')).toBe(main);
    }
  });

  it.each(
    pairs.flatMap(([maker, user]) => [
      [maker, user, 'a copy that was cut short', `: >${backups}/$(ls ${backups} | grep ^2)/master.cf`] as const,
      [maker, user, 'an empty copy of 0.1.0', `cd ${backups}/2*; rm complete; : >main.cf`] as const,
      [maker, user, 'another main.cf', `cd ${backups}/2*; echo x = y >>main.cf`] as const,
    ]),
  )('of %s is refused by %s when it has %s', async (maker, user, _, bend) => {
    await host.prepare('');
    expect(await programs[maker]()).toMatchObject({ status: 0, stderr: '' });
    await host.machine.script(bend);
    const before = host.snapshot();
    const { status, stdout, stderr } = await programs[user]('--undo');
    expect([status, stdout]).toEqual([1, '']);
    expect(stderr).toMatch(/the backup \S+ is not complete; nothing was changed\nhint: /);
    expect(host.snapshot()).toEqual(before);
  });

  it.each(names)('that %s was still copying is passed over', async (user) => {
    await host.prepare(`mkdir -p ${backups}/20260101T000000Z/files; cd ${backups}/20260101T000000Z
      chmod 700 ..; touch unfinished; head -c 100 /etc/postfix/main.cf >main.cf`);
    expect((await programs[user]('--undo')).stdout).toMatch(/^(?:nothing to undo|there is no backup|no backups?)/);
    expect(await programs[user]()).toMatchObject({ status: 0, stderr: '' });
    expect(readdirSync(host.machine.path(backups))).not.toContain('20260101T000000Z');
  });

  it('of a repair is passed over by install.sh, and keeps apply from going on while it is unfinished', async () => {
    await host.prepare('');
    expect(await programs['certrelay apply']()).toMatchObject({ status: 0, stderr: '' });
    const repair = '20990101T000000Z';
    await host.machine.script(
      `cd ${backups}; cp -a 2* ${repair}; echo repair >>${repair}/config; : >${repair}/unfinished`,
    );
    const refused = await programs['certrelay apply']();
    expect([refused.status, refused.stderr]).toEqual([2, expect.stringContaining('take it back first')]);
    const undone = await programs['install.sh']('--undo');
    expect([undone.status, undone.stderr]).toEqual([0, '']);
    expect(undone.stdout).not.toContain(repair);
    expect(readdirSync(host.machine.path(backups))).toEqual([repair]);
  });

  it.each(names)('of %s is for root alone, whatever the umask', async (user) => {
    await host.prepare('');
    const argv =
      user === 'install.sh'
        ? `sh /mnt/${server}/install.sh`
        : `${process.execPath} ${host.cli} apply /mnt/${server} --yes`;
    await host.machine.script(`umask 000; ${argv}`);
    const root = host.machine.path(backups);
    const open = readdirSync(root, { recursive: true, encoding: 'utf8' }).filter(
      (name) => (lstatSync(`${root}/${name}`).mode & 0o022) !== 0,
    );
    expect([open, lstatSync(root).mode & 0o777]).toEqual([[], 0o700]);
  });

  it('certrelay apply on a read-only file system says so, and changes nothing', async () => {
    await host.prepare('');
    const before = host.snapshot();
    await host.machine.script('mount --bind /etc/postfix /etc/postfix; mount -o remount,ro,bind /etc/postfix');
    const { status, stderr } = await programs['certrelay apply']();
    await host.machine.script('umount /etc/postfix');
    expect([status, stderr]).toEqual([1, expect.stringMatching(/cannot write ".*": the file system is read-only\n$/)]);
    expect(host.snapshot()).toEqual(before);
  });
});
