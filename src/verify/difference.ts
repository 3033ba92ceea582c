import type { Identity } from './expectations.ts';
import { overTls, sessionOf } from './sessions.ts';
import type { Judge, Outcome, Row } from './verify.ts';

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

/** The fingerprints that only one of two maps lists, as their source texts have them. */
export function changedLines(before: string, after: string): ReadonlySet<string> {
  const keys = (text: string) =>
    new Set([...text.matchAll(/^([0-9A-Fa-f:]{47,}) /gm)].map(([, key = '']) => key.toUpperCase()));
  const [old, present] = [keys(before), keys(after)];
  return new Set([...[...old].filter((key) => !present.has(key)), ...[...present].filter((key) => !old.has(key))]);
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
