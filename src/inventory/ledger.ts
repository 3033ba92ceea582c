import { isAscii } from 'node:buffer';
import type { Append } from '../lib/files.ts';
import type { Problem } from '../lib/problem.ts';
import { ledgerPath } from './layout.ts';
import { notJson, readEvent } from './ledger-event.ts';
import type { LedgerEvent } from './types.ts';

/** What a ledger's file says. */
export interface Ledger {
  readonly events: readonly LedgerEvent[];
  /** Bytes of the file. */
  readonly size: number;
  /** Bytes up to the end of the last intact line; less than `size` after a torn write. */
  readonly intact: number;
  /** The last line is whole and lacks its line end: somebody's editor took it away. */
  readonly unfinished: boolean;
  readonly problems: readonly Problem[];
  /** What was recovered; nothing is lost that was ever confirmed. */
  readonly notes: readonly Problem[];
}

/**
 * Reads JSON Lines in UTF-8, one event a line, oldest first. A last line that has no end and is no JSON is what a
 * killed run or a full disk leaves: it was never confirmed, so it is passed over, and the next append cuts it off.
 * Anything unreadable elsewhere is damage, and a problem with its line number.
 */
export function parseLedger(bytes: Uint8Array, file: string): Ledger {
  const events: LedgerEvent[] = [];
  const problems: Problem[] = [];
  const end = bytes.lastIndexOf(0x0a) + 1;
  const lines = textOf(bytes.subarray(0, end)).split('\n');
  const last = textOf(bytes.subarray(end));
  lines[lines.length - 1] = last;
  const isTorn = last.trim() !== '' && readEvent(last) === notJson;
  for (const [index, line] of lines.entries()) {
    if (line.trim() === '' || (isTorn && index === lines.length - 1)) continue;
    const read = readEvent(line);
    if (typeof read !== 'string') events.push(read);
    else problems.push({ code: 'ledger-line', message: read, where: { file, line: index + 1, column: 1 }, hint });
  }
  const torn: Problem = {
    code: 'ledger-torn',
    message: 'the last line was cut short while it was written; it is passed over',
    where: { file, line: lines.length, column: 1 },
  };
  return {
    events,
    size: bytes.length,
    intact: isTorn ? end : bytes.length,
    unfinished: !isTorn && last !== '',
    problems,
    notes: isTorn ? [torn] : [],
  };
}

/** UTF-8; a fleet's ledger is megabytes of ASCII as a rule, of which each byte is a character. */
function textOf(bytes: Uint8Array): string {
  if (!isAscii(bytes)) return new TextDecoder().decode(bytes);
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('latin1');
}

const hint = 'restore the file from a copy; what it says cannot be made up again';

/** The change that adds events to a ledger as it was read; with none, it only cuts off a torn line. */
export function appendEvents(ledger: Ledger, events: readonly LedgerEvent[]): Append {
  const start = ledger.unfinished && events.length > 0 ? '\n' : '';
  return {
    kind: 'append',
    path: ledgerPath,
    rank: 'ledger',
    content: start + printEvents(events),
    size: ledger.size,
    keep: ledger.intact,
  };
}

/** The ledger once that change is made. */
export function grownLedger(ledger: Ledger, events: readonly LedgerEvent[]): Ledger {
  const { keep, content } = appendEvents(ledger, events);
  const size = keep + Buffer.byteLength(content);
  const unfinished = ledger.unfinished && events.length === 0;
  return { events: [...ledger.events, ...events], size, intact: size, unfinished, problems: [], notes: [] };
}

/** The lines that `parseLedger` reads back. */
export function printEvents(events: readonly LedgerEvent[]): string {
  return events.map((event) => `${JSON.stringify(event)}\n`).join('');
}
