import { appendFileSync, mkdtempSync, readFileSync, rmSync, statSync, truncateSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { CertrelayError, type Problem } from '../../../src/lib/problem.ts';
import { foldLedger } from '../../../src/provision/ledger/fold-ledger.ts';
import { readInventory } from '../../../src/provision/state/inventory-file.ts';
import { printInventory } from '../../../src/provision/state/inventory-text.ts';
import { loadState, type Outcome, saveState, stateChanges } from '../../../src/provision/state/store.ts';
import { happened, inventory, issued } from '../settings/sample.ts';

let root = '';
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'certrelay-store-'));
});
afterEach(() => {
  rmSync(root, { recursive: true, force: true });
});

const file = (name: string) => join(root, name);
const content = (name: string) => readFileSync(file(name), 'utf8');
const events = [
  issued(inventory.authority.name, 'a0', 'authority'),
  issued('s.example.com', '51', 'server'),
  issued('c.example.com', 'c1'),
  happened('admitted', 'c.example.com', 'c1'),
];
const outcome: Outcome = { inventory, events, files: [] };

function problemsOf(run: () => unknown): readonly Problem[] {
  try {
    run();
  } catch (error) {
    if (error instanceof CertrelayError && error.exit === 'usage') return error.problems;
    throw error;
  }
  return [];
}

describe('the state on disk', () => {
  it('is empty before the first run', () => {
    expect(loadState(join(root, 'none'))).toMatchObject({ inventory: undefined, notes: [] });
    expect(loadState(join(root, 'none')).state.certificates).toEqual([]);
  });

  it('comes back as it was saved, and is not touched when nothing is new', async () => {
    expect((await saveState(loadState(root), outcome)).written).toEqual(['ledger.jsonl', 'inventory.json']);
    const stored = loadState(root);
    expect(stored.inventory).toEqual(inventory);
    expect(stored.ledger.events).toEqual(events);
    const before = statSync(file('inventory.json')).mtimeMs;
    expect((await saveState(stored, { inventory, events: [], files: [] })).written).toEqual([]);
    expect(statSync(file('inventory.json')).mtimeMs).toBe(before);
  });

  it('shows certificates in the inventory, in stable bytes', async () => {
    await saveState(loadState(root), outcome);
    const written = JSON.parse(content('inventory.json'));
    expect(written.clients[0].certificates).toEqual([
      {
        serial: 'c1',
        notBefore: '2026-05-01T09:55:00Z',
        notAfter: '2027-06-02T10:00:00Z',
        keyType: 'ec-p256',
        fingerprint: { sha1: issued('', 'c1').fingerprint.sha1, sha256: issued('', 'c1').fingerprint.sha256 },
        publicKeyFingerprint: {
          sha1: issued('', 'c1').publicKeyFingerprint.sha1,
          sha256: issued('', 'c1').publicKeyFingerprint.sha256,
        },
      },
    ]);
    // The same host as client has no certificate yet.
    expect(written.clients[1]).toEqual({ name: 's.example.com', certificates: [] });
    const shuffled = { ...inventory, settings: Object.fromEntries(Object.entries(inventory.settings).reverse()) };
    expect(printInventory(shuffled as typeof inventory, foldLedger(events))).toBe(content('inventory.json'));
  });

  it('recovers a torn ledger and says so', async () => {
    await saveState(loadState(root), outcome);
    const whole = content('ledger.jsonl');
    appendFileSync(file('ledger.jsonl'), '{"at":"2026-05-0');
    const stored = loadState(root);
    expect(stored.notes.map(({ code, where }) => [code, where?.line])).toEqual([['ledger-torn', 5]]);
    expect(stored.ledger.events).toEqual(events);
    await saveState(stored, { inventory, events: [], files: [] });
    expect(content('ledger.jsonl')).toBe(whole);
  });

  it('never plans events that contradict the ledger', async () => {
    await saveState(loadState(root), outcome);
    expect(() => stateChanges(loadState(root), { inventory, events: [issued('x', 'c1')], files: [] })).toThrow(
      'issued twice',
    );
  });
});

describe('damage', () => {
  it('of the ledger is named by line', async () => {
    await saveState(loadState(root), outcome);
    writeFileSync(file('ledger.jsonl'), content('ledger.jsonl').replace('"c1"', '"C1"'));
    expect(problemsOf(() => loadState(root))[0]).toMatchObject({
      code: 'ledger-line',
      where: { file: file('ledger.jsonl'), line: 3 },
    });
  });

  it('of the ledger is noticed even where lines are whole', async () => {
    await saveState(loadState(root), outcome);
    truncateSync(file('ledger.jsonl'), content('ledger.jsonl').indexOf('\n') + 1);
    expect(problemsOf(() => loadState(root)).map(({ code }) => code)).toEqual(['ledger-behind']);
    rmSync(file('ledger.jsonl'));
    expect(problemsOf(() => loadState(root)).map(({ code }) => code)).toEqual(['ledger-behind']);
  });

  it('of the inventory is found wherever it is cut, with line and column', async () => {
    await saveState(loadState(root), outcome);
    const whole = content('inventory.json');
    for (const length of [0, 1, 30, 500, 1000, whole.length - 2]) {
      truncateSync(file('inventory.json'), length);
      const [problem] = problemsOf(() => loadState(root));
      const before = whole.slice(0, length).split('\n');
      expect(problem).toMatchObject({
        code: 'inventory-json',
        message: 'the inventory ends in the middle: it was cut short',
        where: { line: before.length, column: (before.at(-1) ?? '').length + 1 },
      });
      writeFileSync(file('inventory.json'), whole);
    }
  });

  it.each([
    ['{\n  "schema": x }', 'inventory-json', 2, 13],
    ['[]', 'inventory-json', 1, 1],
    ['{}', 'inventory-schema', 1, 1],
    ['{"schema":"certrelay/inventory@2"}', 'inventory-newer', 1, 1],
  ])('of the inventory %j is %s', (text, code, line, column) => {
    writeFileSync(file('inventory.json'), text);
    expect(problemsOf(() => loadState(root))).toMatchObject([{ code, where: { line, column } }]);
    expect(content('inventory.json')).toBe(text);
  });

  it('by hand is judged as an option would be', () => {
    const state = foldLedger([]);
    const edit = (from: string | RegExp, to: string) =>
      readInventory(printInventory(inventory, state).replace(from, to), 'inventory.json');
    expect(edit('', '')).toEqual(inventory);
    for (const [from, to, says] of [
      ['"s.example.com"', '"s.example.com\\nx"', 'line break'],
      ['"relayPort": 587', '"relayPort": 0', 'not a whole number'],
      ['"relayPort": 587', '"relayPort": "587"', '"settings.relayPort" is of the wrong kind'],
      ['"relayPort": 587,', '', '"settings.relayPort" is missing'],
      ['"relayPort"', '"relayPrt"', 'is not known'],
      ['"digest": "sha256"', '"digest": "md5"', '"md5" is not known'],
      ['/etc/postfix/certrelay', '/etc/$(id)', 'is no plain path'],
      ['"clients": [', '"clients": [ 7,', '"clients[0]" is missing or wrong'],
      ['"servers"', '"server"', 'is not known'],
      [/"baseMainCf": "/, '"baseMainCf": "\\u0000', '"settings.baseMainCf" is wrong'],
    ] as const) {
      const read = edit(from, to);
      expect(Array.isArray(read) && read.map(({ message }: Problem) => message).join('\n')).toContain(says);
    }
  });
});
