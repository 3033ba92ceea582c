import type { Problem } from '../../lib/problem.ts';
import { atLeast, minorReleases, parseVersion, type Version } from '../../policy/postfix/version.ts';

/** What stands for "the Postfix that is out there" when nobody says which. */
export const newestSeries = minorReleases.at(-1) ?? '';

function isVersion(parsed: Version | Problem): parsed is Version {
  return 'patch' in parsed;
}

/** Checks `X.Y` (newest patch level) or `X.Y.Z` (exact). The text is stored as given, so that "newest" stays open. */
export function readPostfixVersion(text: string): string | Problem {
  // The problem quotes the text, and a line break in it would break the message.
  const parsed = parseVersion(text.replace(/\p{Cc}/gu, '?'));
  return isVersion(parsed) ? text : parsed;
}

/**
 * What `postconf -h mail_version` printed, as a version to render for; snapshots carry a date after the number.
 * Nothing when the series is not known.
 */
export function detectedVersion(mailVersion: string): string | undefined {
  const number = /^[0-9]+\.[0-9]+(?:\.[0-9]+)?/.exec(mailVersion.trim())?.[0];
  return number !== undefined && isVersion(parseVersion(number)) ? number : undefined;
}

/** True when the release is older than the first of the series, such as `3.4`; `text` has been read before. */
export function isBefore(text: string, series: string): boolean {
  const parsed = parseVersion(text);
  return isVersion(parsed) && !atLeast(parsed, series);
}
