import { readFileSync, writeFileSync } from 'node:fs';
import { afterEach, describe, expect, it } from 'vitest';
import type { Judge } from '../../../src/policy/identities/judge.ts';
import { changedLines, concernedBy, difference, type Intention } from '../../../src/provision/verify/difference.ts';
import { digestsOf } from '../render/world.ts';
import { client, other, type Station, server, setUp } from './station.ts';

const verdict = (permitted: boolean) => ({
  verdict: permitted ? ('permit' as const) : ('reject' as const),
  reply: '',
  decidedBy: '',
  missing: [],
});
const identity = (name: string) => ({
  client: name,
  serial: name,
  certificate: {
    ...{
      trusted: true,
      subject: name,
      issuer: 'a',
      fingerprint: digestsOf(name),
      publicKeyFingerprint: digestsOf(`key ${name}`),
    },
  },
});
/** A server that lets in who is named. */
const server2 =
  (...names: readonly string[]): Judge =>
  ({ client: { name } }) =>
    verdict(names.includes(name));

describe('the difference that a step makes', () => {
  const step = [
    { identity: identity('stays'), before: true, after: true },
    { identity: identity('comes'), before: false, after: true },
    { identity: identity('goes'), before: true, after: false },
  ];
  const outcome = (before: Judge, after: Judge) => difference(step, '192.0.2.77', before, after);

  it('is met when exactly those whom the step is about are judged otherwise', () => {
    expect(outcome(server2('stays', 'goes'), server2('stays', 'comes'))).toMatchObject({ outcome: 'met', sessions: 3 });
  });

  it.each([
    ['somebody else loses', server2('comes'), 'stays'],
    ['the new one is not let in', server2('stays'), 'comes'],
    ['the old one is still let in', server2('stays', 'comes', 'goes'), 'goes'],
  ])('is broken when %s, and shows who', (_, after, who) => {
    expect(outcome(server2('stays', 'goes'), after)).toMatchObject({
      outcome: 'broken',
      witness: { who: `${who} (serial ${who})` },
    });
  });

  it('concerns whose intention or whose lines change, and everybody where more than the map does', () => {
    const lines = (...names: readonly string[]) =>
      names.map((name) => `# ${name}: certificate\n${digestsOf(name).sha256} ${name}.example.com\n`).join('\n');
    const changed = changedLines(lines('stays', 'goes', 'slips'), lines('stays', 'comes'));
    expect(changed).toEqual(new Set(['goes', 'slips', 'comes'].map((name) => digestsOf(name).sha256)));
    const slips = { identity: identity('slips'), before: true, after: true };
    const still = { identity: identity('still'), before: false, after: true };
    const names = (all: readonly Intention[]) => all.map((one) => one.identity.client);
    // One is out of the map though nobody said so, another was to be in it and is not.
    expect(names(concernedBy([...step, slips, still], changed))).toEqual(['comes', 'goes', 'slips', 'still']);
    expect(names(concernedBy([...step, slips, still], undefined))).toHaveLength(5);
  });

  it('is unknown when that cannot be said', () => {
    const unknown: Judge = () => ({ ...verdict(false), verdict: 'unknown', missing: ['dns'] });
    expect(outcome(server2('stays', 'goes'), unknown)?.outcome).toBe('unknown');
    expect(difference([], '192.0.2.77', unknown, unknown)).toBeUndefined();
  });
});

describe('the gate', () => {
  let station: Station;
  afterEach(() => station.remove());

  /** Everything that the step could have changed. */
  const snapshot = () => [
    station.read('ledger.jsonl'),
    station.read('inventory.json'),
    station.read('hosts', server, 'relay_clientcerts'),
  ];

  it('stops a revocation that would revoke nothing, because another certificate has the same listed key', async () => {
    station = await setUp('--pin', 'public-key');
    const old = station.serial(client);
    await station.run('rotate', client, '--reuse-key');
    const before = snapshot();
    const { exit, out } = await station.run('remove', client, '--serial', old, '--yes');
    expect(exit).toBe(3);
    expect(out).toContain('refused, nothing written');
    expect(out).toMatch(/broken +revoked or retired certificate/);
    expect(out).toContain(old);
    expect(snapshot()).toEqual(before);
  });

  it.each([
    ['rotate', client],
    ['add', 'new.example.com'],
    ['remove', other, '--yes'],
    ['rotate', '--authority'],
    ['rotate', '--digest', 'sha256'],
  ])('stops %s %s where the settings would let strangers relay, and shows the session', async (...argv) => {
    station = await setUp();
    // Somebody edited the inventory: by the server's present main.cf the whole world is a local network.
    const path = station.path('inventory.json');
    writeFileSync(
      path,
      readFileSync(path, 'utf8').replace(
        '"installDir"',
        '"baseMainCf": "mynetworks = 0.0.0.0/0\\n",\n    "installDir"',
      ),
    );
    const before = snapshot();
    const { exit, out } = await station.run(...argv);
    expect(exit).toBe(3);
    expect(out).toMatch(/^ +broken +\S/m);
    expect(out).toMatch(/, from [0-9.]+: permit_mynetworks in /);
    expect(snapshot()).toEqual(before);
    expect(station.list('next')).toEqual([]);
  });

  it('has looked at every certificate: current, next, revoked', async () => {
    station = await setUp();
    await station.run('remove', other, '--yes');
    const { verification } = await station.document('rotate', client);
    const rows: { id: string; sessions: number; outcome: string }[] = verification[0].rows;
    const sessions = Object.fromEntries(rows.map((row) => [row.id, row.sessions]));
    // To those whose lines stay as they are, the same server with the same settings says the same.
    expect(sessions).toMatchObject({ listed: 2, excluded: 1, difference: 1 });
    expect(new Set(rows.map(({ outcome }) => outcome))).toEqual(new Set(['met']));
  });
});
