import { type Change, type Comparison, compare } from '../../policy/explore/compare.ts';
import { outsideRecipients, sessionOf } from '../../policy/identities/sessions.ts';
import type { ConfigSources, PostfixConfig } from '../../policy/postfix/config.ts';
import type { Place } from '../../policy/smtpd/questions/place.ts';
import { flatElements, relayLists } from '../configuration/elements.ts';
import { type Supposition, type Suppositions, suppositions } from '../trial/open-tables.ts';
import { type Trial, trialOf } from '../trial/trial.ts';
import { type UnlistedClient, unlistedClients } from '../trial/unlisted-clients.ts';
import type { Witness } from './repair.ts';

/** An unlisted client that was tried has a kind; one found by following paths has none. */
export type Exposed = UnlistedClient | (Witness & { readonly kind?: undefined });

/** Whom a change of the configuration lets relay or shuts out, beside those whom it is for. */
export interface Exposure {
  readonly letsIn: readonly Exposed[];
  readonly shutsOut: readonly Exposed[];
  /** True where every path was followed: who is not in `letsIn` is not let in. Else somebody may be. */
  readonly complete: boolean;
  /** How it was found, for the report. */
  readonly how: string;
}

/** So many paths through both configurations are followed; a list of ten thousand clients is one or two of them. */
const mostPaths = 50_000;

/**
 * Compares two states of one server: by probing sessions, which also tell of mail for its own recipients, and by
 * following every path that a session to another site can take. Those whom the server means
 * to let in do not count as others. `limit`: so many paths are followed.
 */
export function exposure(
  before: ConfigSources,
  after: ConfigSources,
  names: readonly string[],
  limit: number = mostPaths,
): Exposure {
  const [old, now] = [trialOf(before), trialOf(after)];
  const probes = unlistedClients(old.config, names);
  const changed = probes.map((probe) => ({ probe, before: taken(old, probe), after: taken(now, probe) }));
  const played = `${probes.length} sessions of others played before and after`;
  const cases = runs(old) && runs(now) ? suppositions(before, after) : undefined;
  const [ways, ...supposed] = cases?.all.map((each) => followedWith(each, limit)) ?? [];
  const means = meantBy(old.config);
  return {
    letsIn: [
      ...changed.filter((each) => each.after && !each.before && !means(each.probe)).map(({ probe }) => probe),
      ...changesOf(ways, 'newly permitted')
        .filter(({ after: { permits } }) => !permits.some(means.permit))
        .map(witnessOf),
      ...supposed.flatMap(({ listing, ...rest }) =>
        changesOf(rest, 'newly permitted')
          .filter(({ after: { permits } }) => !permits.some(means.permit))
          .map((change) => ({ ...witnessOf(change), who: `whomever ${listing} lists, which was not given` }))
          .slice(0, 1),
      ),
    ],
    shutsOut: [
      ...changed.filter((each) => each.before && !each.after).map(({ probe }) => probe),
      ...changesOf(ways, 'no longer permitted').map(witnessOf),
    ],
    ...shown(ways, supposed, cases, played),
  };
}

/**
 * Whom a server means to let in: clients with a listed certificate, and those of its networks and users whom its lists
 * about relaying permit already. Whoever was kept from writing to the server itself, because something was out of order,
 * does not endanger others.
 */
function meantBy(config: PostfixConfig) {
  const names = new Set(relayLists(config).flatMap((list) => flatElements(config, list).map(({ name }) => name)));
  const known = ['permit_mynetworks', 'permit_sasl_authenticated'].filter((name) => names.has(name));
  const permit = ({ restriction }: Place): boolean =>
    ['permit_tls_clientcerts', ...known].includes(restriction.toLowerCase());
  const probe = ({ kind, session }: UnlistedClient): boolean =>
    kind === 'inside' ||
    (kind === 'known' && known.includes(session.sasl === null ? 'permit_mynetworks' : 'permit_sasl_authenticated'));
  return Object.assign(probe, { permit });
}

/** What was looked at, and whether that is everything. */
function shown(
  ways: Comparison | undefined,
  supposed: readonly Comparison[],
  cases: Suppositions | undefined,
  played: string,
): Pick<Exposure, 'complete' | 'how'> {
  if (ways === undefined || cases === undefined) {
    return { complete: false, how: `${played}; a server that does not start has no ways to compare` };
  }
  const { paths, untold } = ways;
  const cut = [ways, ...supposed].find(({ limited }) => limited);
  const sure = untold.length === 0 ? '' : `, assuming every answer of ${untold.length} tables that cannot be listed`;
  const followed =
    cut !== undefined
      ? `the first ${cut.paths} ways through both configurations followed, which are not all`
      : `all ${paths} ways through both configurations followed${sure}`;
  const tables =
    cases.leftOut === 0 ? '' : `; not looked at: what ${cases.leftOut} more tables list that were not given`;
  return { complete: cut === undefined && cases.leftOut === 0, how: `${followed}, and ${played}${tables}` };
}

function changesOf(ways: Comparison | undefined, kind: Change['kind']): readonly Change[] {
  return ways?.changes.filter((change) => change.kind === kind) ?? [];
}

function witnessOf({ conditions, example, after, before, kind }: Change): Exposed {
  const words = conditions.map((condition) => `${condition.line} ${condition.words}`).join(', ');
  const place = (kind === 'newly permitted' ? after.permits : before.permits).at(-1);
  const by = place === undefined ? '' : ` by "${place.restriction}" of ${place.list}`;
  return { who: `${words === '' ? 'anybody' : words}${by}`, session: example.witness.session };
}

/** The paths through both states, where the tables that were not given list nothing, or one of them lists everybody. */
function followedWith(
  { listing, before, after }: Supposition,
  limit: number,
): Comparison & { readonly listing: string | undefined } {
  return { listing, ...compare(before, after, { recipients: 'remote', limit }) };
}

const someSession = sessionOf({ address: '192.0.2.77', name: 'unknown', to: outsideRecipients[0] });

function runs({ config, play }: Trial): boolean {
  return config.fatal === undefined && play(someSession).verdict !== 'fatal';
}

/** What is not known to be refused counts as taken: a repair must not be offered on a guess. */
function taken(trial: Trial, { session }: UnlistedClient): boolean {
  const { verdict } = trial.play(session);
  return verdict !== 'reject' && verdict !== 'fatal';
}
