import { createReadStream } from 'node:fs';
import { createInterface } from 'node:readline';
import { decide } from '../../../src/policy/policy.ts';
import { compare, type Outcome } from './compare.ts';
import type { Recording } from './worker.ts';

/** Compares the simulator with what was recorded of real servers before; `differs` hears of every disagreement. */
export async function replay(
  file: string,
  differs: (recording: Recording, outcome: Outcome) => void,
): Promise<Readonly<Record<Outcome['kind'], number>>> {
  const tally = { same: 0, unknown: 0, silent: 0, different: 0 };
  for await (const line of createInterface({ input: createReadStream(file) })) {
    const recording = JSON.parse(line) as Recording;
    const { replies, fatal, silent } = recording.played;
    const played = { replies, fatal, silent: silent ?? undefined };
    const outcome = compare(played, decide(recording.scenario), recording.early);
    tally[outcome.kind] += 1;
    if (outcome.kind !== 'same') differs(recording, outcome);
  }
  return tally;
}
