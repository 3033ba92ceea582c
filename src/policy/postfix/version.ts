import type { Problem } from '../../lib/problem.ts';

/** A Postfix release, e.g. 3.7.11. */
export interface Version {
  readonly major: number;
  readonly minor: number;
  readonly patch: number;
  /** `major.minor.patch`. */
  readonly text: string;
}

/** An interval of releases: `since` is inclusive, `until` exclusive; a side left out is unbounded. */
export interface Interval {
  readonly since?: string;
  readonly until?: string;
}

/** The newest patch level of each minor release that this program knows. */
const newest: Readonly<Record<string, number>> = {
  '2.9': 15,
  '2.10': 10,
  '2.11': 11,
  '3.0': 15,
  '3.1': 15,
  '3.2': 22,
  '3.3': 22,
  '3.4': 29,
  '3.5': 27,
  '3.6': 20,
  '3.7': 22,
  '3.8': 20,
  '3.9': 14,
  '3.10': 13,
  '3.11': 7,
};

/** Minor releases that still got patches lately, so that newer patch levels than the known ones may exist. */
const maintainedSince = '3.5';
const highestPatch = 99;

/** The minor releases this program knows, oldest first. */
export const minorReleases: readonly string[] = Object.keys(newest);

/**
 * Reads `X.Y` (the newest patch level known) or `X.Y.Z` (exactly that one).
 * Anything outside 2.9 to 3.11, or a patch level that was never released, is a problem.
 */
export function parseVersion(text: string): Version | Problem {
  const match = /^([0-9]{1,3})\.([0-9]{1,3})(?:\.([0-9]{1,3}))?$/.exec(text);
  if (match === null) {
    return {
      code: 'version-syntax',
      message: `"${text.slice(0, 40)}" is not a Postfix version`,
      hint: 'write it as 3.7 or 3.7.11',
    };
  }
  const major = Number(match[1]);
  const minor = Number(match[2]);
  const known = newest[`${major}.${minor}`];
  if (known === undefined) {
    return {
      code: 'version-unknown',
      message: `Postfix version "${text}" is outside the range 2.9 to 3.11`,
      hint: `known are ${minorReleases.join(', ')}`,
    };
  }
  const patch = match[3] === undefined ? known : Number(match[3]);
  const version = { major, minor, patch, text: `${major}.${minor}.${patch}` };
  const limit = atLeast(version, maintainedSince) ? highestPatch : known;
  if (patch > limit) {
    return {
      code: 'version-patch-level',
      message: `Postfix version "${text}" does not exist: the last release of ${major}.${minor} is ${major}.${minor}.${known}`,
    };
  }
  return version;
}

/** Negative when `a` is older than `b`, positive when newer, 0 when equal. */
export function compareVersions(a: Version, b: Version): number {
  return a.major - b.major || a.minor - b.minor || a.patch - b.patch;
}

const parsedBounds = new Map<string, Version>();

/** A release named in this program's own tables; `X.Y` there means `X.Y.0`, the first of its minor. */
function bound(text: string): Version {
  const known = parsedBounds.get(text);
  if (known !== undefined) return known;
  const [major = 0, minor = 0, patch = 0] = text.split('.').map(Number);
  const version = { major, minor, patch, text: `${major}.${minor}.${patch}` };
  parsedBounds.set(text, version);
  return version;
}

/** True when the release is `text` or newer; `3.4` includes 3.4.0. */
export function atLeast(version: Version, text: string): boolean {
  return compareVersions(version, bound(text)) >= 0;
}

/**
 * True when the release has a change that came with these patch levels, one for each minor release that got it late, oldest
 * first; later minor releases have it from their start.
 */
export function patchedSince(version: Version, patches: readonly string[]): boolean {
  const first = patches.find((text) => isOfMinor(version, text));
  const last = patches.at(-1);
  if (first !== undefined) return atLeast(version, first);
  return last !== undefined && atLeast(version, last);
}

function isOfMinor({ major, minor }: Version, text: string): boolean {
  return bound(text).major === major && bound(text).minor === minor;
}

/** True when the release lies in the interval. */
export function within(version: Version, interval: Interval): boolean {
  if (interval.since !== undefined && !atLeast(version, interval.since)) return false;
  return interval.until === undefined || !atLeast(version, interval.until);
}
