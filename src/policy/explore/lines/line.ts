import type { Cut } from '../../postfix/cut.ts';
import type { Region } from '../region.ts';

/** The lines of a session: what a client can vary, each by itself. */
export const lineNames = [
  'client address',
  'client name',
  'helo',
  'sender',
  'recipient',
  'certificate',
  'public key',
  'login',
] as const;

export type LineName = (typeof lineNames)[number];

/**
 * The key space of one subject, cut into atoms: classes of values that no key tells apart. Atoms are numbered so that a
 * network or a domain with all that is below it is one interval.
 */
export interface Line<Value> {
  readonly size: number;
  /** The atom of a value; -1 for a value that is not ordinary, which no atom stands for. */
  locate(value: Value): number;
  /** A readable value of an atom, always the same. */
  value(atom: number): Value;
  /** The atom of a region whose value is the best to show; the region must not be empty. */
  pick(region: Region): number;
  /** Where answers may change for a question with these cuts: ascending atoms, each the start of a run. */
  bounds(cuts: readonly Cut[]): Int32Array;
  /** The atoms that a key of a table or list stands for; none for a key at which the line was not cut. */
  span(key: string): readonly (readonly [lo: number, hi: number])[];
  /** A region in words. */
  words(region: Region): string;
  /** How many values of a region are named by some key; networks and domains count once. */
  listed(region: Region): number;
  /** Whether the region holds values that no key names. */
  open(region: Region): boolean;
  /** Whether a client that nothing lists can have a value of the region. */
  anybody(region: Region): boolean;
}

/** The starts of runs in order, the beginning of the line among them, what lies behind its end not. */
export function boundsOf(starts: Iterable<number>, size: number): Int32Array {
  const sorted = Int32Array.from(new Set([0, ...starts])).sort();
  let end = sorted.length;
  while (end > 0 && (sorted[end - 1] ?? 0) >= size) end--;
  return sorted.subarray(0, end);
}
