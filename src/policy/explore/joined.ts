import { lineNames } from './lines/line.ts';
import type { Lines } from './lines/lines.ts';
import { count, type Region, union } from './region.ts';
import type { Condition, Path } from './result.ts';

/** The part of a line that any of several paths comes from. */
export function joinedRegion(paths: readonly Path[], line: number): Region {
  const different = new Set<Region>();
  for (const { regions } of paths) different.add(regions[line] ?? []);
  const [only] = different;
  if (different.size === 1 && only !== undefined) return only;
  const intervals: [number, number][] = [];
  for (const region of different) {
    for (let i = 0; i < region.length; i += 2) intervals.push([region[i] ?? 0, region[i + 1] ?? 0]);
  }
  return union(intervals);
}

/** What the sessions of several paths have on each line; lines on which all that was asked about goes are left out. */
export function joinedConditions(
  paths: readonly Path[],
  lines: Lines,
  within: readonly Region[],
): readonly Condition[] {
  return lineNames.flatMap((line, i) => {
    const region = joinedRegion(paths, i);
    if (count(region) === count(within[i] ?? [])) return [];
    const own = lines[line];
    return [{ line, region, words: own.words(region), listed: own.listed(region), open: own.open(region) }];
  });
}
