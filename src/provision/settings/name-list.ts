import type { Problem, Span } from '../../lib/problem.ts';
import { isHostName, readHostName } from './host-name.ts';

export interface GivenName {
  readonly text: string;
  readonly where?: Span;
}

interface Findings {
  readonly problems: Problem[];
  readonly notes: Problem[];
  readonly source: string;
}

/** Reads the names of one option; see `readNames`. */
export function readHostNames(given: readonly string[], findings: Findings): readonly string[] | undefined {
  return readNames(
    given.map((text) => ({ text })),
    findings,
  );
}

/**
 * Reads names that came from one place. A name that comes twice is refused, for the second was probably meant to be
 * another one. Spellings that were changed are told in one note, however many they are.
 */
export function readNames(given: readonly GivenName[], findings: Findings): readonly string[] | undefined {
  const names = new Map<string, GivenName>();
  const changed: string[] = [];
  let refused = false;
  const refuse = (problem: Problem, { where }: GivenName) => {
    refused = true;
    findings.problems.push({
      ...problem,
      message: `${findings.source}: ${problem.message}`,
      ...(where === undefined ? {} : { where }),
    });
  };
  for (const one of given) {
    const read = readHostName(one.text);
    if (!isHostName(read)) {
      refuse(read, one);
      continue;
    }
    const before = names.get(read.name);
    if (before !== undefined) {
      const line = before.where === undefined ? '' : `, first in line ${before.where.line}`;
      refuse({ code: 'host-name-twice', message: `"${read.name}" is named twice${line}`, hint: 'name it once' }, one);
      continue;
    }
    names.set(read.name, one);
    if (read.name !== read.given) changed.push(`"${read.given}" is taken as "${read.name}"`);
  }
  const [first] = changed;
  if (first !== undefined) {
    const more = changed.length === 1 ? '' : `, and ${changed.length - 1} more were folded likewise`;
    findings.notes.push({ code: 'host-name-folded', message: `${findings.source}: ${first}${more}` });
  }
  return refused ? undefined : [...names.keys()];
}
