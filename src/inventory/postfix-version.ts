import type { Problem } from '../lib/problem.ts';

/** The Postfix release series that certrelay knows, oldest first. */
export const postfixSeries = [
  ...['2.9', '2.10', '2.11'],
  ...['3.0', '3.1', '3.2', '3.3', '3.4', '3.5', '3.6', '3.7', '3.8', '3.9', '3.10', '3.11'],
] as const;

/** What stands for "the Postfix that is out there" when nobody says which. */
export const newestSeries = '3.11';

/** Reads `X.Y` (newest patch level) or `X.Y.Z` (exact); the text is stored as given. */
export function readPostfixVersion(text: string): string | Problem {
  const match = /^(0|[1-9][0-9]?)\.(0|[1-9][0-9]?)(?:\.(?:0|[1-9][0-9]?))?$/.exec(text);
  if (match === null) {
    return {
      code: 'postfix-version-form',
      message: `${JSON.stringify(text.slice(0, 80))} is no Postfix version`,
      hint: 'write X.Y, such as 3.10, or X.Y.Z; "postconf -h mail_version" prints it',
    };
  }
  if (postfixSeries.some((series) => series === `${match[1]}.${match[2]}`)) return text;
  return {
    code: 'postfix-version-unknown',
    message: `Postfix ${text} is not known`,
    hint: `known are ${postfixSeries[0]} to ${newestSeries}`,
  };
}

/**
 * What `postconf -h mail_version` printed, as a version to render for; snapshots carry a date after the number.
 * Nothing when the series is not known.
 */
export function detectedVersion(mailVersion: string): string | undefined {
  const number = /^[0-9]+\.[0-9]+(?:\.[0-9]+)?/.exec(mailVersion.trim())?.[0];
  return number !== undefined && typeof readPostfixVersion(number) === 'string' ? number : undefined;
}

/** Compares by series only, so that `X.Y` needs no patch level; `text` has been read before. */
export function isBefore(text: string, series: string): boolean {
  const [major = 0, minor = 0] = text.split('.').map(Number);
  const [otherMajor = 0, otherMinor = 0] = series.split('.').map(Number);
  return major !== otherMajor ? major < otherMajor : minor < otherMinor;
}
