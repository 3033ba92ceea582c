import type { Judge } from '../../policy/identities/judge.ts';
import { overTls, sessionOf } from '../../policy/identities/sessions.ts';
import type { Identity } from './expectations.ts';
import type { Outcome, Row } from './verify.ts';

/** The fingerprints, in any digest, that a map lists before or after a step and not both; undefined: look at everybody. */
export type ChangedLines = ReadonlySet<string> | undefined;

/** One certificate, and whether it may relay by intention: before a step, and after it. */
export interface Intention {
  readonly identity: Identity;
  readonly before: boolean;
  readonly after: boolean;
}

const severity: Readonly<Record<Outcome, number>> = { met: 0, unknown: 1, broken: 2 };

/**
 * Those whom a step can concern: somebody is judged otherwise by intention, or one of his fingerprints entered the map or left it.
 * To all others a server whose main.cf is the same must say the same, for a lookup sees one line only.
 */
export function concernedBy(intentions: readonly Intention[], lines: ChangedLines): readonly Intention[] {
  if (lines === undefined) return intentions;
  const isChanged = ({ certificate }: Identity) =>
    [certificate.fingerprint, certificate.publicKeyFingerprint].some((set) =>
      Object.values(set).some((fingerprint) => lines.has(fingerprint)),
    );
  return intentions.filter(({ identity, before, after }) => before !== after || isChanged(identity));
}

/**
 * The fingerprints that only one of two maps lists, as their source texts have them. What both have at their start and at their
 * end is passed over, for a step changes a few lines of a fleet's; one that a map lists twice, there and in between,
 * counts as changed, so that more is looked at and never less.
 */
export function changedLines(before: string, after: string): ReadonlySet<string> {
  const start = commonStart(before, after);
  const end = commonEnd(before, after, start);
  const [old, present] = [before, after].map((map) => keysOf(map.slice(start, map.length - end)));
  const changed = new Set<string>();
  for (const key of old ?? []) if (present?.has(key) !== true) changed.add(key);
  for (const key of present ?? []) if (old?.has(key) !== true) changed.add(key);
  return changed;
}

function keysOf(map: string): ReadonlySet<string> {
  return new Set([...map.matchAll(/^([0-9A-Fa-f:]{47,}) /gm)].map(([, key = '']) => key.toUpperCase()));
}

/** Texts are compared in pieces of this length first. */
const piece = 4096;

/** The length of the whole lines with which both texts begin. */
function commonStart(one: string, other: string): number {
  let at = 0;
  const length = Math.min(one.length, other.length);
  while (at + piece <= length && one.slice(at, at + piece) === other.slice(at, at + piece)) at += piece;
  while (at < length && one.charCodeAt(at) === other.charCodeAt(at)) at++;
  // The end of the text may be in the middle of the other's line.
  return at === 0 ? 0 : one.lastIndexOf('\n', at - 1) + 1;
}

/** The length of the whole lines with which both texts end, after the `start` that they have in common. */
function commonEnd(one: string, other: string, start: number): number {
  let length = 0;
  const most = Math.min(one.length, other.length) - start;
  const ends = (text: string, more: number) => text.slice(text.length - length - more, text.length - length);
  while (length + piece <= most && ends(one, piece) === ends(other, piece)) length += piece;
  while (length < most && ends(one, 1) === ends(other, 1)) length++;
  const firstEnd = one.indexOf('\n', one.length - length);
  return firstEnd < 0 ? 0 : one.length - firstEnd - 1;
}

/**
 * Compares what the server says to every certificate before and after a step: exactly those that the step is about may come
 * out differently. Undefined when there is no certificate to compare.
 */
export function difference(
  intentions: readonly Intention[],
  foreignAddress: string,
  before: Judge,
  after: Judge,
): Row | undefined {
  let shown: Row | undefined;
  for (const { identity, ...intended } of intentions) {
    const session = sessionOf({
      address: foreignAddress,
      name: identity.client,
      tls: overTls(identity.certificate),
    });
    const then = before(session);
    const judgement = after(session);
    const changes = (then.verdict === 'permit') !== (judgement.verdict === 'permit');
    const isUnknown = then.verdict === 'unknown' || judgement.verdict === 'unknown';
    const isIntended = changes === (intended.before !== intended.after);
    const outcome = isUnknown ? 'unknown' : isIntended ? 'met' : 'broken';
    if (shown !== undefined && severity[outcome] <= severity[shown.outcome]) continue;
    shown = {
      ...{ id: 'difference', doc: 'nobody else gains or loses', wanted: 'as-before', outcome },
      sessions: intentions.length,
      witness: { who: `${identity.client} (serial ${identity.serial})`, session, judgement },
      base: then,
    };
  }
  return shown;
}
