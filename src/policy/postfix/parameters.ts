import data from './parameters.json' with { type: 'json' };
import { atLeast, compareVersions, parseVersion, type Version } from './version.ts';

/** How the programs read a parameter's value; `raw` values are not expanded when they are loaded. */
export type ParameterKind = 'string' | 'raw' | 'bool' | 'int' | 'long' | 'time';

/** One row of parameters.json, where each row is one parameter of postconf(5). */
interface Row {
  readonly kind: string;
  /** Who loads it: every program, or smtpd(8) for itself; absent: other programs only. */
  readonly loads?: string;
  /** Bounds of a number or of a duration in seconds; for text, the least length. As 3.7 has them. */
  readonly min?: number;
  readonly max?: number;
  /** Default as written, by the minor release that introduced it; null: worked out when a program starts. */
  readonly defaults: Readonly<Record<string, string | null>>;
  /** First minor release that no longer knows the parameter. */
  readonly until?: string;
  /** First and last patch level with another default; null: not known there. */
  readonly patches?: readonly (readonly (string | null)[])[];
}

const rows: Readonly<Record<string, Row>> = data;

/** One parameter as one release knows it. */
export interface Parameter {
  readonly name: string;
  readonly kind: ParameterKind;
  /** smtpd(8) loads it, and dies when the value is malformed. */
  readonly smtpd: boolean;
  /** Every program loads it, before its own parameters. */
  readonly global: boolean;
  /** Bounds of a number or of a duration in seconds; for text, the least length. */
  readonly min: number | undefined;
  readonly max: number | undefined;
  /** Default as written; undefined: worked out when a program starts (host name, networks). */
  readonly fallback: string | undefined;
}

/** The parameters a release knows, by name. */
export function knownParameters(version: Version): ReadonlyMap<string, Parameter> {
  const before = cache.get(version.text);
  if (before !== undefined) return before;
  const known = new Map<string, Parameter>();
  for (const [name, row] of Object.entries(rows)) {
    const fallback = defaultOf(row, version);
    if (fallback === undefined) continue;
    known.set(name, {
      name,
      kind: name === 'compatibility_level' ? 'string' : (row.kind as ParameterKind),
      smtpd: row.loads !== undefined,
      global: row.loads === 'all',
      min: row.min,
      max: row.max,
      fallback: fallback ?? undefined,
    });
  }
  known.set('mail_version', {
    name: 'mail_version',
    kind: 'string',
    smtpd: true,
    global: true,
    min: 1,
    max: undefined,
    fallback: version.text,
  });
  cache.set(version.text, known);
  return known;
}

const cache = new Map<string, ReadonlyMap<string, Parameter>>();

/** The default text, null when computed at run time, undefined when the release does not know the parameter. */
function defaultOf(row: Row, version: Version): string | null | undefined {
  for (const [from, to, fallback] of row.patches ?? []) {
    if (typeof from === 'string' && typeof to === 'string' && between(version, from, to)) return fallback ?? undefined;
  }
  if (row.until !== undefined && atLeast(version, row.until)) return undefined;
  let found: string | null | undefined;
  for (const [since, fallback] of Object.entries(row.defaults)) {
    if (atLeast(version, since)) found = fallback;
  }
  return found;
}

function between(version: Version, from: string, to: string): boolean {
  const last = parseVersion(to);
  return atLeast(version, from) && !('code' in last) && compareVersions(version, last) <= 0;
}
