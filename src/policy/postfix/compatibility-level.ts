import { atLeast, type Version } from './version.ts';

/** major, minor, patch; parts left out are 0. */
export type CompatibilityLevel = readonly [number, number, number];

/** The three share 63 bits, ten for each of the last two. */
const maxParts: CompatibilityLevel = [2 ** 43 - 1, 1023, 1023];

/** Reads `major[.minor[.patch]]` as Postfix 3.6 and newer do; undefined for anything else. */
export function parseLevel(text: string): CompatibilityLevel | undefined {
  const match = /^([0-9]+)(?:\.([0-9]+))?(?:\.([0-9]+))?$/.exec(text);
  if (match === null) return undefined;
  const level: CompatibilityLevel = [Number(match[1]), Number(match[2] ?? 0), Number(match[3] ?? 0)];
  return level[0] > maxParts[0] || level[1] > maxParts[1] || level[2] > maxParts[2] ? undefined : level;
}

/** Negative, 0 or positive, as the first level is below, at or above the second. */
export function compareLevels(a: CompatibilityLevel, b: CompatibilityLevel): number {
  return a[0] - b[0] || a[1] - b[1] || a[2] - b[2];
}

/** The level a release takes from the parameter's value, or the fatal line it dies with. */
export function levelOf(text: string, version: Version): CompatibilityLevel | { readonly fatal: string } {
  if (!atLeast(version, '3.0')) return [0, 0, 0];
  if (atLeast(version, '3.6')) {
    return parseLevel(text) ?? { fatal: `malformed compatibility level syntax: "${text}"` };
  }
  const integer = truncatesDots(version) ? text.replace(/\..*$/s, '') : text;
  if (!/^[ \t\n\v\f\r]*[+-]?[0-9]+$/.test(integer)) {
    return { fatal: `bad numerical configuration: compatibility_level = ${text}` };
  }
  const level = Number(integer);
  if (level < 0) return { fatal: `invalid compatibility_level parameter value ${level} < 0` };
  return [level, 0, 0];
}

/** Late patch levels of 3.3 to 3.5 keep the integer part of a newer release's level. */
function truncatesDots(version: Version): boolean {
  const since = ({ 3: '3.3.18', 4: '3.4.21', 5: '3.5.11' } as Readonly<Record<number, string>>)[version.minor];
  return since !== undefined && atLeast(version, since);
}
