import { type Change, type Comparison, compare } from '../../explore/compare.ts';
import type { Outcome } from '../../explore/path.ts';
import type { ConfigSources } from '../../postfix/config.ts';
import { outsideRecipients, sessionOf } from '../../verify/sessions.ts';
import { type Stranger, strangers } from '../strangers.ts';
import { type Trial, trialOf } from '../trial.ts';
import type { Witness } from './repair.ts';

/** Whom a change of the configuration lets relay or shuts out, beside those whom it is for. */
export interface Exposure {
  readonly letsIn: readonly Witness[];
  readonly shutsOut: readonly Witness[];
  /** How it was found, for the report. */
  readonly how: string;
}

/** As many ways through both configurations are followed; a list of ten thousand clients is one or two of them. */
const mostPaths = 50_000;

/**
 * Compares two states of one server: by probing sessions, which also tell of mail for its own recipients, and by
 * following every way in which a session to another site can go. A client whose certificate is listed is whom repairs
 * are for.
 */
export function exposure(before: ConfigSources, after: ConfigSources, names: readonly string[]): Exposure {
  const [old, now] = [trialOf(before), trialOf(after)];
  const probes = strangers(old.config, names);
  const changed = probes.map((probe) => ({ probe, before: taken(old, probe), after: taken(now, probe) }));
  const played = `${probes.length} sessions of others played before and after`;
  const ways =
    runs(old) && runs(now) ? compare(old.config, now.config, { recipients: 'remote', limit: mostPaths }) : undefined;
  return {
    letsIn: [
      // Whoever was kept from writing to the server itself, because it was out of order, is no danger to others.
      ...changed.filter((each) => each.after && !each.before && each.probe.kind !== 'inside').map(({ probe }) => probe),
      ...changesOf(ways, 'newly permitted')
        .filter(({ after: { permits } }) => !isListed(permits))
        .map(witnessOf),
    ],
    shutsOut: [
      ...changed.filter((each) => each.before && !each.after).map(({ probe }) => probe),
      ...changesOf(ways, 'no longer permitted').map(witnessOf),
    ],
    how: ways === undefined ? played : `${followed(ways)}, and ${played}`,
  };
}

function followed({ paths, limited, untold }: Comparison): string {
  if (limited) return `the first ${paths} ways through both configurations followed, which are not all`;
  const sure = untold.length === 0 ? '' : `, assuming every answer of ${untold.length} tables that cannot be listed`;
  return `all ${paths} ways through both configurations followed${sure}`;
}

function changesOf(ways: Comparison | undefined, kind: Change['kind']): readonly Change[] {
  return ways?.changes.filter((change) => change.kind === kind) ?? [];
}

function isListed(permits: Outcome['permits']): boolean {
  return permits.some(({ restriction }) => restriction.toLowerCase() === 'permit_tls_clientcerts');
}

function witnessOf({ conditions, example, after, before, kind }: Change): Witness {
  const words = conditions.map((condition) => `${condition.line} ${condition.words}`).join(', ');
  const place = (kind === 'newly permitted' ? after.permits : before.permits).at(-1);
  const by = place === undefined ? '' : ` by "${place.restriction}" of ${place.list}`;
  return { who: `${words === '' ? 'anybody' : words}${by}`, session: example.witness.session };
}

const someSession = sessionOf({ address: '192.0.2.77', name: 'unknown', to: outsideRecipients[0] });

function runs({ config, play }: Trial): boolean {
  return config.fatal === undefined && play(someSession).verdict !== 'fatal';
}

/** What is not known to be refused counts as taken: a repair must not be offered on a guess. */
function taken(trial: Trial, { session }: Stranger): boolean {
  const { verdict } = trial.play(session);
  return verdict !== 'reject' && verdict !== 'fatal';
}
