import type { Append } from '../../lib/files/change.ts';
import type { Problem } from '../../lib/problem.ts';
import type { LedgerEvent } from '../settings/types.ts';
import { ledgerPath } from './layout.ts';
import { notJson, readEvent } from './ledger-event.ts';
import { UsualLines } from './ledger-line.ts';

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
  const whole = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const intact = whole.lastIndexOf(0x0a) + 1;
  const last = decoded(whole.subarray(intact));
  const isTorn = last.trim() !== '' && readEvent(last) === notJson;
  const usual = new UsualLines(whole, whole.toString('latin1'));
  let line = 0;
  for (let start = 0; start <= whole.length; ) {
    const found = whole.indexOf(0x0a, start);
    const end = found < 0 ? whole.length : found;
    line++;
    const event =
      start === intact && isTorn ? undefined : (usual.read(start, end) ?? unusual(whole.subarray(start, end)));
    if (typeof event === 'object') events.push(event);
    else if (event !== undefined) {
      problems.push({ code: 'ledger-line', message: event, where: { file, line, column: 1 }, hint });
    }
    start = end + 1;
  }
  const torn: Problem = {
    code: 'ledger-torn',
    message: 'the last line was cut short while it was written; it is passed over',
    where: { file, line, column: 1 },
  };
  return {
    events,
    size: bytes.length,
    intact: isTorn ? intact : bytes.length,
    unfinished: !isTorn && last !== '',
    problems,
    notes: isTorn ? [torn] : [],
  };
}

/** The event of a line that is no usual one, or what is wrong with it; undefined for an empty line. */
function unusual(bytes: Uint8Array): LedgerEvent | string | undefined {
  const line = decoded(bytes);
  return line.trim() === '' ? undefined : readEvent(line);
}

function decoded(bytes: Uint8Array): string {
  return new TextDecoder().decode(bytes);
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
