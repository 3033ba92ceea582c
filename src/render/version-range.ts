import { postfixSeries } from '../inventory/postfix-version.ts';
import { CertrelayError } from '../lib/problem.ts';
import type { VersionRange } from './view.ts';

/** The series of a version: `2.10` of `2.10.1`. */
export function seriesOf(version: string): string {
  return version.split('.').slice(0, 2).join('.');
}

/**
 * The unbroken range of series around a version for which `render` gives the same text. A series for which the same
 * settings cannot be rendered at all ends the range.
 */
export function versionRange(version: string, render: (version: string) => string): VersionRange {
  const wanted = render(version);
  const same = (series: string): boolean => {
    try {
      return render(series) === wanted;
    } catch (error) {
      if (error instanceof CertrelayError) return false;
      throw error;
    }
  };
  const all: readonly string[] = postfixSeries;
  const here = all.indexOf(seriesOf(version));
  let from = here;
  let last = here;
  while (from > 0 && same(all[from - 1] ?? '')) from -= 1;
  while (last < all.length - 1 && same(all[last + 1] ?? '')) last += 1;
  return rangeOf(all[from] ?? '', all[last] ?? '', all[last + 1]);
}

function rangeOf(from: string, last: string, next: string | undefined): VersionRange {
  const [major = 0, minor = 0] = last.split('.').map(Number);
  return { from, last, to: next ?? `${major}.${minor + 1}`, text: from === last ? from : `${from} to ${last}` };
}
