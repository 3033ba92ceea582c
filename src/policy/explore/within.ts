import { type LineName, lineNames } from './lines/line.ts';
import { type Lines, lineIndex } from './lines/lines.ts';
import type { Query } from './query.ts';
import { difference, intersection, type Region, union, whole } from './region.ts';
import type { Tabulated } from './tabulated.ts';

type Interval = readonly [number, number];

/** The part of each line that a query asks about. */
export function withinOf(
  query: Query,
  lines: Lines,
  destinations: readonly Tabulated[],
  welcome: readonly string[],
): Region[] {
  const regions = lineNames.map((name) => regionOf(lines, name, query.within?.[name]));
  const recipients = regions[lineIndex.recipient] ?? [];
  const judged = difference(recipients, union(welcome.map((text) => atomOf(lines, text))));
  regions[lineIndex.recipient] = intersection(judged, ofKind(query.recipients, judged, destinations));
  return regions;
}

function regionOf(lines: Lines, name: LineName, keys: readonly string[] | undefined): Region {
  const line = lines[name];
  const all = whole(line.size);
  if (keys === undefined) return all;
  const spans = (key: string): readonly Interval[] => {
    if (key !== 'none') return line.span(key);
    if (name === 'certificate') return [[0, 2]];
    return name === 'login' ? [[0, 1]] : [];
  };
  const wanted = keys.filter((key) => !key.startsWith('!'));
  const unwanted = keys.filter((key) => key.startsWith('!')).map((key) => key.slice(1));
  const chosen = wanted.length === 0 ? all : union(wanted.flatMap(spans));
  return difference(chosen, union(unwanted.flatMap(spans)));
}

function atomOf(lines: Lines, recipient: string): Interval {
  const atom = lines.recipient.locate(recipient);
  return atom < 0 ? [0, 0] : [atom, atom + 1];
}

/** Recipients that are of a kind for one of the programs; where that is not known, they count. */
function ofKind(kind: Query['recipients'], region: Region, destinations: readonly Tabulated[]): Region {
  if (kind === 'any') return region;
  const intervals: Interval[] = [];
  for (const table of destinations) {
    for (const { answer, open, region: part } of table.cases(region)) {
      const own = answer === 'final' || answer === 'relay';
      if (!open && own !== (kind === 'own') && answer !== 'failed') continue;
      for (let i = 0; i < part.length; i += 2) intervals.push([part[i] ?? 0, part[i + 1] ?? 0]);
    }
  }
  return union(intervals.filter(([lo, hi]) => lo < hi));
}
