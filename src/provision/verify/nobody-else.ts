import { compare } from '../../policy/explore/compare.ts';
import { exploreServers } from '../../policy/explore/explore.ts';
import { groupPaths, type Way } from '../../policy/explore/grouped-paths.ts';
import type { Query } from '../../policy/explore/query.ts';
import type { Path } from '../../policy/explore/result.ts';
import { ExploredServer } from '../../policy/explore/server.ts';
import type { Bench } from '../../policy/identities/judge.ts';
import { sessionOf } from '../../policy/identities/sessions.ts';
import type { Place } from '../../policy/smtpd/questions/place.ts';
import type { Identity } from './expectations.ts';
import { allBut } from './others.ts';
import type { Row } from './verify.ts';
import { witnessOf } from './way-witness.ts';

/** As many paths are followed; more than any base that was seen has, and no more than anybody waits for. */
const mostPaths = 20_000;

/** Whom every base means to let in: the address or the login says who it is, and other lines of the table judge it. */
const meant = new Set(['permit_mynetworks', 'permit_sasl_authenticated']);

/** The line of the table, or why there is none. */
export interface NobodyElse {
  readonly row?: Row;
  readonly assumption?: string;
}

/**
 * Follows every path to another site that shows no admitted certificate: who gets through comes from the server's own
 * networks, has logged in, or was let in by the same server without the fragment. Without a `base`, nobody gets through at
 * all, to the server's own recipients neither.
 */
export function nobodyElse(
  admitted: readonly Identity[],
  foreignAddress: string,
  merged: Bench,
  base?: Bench,
): NobodyElse {
  const server = new ExploredServer(merged.explored());
  // Lines that play a session say that no server runs.
  if (server.program.fatal !== undefined) return {};
  const digest = merged.config.get('smtpd_tls_fingerprint_digest');
  const recipients = base === undefined ? 'any' : 'remote';
  const query: Query = { recipients, limit: mostPaths, within: allBut(admitted, [digest]), silent: false };
  let exploration = exploreServers([server], query);
  // That tables which were not given list nothing is among the assumptions already.
  if (exploration.limited) exploration = exploreServers([new ExploredServer(merged.config)], query);
  if (exploration.limited) {
    return { assumption: `that beyond the first ${mostPaths} ways through the lists nobody else gets in` };
  }
  const wrong = wrongWay(groupPaths(exploration), merged, base, query);
  const stranger = sessionOf({ address: foreignAddress, name: 'unknown' });
  return {
    row: {
      ...{ id: 'nobody-else', doc: 'anybody else, on every path', wanted: 'refuse' },
      outcome: wrong === undefined ? 'met' : 'broken',
      sessions: exploration.paths.length,
      witness:
        wrong === undefined
          ? { who: 'anyone', session: stranger, judgement: merged.judge(stranger) }
          : witnessOf(wrong, 0, merged),
    },
  };
}

function wrongWay(ways: readonly Way[], merged: Bench, base: Bench | undefined, query: Query): Path | undefined {
  if (base === undefined) return ways[0]?.example;
  const opening = openingOf(ways) ?? openingWithoutEntries(ways, merged, query);
  if (opening !== undefined) return opening;
  const listed = ways.find(({ by }) => by?.restriction.toLowerCase() === 'permit_tls_clientcerts');
  if (listed !== undefined) return listed.example;
  if (ways.every(({ by }) => isMeant(by)) || base.config.fatal !== undefined) return undefined;
  // The host lets others in by elements of its own: the fragment must not add to them.
  const { changes } = compare(base.explored(), merged.explored(), query);
  const added = changes.find(
    ({ kind, before, after }) =>
      kind === 'newly permitted' && before.verdict !== 'fatal' && !after.permits.some((place) => isMeant(place)),
  );
  return added?.example;
}

function openingOf(ways: readonly Way[]): Path | undefined {
  return ways.find(({ open }) => open !== undefined)?.open;
}

/**
 * Patterns that were not given may match anything, so an opening behind them depends on them. The other lines assume that
 * they match nothing, and under that assumption anybody must not get in either.
 */
function openingWithoutEntries(ways: readonly Way[], merged: Bench, query: Query): Path | undefined {
  if (ways.every(({ openIf }) => openIf === undefined)) return undefined;
  return openingOf(groupPaths(exploreServers([new ExploredServer(merged.config)], query)));
}

function isMeant(place: Place | undefined): boolean {
  return place !== undefined && meant.has(place.restriction.toLowerCase());
}
