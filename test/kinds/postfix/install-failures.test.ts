import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { needs } from '../../needs.ts';
import { serverView } from '../../provision/render/install/sample.ts';
import { DebianPostfix } from './lab/debian-postfix.ts';
import { Kit } from './lab/kit.ts';
import { Machine } from './lab/machine.ts';

const missing = needs('root', 'netns', 'debian-postfix', 'postfix', 'openssl');
const hosts = '127.0.0.1 localhost\n127.0.1.1 server.example.com\n';

/** Each step that changes something, by the program that it calls; `broken` is what goes wrong there. */
const steps = (broken: string) =>
  [
    ['building a table', 'postmap', `case "$*" in *-q*) real "$@" ;; *) ${broken} ;; esac`],
    ['a table that does not answer', 'postmap', `case "$*" in *-q*) exit 1 ;; *) real "$@" ;; esac`],
    ['putting files in place', 'mv', `case "$*" in *server.example.com.pem*) ${broken} ;; *) /bin/mv "$@" ;; esac`],
    ['setting parameters', 'postconf', `case "$*" in *-e*) real "$@"; ${broken} ;; *) real "$@" ;; esac`],
    ['the check by Postfix', 'postfix', `case "$*" in *check*) echo no good >&2; ${broken} ;; *) real "$@" ;; esac`],
    ['the reload', 'postfix', `case "$*" in *reload*) ${broken} ;; *) real "$@" ;; esac`],
  ] as const;

describe.skipIf(missing)('install.sh when a step fails', () => {
  let machine: Machine;
  let kit: Kit;
  let pristine: Readonly<Record<string, string>>;

  beforeAll(async () => {
    machine = await Machine.start('server.example.com');
    const postfix = await DebianPostfix.install(machine, hosts, '127.0.0.1');
    kit = await Kit.make(machine, serverView());
    await postfix.start();
    pristine = kit.snapshot();
  });

  beforeEach(() => machine.script('rm -f /mnt/stand-ins/*'));
  afterAll(() => machine?.stop());

  it.each(steps('exit 1'))('puts everything back after %s', async (_, program, text) => {
    kit.standIn(program, text);
    const { status, stdout, stderr } = await kit.run();
    expect([status, stdout]).toEqual([1, '']);
    expect(stderr).toMatch(/^install\.sh: failed: /m);
    expect(stderr).toMatch(/everything was put back as it was before$/m);
    expect(kit.snapshot()).toEqual(pristine);
    expect((await machine.run(['postfix', 'status'])).status).toBe(0);
  });

  it.each(steps('kill -TERM $PPID; sleep 0.2'))(
    'puts everything back when it is stopped at %s',
    async (_, program, text) => {
      kit.standIn(program, text);
      expect((await kit.run()).status).toBe(1);
      expect(kit.snapshot()).toEqual(pristine);
    },
  );

  it.each(steps('kill -KILL $PPID'))(
    'goes on after it was killed at %s, and can still take all back',
    async (_, program, text) => {
      kit.standIn(program, text);
      expect((await kit.run()).status).not.toBe(0);
      await machine.script('rm -f /mnt/stand-ins/*');
      const { status, stdout } = await kit.run();
      expect([status, stdout]).toEqual([0, expect.stringMatching(/^installed: .*; Postfix reloaded\n/)]);
      expect((await kit.run()).stdout).toMatch(/^nothing changed/);
      expect((await kit.run('--undo')).status).toBe(0);
      expect(kit.snapshot()).toEqual(pristine);
    },
  );
});
