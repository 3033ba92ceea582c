import type { ConfigSources } from '../../postfix/config.ts';
import { type Stranger, strangers } from '../strangers.ts';
import { type Trial, trialOf } from '../trial.ts';

/** Whom a change of the configuration lets in or shuts out, beside those whom it is for. */
export interface Exposure {
  readonly letsIn: readonly Stranger[];
  readonly shutsOut: readonly Stranger[];
  /** How it was found, for the report. */
  readonly how: string;
}

/**
 * Compares two states of one server by probing sessions. This is the one place where a proof over every possible
 * session takes over from probes.
 */
export function exposure(before: ConfigSources, after: ConfigSources, names: readonly string[]): Exposure {
  const [old, now] = [trialOf(before), trialOf(after)];
  const probes = strangers(old.config, names);
  const changed = probes.map((probe) => ({ probe, before: taken(old, probe), after: taken(now, probe) }));
  return {
    letsIn: changed.filter((each) => each.after && !each.before).map(({ probe }) => probe),
    shutsOut: changed.filter((each) => each.before && !each.after).map(({ probe }) => probe),
    how: `${probes.length} sessions of others played before and after`,
  };
}

/** What is not known to be refused counts as taken: a repair must not be offered on a guess. */
function taken(trial: Trial, { session }: Stranger): boolean {
  const { verdict } = trial.play(session);
  return verdict !== 'reject' && verdict !== 'fatal';
}
