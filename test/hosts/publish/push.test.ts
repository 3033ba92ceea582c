import { chmodSync, existsSync, readFileSync, writeFileSync } from 'node:fs';
import { beforeAll, describe, expect, it } from 'vitest';
import { workplace } from '../../setup/workplace.ts';

/** The same command for maps that are files: a command of the operator's brings them there. */
describe('certrelay publish --deploy-hook', () => {
  const { certrelay, at } = workplace();
  const servers = ['one.example.com', 'two.example.com'];

  beforeAll(async () => {
    const made = await certrelay(
      ...['init', '--server', ...servers, '--client', 'a.example.com', '--postfix', '3.7', '--yes'],
    );
    expect(made.status).toBe(0);
  });

  /** A command that notes whom it was run for, and fails for these hosts so many times. */
  const hook = (failing = '', times = 0) => {
    const path = at('push');
    writeFileSync(
      path,
      `#!/bin/sh\necho "$1 $(basename "$2")" >>'${at('pushed')}'\n[ -f "$2/main.cf" ] || exit 9\n` +
        `case " ${failing} " in *" $1 "*) n=$(grep -c "^$1 " '${at('pushed')}'); [ "$n" -gt ${times} ] || exit 4 ;; esac\n`,
    );
    chmodSync(path, 0o755);
    writeFileSync(at('pushed'), '');
    return ['publish', '--deploy-hook', path];
  };
  const pushed = () => readFileSync(at('pushed'), 'utf8').trimEnd().split('\n');

  it('brings files to servers that never said that they have theirs, and remembers it', async () => {
    const checked = await certrelay(...hook(), '--check');
    expect([checked.status, checked.stdout]).toEqual([6, expect.stringContaining('would bring files to 2 hosts')]);
    expect(pushed()).toEqual(['']);
    const done = await certrelay(...hook(), '--json');
    expect(JSON.parse(done.stdout)).toMatchObject({
      schema: 'certrelay/publish@1',
      changed: true,
      hosts: servers.map((host) => ({ host, ok: true, attempts: 1 })),
    });
    expect(pushed()).toEqual(servers.map((host) => `${host} ${host}`));
    const again = await certrelay(...hook());
    expect([again.status, again.stdout]).toEqual([0, 'nothing to bring: every host is known to have its files\n']);
  });

  it('tries again where it fails, and goes on with that host the next time', async () => {
    expect((await certrelay('add', 'b.example.com')).status).toBe(0);
    const once = await certrelay(...hook('two.example.com', 1), '--retries', '1');
    expect([once.status, once.stdout]).toEqual([
      0,
      expect.stringMatching(/two\.example\.com {2}has its files after 2 attempts/),
    ]);
    expect((await certrelay('add', 'c.example.com')).status).toBe(0);
    const failed = await certrelay(...hook('two.example.com', 9), '--retries', '0');
    expect([failed.status, failed.stdout]).toEqual([
      1,
      expect.stringMatching(/failed for 1 of 2 hosts[\s\S]*two\.example\.com {2}failed: exit status 4/),
    ]);
    expect((await certrelay('status')).stdout).toMatch(/two\.example\.com: not known to have the latest files/);
    expect((await certrelay(...hook())).status).toBe(0);
    expect(pushed()).toEqual(['two.example.com two.example.com']);
  });

  it('what waited for it goes on with rotate', async () => {
    await certrelay('rotate', 'a.example.com', '--overlap', '1s');
    const done = await certrelay(...hook());
    expect(done.stdout).toMatch(/what waited for it can go on: certrelay rotate --due/);
    expect((await certrelay('rotate', '--due')).stdout).toMatch(/deploy +client +a\.example\.com/);
    expect((await certrelay(...hook(), 'a.example.com')).status).toBe(0);
    expect(pushed()).toEqual(['a.example.com a.example.com']);
  });

  it('knows no other hosts, and no database', async () => {
    const unknown = await certrelay(...hook(), 'nobody.example.com');
    expect([unknown.status, unknown.stderr]).toEqual([2, expect.stringContaining('no host "nobody.example.com"')]);
    const both = await certrelay(...hook(), '--database', 'postgresql://db.example.com/x');
    expect(both.status).toBe(2);
    const none = await certrelay('publish');
    expect([none.status, none.stderr]).toEqual([2, expect.stringContaining('publish to which database')]);
    expect((await certrelay('publish', ...servers)).status).toBe(2);
    expect(existsSync(at('pushed'))).toBe(true);
  });
});
