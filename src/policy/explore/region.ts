/**
 * A set of atoms of one line: half-open intervals, flat (`lo, hi, lo, hi, …`), ascending, neither empty nor touching.
 * Regions are never changed; the same region is the same array wherever nothing narrowed it.
 */
export type Region = readonly number[];

/** All atoms of a line. */
export function whole(size: number): Region {
  return size === 0 ? [] : [0, size];
}

/** Adds an interval behind all others; what touches the last one is joined to it. */
export function append(region: number[], lo: number, hi: number): void {
  if (hi <= lo) return;
  const last = region.length - 1;
  if (last > 0 && region[last] === lo) region[last] = hi;
  else region.push(lo, hi);
}

/** What is in both. */
export function intersection(a: Region, b: Region): Region {
  const result: number[] = [];
  for (let i = 0, j = 0; i < a.length && j < b.length; ) {
    const aHi = a[i + 1] ?? 0;
    const bHi = b[j + 1] ?? 0;
    const lo = Math.max(a[i] ?? 0, b[j] ?? 0);
    append(result, lo, Math.min(aHi, bHi));
    if (aHi < bHi) i += 2;
    else j += 2;
  }
  return result;
}

/** What of `a` is not in `b`. */
export function difference(a: Region, b: Region): Region {
  const result: number[] = [];
  for (let i = 0, j = 0; i < a.length; i += 2) {
    let lo = a[i] ?? 0;
    const hi = a[i + 1] ?? 0;
    while (j < b.length && (b[j + 1] ?? 0) <= lo) j += 2;
    for (let k = j; k < b.length && (b[k] ?? 0) < hi; k += 2) {
      append(result, lo, b[k] ?? 0);
      lo = Math.max(lo, b[k + 1] ?? 0);
    }
    append(result, lo, hi);
  }
  return result;
}

/** Intervals in any order, touching or not, as a region. */
export function union(intervals: readonly (readonly [lo: number, hi: number])[]): Region {
  const sorted = [...intervals].sort((a, b) => a[0] - b[0]);
  const result: number[] = [];
  for (const [lo, hi] of sorted) {
    const last = result.length - 1;
    if (last > 0 && (result[last] ?? 0) >= lo) result[last] = Math.max(result[last] ?? 0, hi);
    else append(result, lo, hi);
  }
  return result;
}

/** How many atoms a region has. */
export function count(region: Region): number {
  let atoms = 0;
  for (let i = 0; i < region.length; i += 2) atoms += (region[i + 1] ?? 0) - (region[i] ?? 0);
  return atoms;
}

/** Whether an atom lies in a region, by binary search. */
export function holds(region: Region, atom: number): boolean {
  let low = 0;
  let high = region.length >> 1;
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((region[2 * middle + 1] ?? 0) <= atom) low = middle + 1;
    else high = middle;
  }
  return 2 * low < region.length && (region[2 * low] ?? 0) <= atom;
}

/** Whether all atoms of an interval lie in a region. */
export function within(region: Region, lo: number, hi: number): boolean {
  for (let i = 0; i < region.length; i += 2) {
    if ((region[i] ?? 0) <= lo && lo < (region[i + 1] ?? 0)) return hi <= (region[i + 1] ?? 0);
  }
  return false;
}
