import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { foldLedger } from '../../../src/provision/ledger/fold-ledger.ts';
import { hostsBehind } from '../../../src/provision/rotation/behind.ts';
import { durationSeconds } from '../../../src/provision/rotation/duration.ts';
import { planRotation } from '../../../src/provision/rotation/plan.ts';
import { certificateStage } from '../../../src/provision/rotation/stage.ts';
import { isDue, type RotationStep } from '../../../src/provision/rotation/step.ts';
import type { Inventory, LedgerEvent } from '../../../src/provision/settings/types.ts';
import { happened, issued, inventory as sample } from '../settings/sample.ts';

const server = 's.example.com';
const client = 'c.example.com';
const inventory: Inventory = {
  ...sample,
  servers: [{ name: server }],
  clients: [{ name: client }],
  settings: { ...sample.settings, pin: 'certificate' },
};
const authority = 'the authority';
const born: readonly LedgerEvent[] = [
  { ...issued(authority, 'a0', 'authority'), notAfter: '2036-05-01T10:00:00Z' },
  happened('admitted', authority, 'a0'),
  issued(server, '51', 'server'),
  happened('admitted', server, '51'),
  issued(client, 'c1'),
  happened('admitted', client, 'c1'),
];
const next: readonly LedgerEvent[] = [issued(client, 'c2'), happened('admitted', client, 'c2')];
const installed = (holder: string): LedgerEvent => ({ at: '2026-05-03T00:00:00Z', event: 'installed', holder });
const now = new Date('2026-05-10T00:00:00Z');

function stepsOf(events: readonly LedgerEvent[], role: RotationStep['role'] = 'client', at = now, of = inventory) {
  return planRotation(of, foldLedger(events), at).filter((step) => step.role === role);
}

