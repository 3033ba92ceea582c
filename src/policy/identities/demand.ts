import { exploreEach } from '../explore/explore.ts';
import { type LineName, lineNames } from '../explore/lines/line.ts';
import type { Query } from '../explore/query.ts';
import type { Assumption, Exploration, Outcome, Path, Witness } from '../explore/result.ts';
import { ExploredServer } from '../explore/server.ts';
import type { PostfixConfig } from '../postfix/config.ts';

/** What must hold of all sessions that have what the query says: they can send, or they cannot. */
export interface Demand {
  readonly kind: 'can' | 'cannot';
  readonly name: string;
  readonly query: Query;
}

/** A session that shows that a demand is not met. */
export interface Counterexample {
  readonly path: Path;
  readonly outcome: Outcome;
  readonly witness: Witness;
  /** A command line that plays it, where there is one. */
  readonly command?: string;
}

/** What became of a demand. */
export interface Demanded {
  readonly demand: Demand;
  /** `unknown`: it hangs on what others say, or could not be found out. */
  readonly outcome: 'met' | 'broken' | 'unknown';
  readonly reason?: string;
  readonly counterexample?: Counterexample;
  /** Of one that is met: what others may say so that it is not. */
  readonly unless: readonly Assumption[];
}

/** As many paths are tried for one that the simulator confirms without being told anything. */
const mostTried = 100;

/** Judges demands on one server by all paths of the sessions that each is about. */
export function judgeDemands(config: PostfixConfig, demands: readonly Demand[]): readonly Demanded[] {
  if (demands.length === 0) return [];
  const server = new ExploredServer(config);
  const { fatal } = server.program;
  // A server that dies refuses everybody, which is no way to refuse anybody.
  if (fatal !== undefined) {
    return demands.map((demand) => ({
      ...{ demand, outcome: 'broken', unless: [], reason: `the server does not start: ${fatal}` },
    }));
  }
  const explorations = exploreEach(
    [server],
    demands.map(({ query }) => query),
  );
  return demands.map((demand, i) => {
    const exploration = explorations[i];
    if (exploration === undefined) throw new Error('a demand without an answer');
    const { outcome, reason, example, unless = [] } = judge(demand, exploration);
    return {
      ...{ demand, outcome, unless },
      ...(reason === undefined ? {} : { reason }),
      ...(example === undefined ? {} : { counterexample: shown(example) }),
    };
  });
}

interface Judged {
  readonly outcome: Demanded['outcome'];
  readonly reason?: string;
  readonly example?: Path;
  readonly unless?: readonly Assumption[];
}

function judge({ kind, query }: Demand, exploration: Exploration): Judged {
  const empty = emptyReason(query, exploration);
  if (empty !== undefined) return { outcome: 'unknown', reason: empty };
  const { paths, limited } = exploration;
  const wrong = paths.filter((path) => lets(path) !== (kind === 'can'));
  const sure = wrong.filter(kind === 'can' ? unopposed : certain);
  const example =
    sure.slice(0, mostTried).find(({ witness }) => witness.confirmed[0] === 'simulated') ??
    sure.find(({ assumptions }) => assumptions.length > 0);
  if (example !== undefined) return { outcome: 'broken', example };
  const [doubtful] = sure;
  if (doubtful !== undefined) {
    const reason = 'an answer of a table whose keys cannot be listed may make it so';
    return { outcome: 'unknown', reason, example: doubtful };
  }
  if (limited) return { outcome: 'unknown', reason: `the limit of ${query.limit} paths was reached` };
  const [first] = wrong;
  if (first === undefined) return { outcome: 'met' };
  if (kind === 'cannot') return { outcome: 'unknown', reason: 'it hangs on what others say', example: first };
  // An ordinary client, of whom nobody says anything bad, must be able to.
  if (wrong.length === paths.length) return { outcome: 'broken', reason: 'none of them can', example: first };
  return { outcome: 'met', unless: suppositions(wrong) };
}

function lets({ outcomes: [outcome] }: Path): boolean {
  return outcome?.verdict === 'permit' || outcome?.verdict === 'discard';
}

/** Whether others have no say in a path: what the client chooses is his. */
function certain({ assumptions }: Path): boolean {
  return assumptions.every(({ chosenBy }) => chosenBy === 'client');
}

/** What is said of somebody of whom nothing is known: his domains exist, no list or table has him, no service minds. */
const indifferent = new Set(['found', 'no', 'not listed', 'DUNNO']);

/** Whether a path supposes nothing but that: who must be able to send must be able to without a word from others. */
function unopposed({ assumptions }: Path): boolean {
  return assumptions.every(({ answer }) => indifferent.has(answer));
}

/** A demand about nobody would be met whatever the server does. */
function emptyReason({ within = {} }: Query, exploration: Exploration): string | undefined {
  for (const [line, keys] of Object.entries(within) as [LineName, readonly string[]][]) {
    for (const key of keys) {
      const value = key.replace(/^!/, '');
      const none = value === 'none' && (line === 'certificate' || line === 'login');
      if (!none && exploration.lines[line].span(value).length === 0) return `"${value}" is no ${line} here`;
    }
  }
  const line = lineNames.find((_, i) => exploration.within[i]?.length === 0);
  return line === undefined ? undefined : `there is no session with such a ${line}`;
}

function suppositions(paths: readonly Path[]): readonly Assumption[] {
  const all = new Map<string, Assumption>();
  for (const { assumptions } of paths) {
    for (const each of assumptions) if (all.size < 100) all.set(`${each.fact}=${each.answer}`, each);
  }
  return [...all.values()];
}

function shown(path: Path): Counterexample {
  const [outcome] = path.outcomes;
  if (outcome === undefined) throw new Error('a path without an outcome');
  return { path, outcome, witness: path.witness };
}
