import { CertrelayError } from '../../lib/problem.ts';
import { minorReleases } from '../../policy/postfix/version.ts';
import type { VersionRange } from './view.ts';

/** The minor release of a version: `2.10` of `2.10.1`. */
function minorOf(version: string): string {
  return version.split('.').slice(0, 2).join('.');
}

/**
 * The unbroken range of minor releases around a version for which `render` gives the same text. A minor release for which the same
 * settings cannot be rendered at all ends the range. `view` is all that a rendering is made of: where that is the same, so is
 * the text, and it is not rendered to be compared.
 */
export function versionRange<View>(
  version: string,
  view: (version: string) => View,
  render: (view: View) => string,
): VersionRange {
  const wanted = view(version);
  const wantedParts = JSON.stringify(wanted);
  let wantedText: string | undefined;
  const same = (minor: string): boolean => {
    try {
      const there = view(minor);
      if (JSON.stringify(there) === wantedParts) return true;
      wantedText ??= render(wanted);
      return render(there) === wantedText;
    } catch (error) {
      if (error instanceof CertrelayError) return false;
      throw error;
    }
  };
  const here = minorReleases.indexOf(minorOf(version));
  let from = here;
  let last = here;
  while (from > 0 && same(minorReleases[from - 1] ?? '')) from -= 1;
  while (last < minorReleases.length - 1 && same(minorReleases[last + 1] ?? '')) last += 1;
  return rangeOf(minorReleases[from] ?? '', minorReleases[last] ?? '', minorReleases[last + 1]);
}

function rangeOf(from: string, last: string, next: string | undefined): VersionRange {
  const [major = 0, minor = 0] = last.split('.').map(Number);
  return { from, last, to: next ?? `${major}.${minor + 1}`, text: from === last ? from : `${from} to ${last}` };
}
