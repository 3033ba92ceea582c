import { describe, expect, it } from 'vitest';
import { foldLedger } from '../../../src/provision/ledger/fold-ledger.ts';
import { appendEvents, parseLedger, printEvents } from '../../../src/provision/ledger/ledger.ts';
import {
  currentAuthority,
  currentCertificate,
  isAdmitted,
  isLive,
} from '../../../src/provision/ledger/ledger-state.ts';
import type { LedgerEvent } from '../../../src/provision/settings/types.ts';
import { happened, issued } from '../settings/sample.ts';

const bytes = (text: string) => new TextEncoder().encode(text);
const parse = (text: string) => parseLedger(bytes(text), 'ledger.jsonl');
const events: readonly LedgerEvent[] = [
  issued('Behörde für s.example.com', 'a0', 'authority'),
  issued('c.example.com', 'c1'),
  happened('admitted', 'c.example.com', 'c1'),
];
const text = printEvents(events);

describe('a ledger', () => {
  it('reads back what was printed, with either line end, and empty lines between', () => {
    expect(parse(text)).toMatchObject({ events, problems: [], notes: [], unfinished: false });
    expect(parse(text.replaceAll('\n', '\r\n\r\n')).events).toEqual(events);
    expect(parse('')).toMatchObject({ events: [], size: 0, intact: 0, problems: [], notes: [] });
  });

  it('recovers from every torn write, and the next append leaves whole lines', () => {
    const whole = bytes(text);
    const firstLines = bytes(printEvents(events.slice(0, 2))).length;
    for (let length = firstLines; length <= whole.length; length++) {
      const left = whole.subarray(0, length);
      const read = parseLedger(left, 'ledger.jsonl');
      expect(read.problems).toEqual([]);
      const isWhole = length >= whole.length - 1;
      expect(read.events).toEqual(isWhole ? events : events.slice(0, 2));
      expect(read.notes.map(({ code, where }) => [code, where?.line])).toEqual(
        isWhole || length === firstLines ? [] : [['ledger-torn', 3]],
      );
      const change = appendEvents(read, [happened('deployed', 'c.example.com', 'c1')]);
      expect(change.size).toBe(length);
      const after = Buffer.concat([left.subarray(0, change.keep), bytes(change.content)]);
      expect(parseLedger(after, 'ledger.jsonl')).toMatchObject({ problems: [], notes: [], unfinished: false });
      expect(parseLedger(after, 'ledger.jsonl').events).toHaveLength(isWhole ? 4 : 3);
    }
  });

  it('cuts a torn line off even when nothing is added', () => {
    expect(appendEvents(parse(`${text}{"at"`), [])).toMatchObject({
      content: '',
      size: bytes(text).length + 5,
      keep: bytes(text).length,
    });
    expect(appendEvents(parse(text.trimEnd()), [])).toMatchObject({ content: '', keep: bytes(text).length - 1 });
  });

  it.each([
    ['garbage', 'not JSON\n'],
    ['a torn line that is not the last', '{"at":"2026\n'],
    ['an unknown event', `${JSON.stringify({ ...happened('retired', 'x', 'c1'), event: 'burnt' })}\n`],
    ['an unknown event without line end', JSON.stringify({ ...happened('retired', 'x', 'c1'), event: 'burnt' })],
    ['a bad serial number', `${JSON.stringify(happened('retired', 'x', 'C1'))}\n`],
    ['a bad time', `${JSON.stringify(happened('retired', 'x', 'c1', '2026-13-01T00:00:00Z'))}\n`],
    ['a short fingerprint', `${JSON.stringify({ ...issued('x', 'c2'), fingerprint: { sha1: 'AB' } })}\n`],
    ['a list', '[]\n'],
  ])('names the line of %s', (_, line) => {
    const read = parse(`${text}${line}`);
    expect(read.problems.map(({ where }) => where)).toEqual([{ file: 'ledger.jsonl', line: 4, column: 1 }]);
  });
});

describe('the state of a ledger', () => {
  const rotated = [
    ...events,
    issued('c.example.com', 'c2'),
    happened('admitted', 'c.example.com', 'c2', '2026-06-01T00:00:00Z'),
    happened('retired', 'c.example.com', 'c1', '2026-06-15T00:00:00Z'),
    issued('c.example.com', '51', 'server'),
  ];

  it('follows a rotation', () => {
    const state = foldLedger(rotated);
    expect(state.problems).toEqual([]);
    expect(state.holders).toEqual(['c.example.com']);
    expect(state.of('c.example.com').map(({ serial }) => serial)).toEqual(['c1', 'c2', '51']);
    expect(state.of('c.example.com', 'client').map(isLive)).toEqual([false, true]);
    expect(state.of('c.example.com').map(isAdmitted)).toEqual([false, true, false]);
    expect(state.of('nobody')).toEqual([]);
    expect(currentCertificate(state, 'c.example.com', 'client')).toMatchObject({
      serial: 'c2',
      issued: '2026-05-01T10:00:00Z',
      admitted: '2026-06-01T00:00:00Z',
      retired: undefined,
    });
    expect(currentCertificate(state, 'c.example.com', 'server')?.serial).toBe('51');
    expect(currentAuthority(state)?.serial).toBe('a0');
    expect(
      currentAuthority(foldLedger([...rotated, happened('revoked', currentAuthority(state)?.holder ?? '', 'a0')])),
    ).toBeUndefined();
    expect([...state.serials]).toEqual(['a0', 'c1', 'c2', '51']);
  });

  it('is the same when events are repeated', () => {
    const twice = rotated.flatMap((event) => [event, event]);
    expect(foldLedger(twice).certificates).toEqual(foldLedger(rotated).certificates);
    expect(foldLedger(twice).problems).toEqual([]);
  });

  it.each([
    ['an unknown serial number', happened('retired', 'c.example.com', 'ff')],
    ['another holder', happened('retired', 'd.example.com', 'c1')],
    ['a serial number issued twice', issued('d.example.com', 'c1')],
  ])('reports %s and leaves it out', (_, event) => {
    const state = foldLedger([...events, event]);
    expect(state.problems.map(({ where }) => where?.line)).toEqual([4]);
    expect(state.certificates).toEqual(foldLedger(events).certificates);
  });

  it('does not admit what has ended', () => {
    const ended = [issued('c', '1'), happened('revoked', 'c', '1'), happened('admitted', 'c', '1')];
    expect(foldLedger(ended).problems).toHaveLength(1);
  });
});
