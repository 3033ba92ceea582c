import { Batch } from '../../../src/policy/policy.ts';
import type { Row } from './rows.ts';
import type { KnownSession } from './suite.ts';

/** Which sessions come by a row: only they can notice that it has changed. */
export interface Reached {
  readonly sessions: ReadonlyMap<Row, readonly KnownSession[]>;
  /** Sessions that fail although nothing was changed. */
  readonly failing: readonly KnownSession[];
}

/** Plays every session once with rows that tell when they are compiled or opened. */
export function reached(rows: readonly Row[], sessions: readonly KnownSession[]): Reached {
  const met = new Map<Row, Set<KnownSession>>(rows.map((row) => [row, new Set()]));
  const failing: KnownSession[] = [];
  for (const session of sessions) {
    const restore = rows.map((row) => row.watch(() => met.get(row)?.add(session)));
    // A simulator of its own: what an earlier session compiled, this one would not compile again.
    if (!session.passes(new Batch())) failing.push(session);
    for (const each of restore) each();
  }
  return { sessions: new Map([...met].map(([row, set]) => [row, [...set]])), failing };
}