describe('the plan', () => {
  it('of a host at rest is its next renewal, at two thirds of the lifetime', () => {
    const [only, ...more] = stepsOf(born);
    expect(more).toEqual([]);
    expect(only).toMatchObject({ kind: 'issue', serial: 'c1', done: false, dueAt: '2027-01-21T01:58:20Z' });
    expect(only?.waitingFor).toEqual([{ kind: 'time', why: 'renewal', until: '2027-01-21T01:58:20Z' }]);
    const [due] = stepsOf(born, 'client', new Date('2027-01-21T01:58:20Z'));
    expect(due && isDue(due)).toBe(true);
  });

  it('of a rotation goes issue, admit, deploy, retire, each when the one before it has reached those who need it', () => {
    const kinds = (events: readonly LedgerEvent[]) =>
      stepsOf([...born, ...events]).map(({ kind, done, waitingFor }) => [
        kind,
        done ? 'done' : waitingFor.map((one) => one.kind).join(),
      ]);
    expect(kinds(next.slice(0, 1))).toEqual([
      ['issue', 'done'],
      ['admit', ''],
      ['deploy', 'step'],
      ['retire', 'step'],
    ]);
    expect(kinds(next)).toEqual([
      ['issue', 'done'],
      ['admit', 'done'],
      ['deploy', 'hosts'],
      ['retire', 'step'],
    ]);
    const told = [...next, installed(server)];
    expect(kinds(told)).toEqual([
      ['issue', 'done'],
      ['admit', 'done'],
      ['deploy', ''],
      ['retire', 'step'],
    ]);
    const handed = [...told, happened('handed', client, 'c2', '2026-05-04T00:00:00Z')];
    expect(kinds(handed)).toEqual([
      ['issue', 'done'],
      ['admit', 'done'],
      ['deploy', 'done'],
      ['retire', 'use,time'],
    ]);
    const used = [...handed, installed(client)];
    expect(kinds(used)).toEqual([
      ['issue', 'done'],
      ['admit', 'done'],
      ['deploy', 'done'],
      ['retire', 'time'],
    ]);
    const [, , , retire] = stepsOf([...born, ...used], 'client', new Date('2026-05-18T00:00:00Z'));
    expect(retire).toMatchObject({ kind: 'retire', serial: 'c1', waitingFor: [], dueAt: '2026-05-18T00:00:00Z' });
    expect(stepsOf([...born, ...used, happened('retired', client, 'c1')]).map(({ kind }) => kind)).toEqual(['issue']);
  });

  it('does not count a server that took its files before the map changed, whatever the times say', () => {
    const [, , deploy] = stepsOf([...born, installed(server), ...next]);
    expect(deploy?.waitingFor).toEqual([{ kind: 'hosts', files: 'map', hosts: [server] }]);
  });

  it('needs no server for a key that is listed already', () => {
    const same = { ...issued(client, 'c2'), publicKeyFingerprint: issued(client, 'c1').publicKeyFingerprint };
    const events = [...born, same, happened('admitted', client, 'c2')];
    const pinned = (pin: 'certificate' | 'public-key' | 'both') =>
      stepsOf(events, 'client', now, { ...inventory, settings: { ...inventory.settings, pin } })[2]?.waitingFor.length;
    expect([pinned('certificate'), pinned('public-key'), pinned('both')]).toEqual([1, 0, 0]);
  });

  it('sends every leaf after an authority that issues, and the old authority last', () => {
    const rolled = [...born, issued('next', 'a1', 'authority'), happened('admitted', 'next', 'a1')];
    expect(stepsOf(rolled, 'authority').map(({ kind }) => kind)).toEqual(['issue', 'admit', 'deploy', 'retire']);
    expect(stepsOf(rolled, 'authority')[2]?.waitingFor).toEqual([
      { kind: 'hosts', files: 'bundle', hosts: [server, client] },
    ]);
    expect(stepsOf(rolled).map((step) => [step.kind, isDue(step)])).toEqual([['issue', false]]);
    const issues = [
      ...rolled,
      installed(server),
      installed(client),
      happened('handed', 'next', 'a1', '2026-05-03T00:00:00Z'),
    ];
    expect(stepsOf(issues).map((step) => [step.kind, isDue(step)])).toEqual([['issue', true]]);
    expect(stepsOf(issues, 'authority')[3]?.waitingFor).toMatchObject([
      { kind: 'leaves', hosts: [server, client] },
      { kind: 'time' },
    ]);
  });

  it('counts a host that took its files as using what was handed over by then', () => {
    const state = foldLedger([...born, installed(client), ...next]);
    expect(state.of(client).map((one) => [one.serial, one.deployed !== undefined])).toEqual([
      ['c1', true],
      ['c2', false],
    ]);
    expect(state.of(client).map((one) => certificateStage(one, state))).toEqual(['in-use', 'admitted']);
    const later = foldLedger([...born, ...next, happened('handed', client, 'c2')]);
    expect(later.of(client).map((one) => certificateStage(one, later))).toEqual(['replaced', 'handed']);
  });

  it('knows who has older files than there are', () => {
    const told = [...born, installed(server), installed(client)];
    const behind = (events: readonly LedgerEvent[]) => hostsBehind(inventory, foldLedger([...told, ...events]));
    expect(behind([])).toEqual([]);
    expect(behind(next)).toEqual([server]);
    expect(behind([...next, installed(server)])).toEqual([]);
    expect(behind([happened('revoked', client, 'c1')])).toEqual([server]);
    expect(behind([...next, installed(server), happened('handed', client, 'c2')])).toEqual([client]);
    expect(hostsBehind(inventory, foldLedger([...born, ...next]))).toEqual([]);
    // Of a revocation every server is known to have heard, or is not.
    expect(hostsBehind(inventory, foldLedger([...born, ...next, happened('revoked', client, 'c1')]))).toEqual([server]);
  });
});

describe('a duration', () => {
  it.each([
    ['5s', 5],
    ['0s', 0],
    ['90m', 5_400],
    ['36h', 129_600],
    ['14d', 1_209_600],
    ['2w', 1_209_600],
  ])('%s is %i seconds', (text, seconds) => expect(durationSeconds(text)).toBe(seconds));

  it('is nothing else', () => {
    const other = fc.string().filter((text) => !/^[0-9]{1,9}[smhdw]$/.test(text));
    fc.assert(fc.property(other, (text) => durationSeconds(text) === undefined));
    for (const text of ['', '14', 'd', '-1d', '1.5d', '14 d', '14D', '521w99', '600w'])
      expect(durationSeconds(text)).toBeUndefined();
  });
});

describe('a plan that is worked out again', () => {
  const times = [
    ...['2026-05-02T00:00:00Z', '2027-01-21T01:58:19Z', '2027-01-21T01:58:20Z', '2027-01-21T01:58:21Z'],
    ...['2027-06-01T00:00:00Z', '2036-05-01T09:59:59Z', '2036-05-01T10:00:00Z', '2040-01-01T00:00:00Z'],
  ];

  it('is that of a state which nobody has asked before, whatever the clock says meanwhile', () => {
    const ledger = foldLedger(born);
    for (const at of [...times, ...times.toReversed(), ...times.filter((_, index) => index % 3 === 0)]) {
      const date = new Date(at);
      expect([at, planRotation(inventory, ledger, date)]).toEqual([
        at,
        planRotation(inventory, foldLedger(born), date),
      ]);
    }
  });
});
