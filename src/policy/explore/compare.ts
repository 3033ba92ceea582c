import type { PostfixConfig } from '../postfix/config.ts';
import { readConversation } from '../smtpd/dialogue/read-conversation.ts';
import { Simulator } from '../smtpd/dialogue/simulate.ts';
import { decisiveReply } from '../smtpd/lists/verdict.ts';
import { exploreServers } from './explore.ts';
import { joinedConditions } from './joined.ts';
import { sameOutcome } from './outcome.ts';
import { type Query, usualLimit } from './query.ts';
import type { Assumption, Condition, Exploration, Outcome, Path } from './result.ts';
import { ExploredServer } from './server.ts';

/** What became of sessions between two configurations, all for the same reasons. */
export interface Change {
  readonly kind: 'newly permitted' | 'no longer permitted' | 'reply changed';
  readonly before: Outcome;
  readonly after: Outcome;
  /** What all its sessions have; lines on which anything goes are left out. */
  readonly conditions: readonly Condition[];
  readonly assumptions: readonly Assumption[];
  readonly paths: readonly Path[];
  /** The path to show: the one that supposes least. */
  readonly example: Path;
}

export interface Comparison {
  readonly changes: readonly Change[];
  readonly paths: number;
  /** True: the limit on paths was reached; there may be more changes. The headline of every report. */
  readonly limited: boolean;
  readonly untold: readonly string[];
  /** Changes whose example the simulator contradicts: a defect of this program, to be shown as one. */
  readonly contradicted: readonly Path[];
}

/**
 * What a new configuration does to whom: both are followed at once, over lines that are cut for both, so that each path is
 * a part of the sessions for which neither changes its mind. Facts of the world are the same for both.
 */
export function compare(before: PostfixConfig, after: PostfixConfig, query: Partial<Query> = {}): Comparison {
  const servers = [new ExploredServer(before), new ExploredServer(after)];
  const exploration = exploreServers(servers, { recipients: 'any', limit: usualLimit, ...query });
  const texts = new Texts(servers);
  const gathered = new Map<string, { kind: Change['kind']; before: Outcome; after: Outcome; paths: Path[] }>();
  for (const path of exploration.paths) {
    const [old, now] = path.outcomes;
    if (old === undefined || now === undefined) continue;
    const kind = kindOf(old, now) ?? (texts.differ(path, old) ? 'reply changed' : undefined);
    if (kind === undefined) continue;
    const key = [kind, reasonOf(old), reasonOf(now), askedOf(path, 0, old), askedOf(path, 1, now)].join(' | ');
    const known = gathered.get(key);
    if (known === undefined) gathered.set(key, { kind, before: old, after: now, paths: [path] });
    else known.paths.push(path);
  }
  const changes = [...gathered.values()].map((each) => changeOf(each, exploration));
  return {
    changes,
    paths: exploration.paths.length,
    limited: exploration.limited,
    untold: exploration.untold,
    contradicted: changes
      .map(({ example }) => example)
      .filter(({ witness }) => witness.confirmed.includes('contradicted')),
  };
}

function lets({ verdict }: Outcome): boolean {
  return verdict === 'permit' || verdict === 'discard';
}

function kindOf(old: Outcome, now: Outcome): Change['kind'] | undefined {
  if (lets(now) !== lets(old)) return lets(now) ? 'newly permitted' : 'no longer permitted';
  return sameOutcome(old, now) ? undefined : 'reply changed';
}

/** What a change is told apart by: the reply and the element behind it. */
function reasonOf({ verdict, code, enhanced, decidedBy, permits }: Outcome): string {
  const place = decidedBy[0] ?? permits.at(-1);
  return `${verdict} ${code} ${enhanced} ${place?.list ?? ''} ${place?.index ?? ''}`;
}

/** By which of its questions an element permits: a certificate that came is not a key that came. */
function askedOf(path: Path, program: number, outcome: Outcome): string {
  const place = lets(outcome) ? outcome.permits.at(-1) : undefined;
  return place === undefined ? '' : (path.lastAsked(program, place)?.question ?? '');
}

function changeOf(
  { kind, before, after, paths }: { kind: Change['kind']; before: Outcome; after: Outcome; paths: Path[] },
  { lines, within }: Exploration,
): Change {
  const [first] = paths;
  if (first === undefined) throw new Error('a change without a path');
  const supposed = new Map<string, Assumption>();
  for (const { assumptions } of paths) {
    for (const each of assumptions) if (supposed.size < 100) supposed.set(`${each.fact}=${each.answer}`, each);
  }
  return {
    kind,
    before,
    after,
    conditions: joinedConditions(paths, lines, within),
    assumptions: [...supposed.values()],
    paths,
    example: paths.reduce((best, path) => (path.assumptions.length < best.assumptions.length ? path : best), first),
  };
}

/** The words of refusals, which are the simulator's to say. */
class Texts {
  private readonly simulators: readonly Simulator[];

  constructor(servers: readonly ExploredServer[]) {
    this.simulators = servers.map(({ program }) => new Simulator(program));
  }

  /** Whether the two servers word the refusal of a path differently. */
  differ(path: Path, { verdict }: Outcome): boolean {
    if (verdict !== 'reject') return false;
    const { session, world } = path.witness;
    const { dns, ...rest } = world;
    const [old, now] = this.simulators.map((simulator) => {
      const said = simulator.decide(readConversation(session, dns, rest));
      return said.verdict === 'unknown' ? undefined : decisiveReply(said.replies)?.reply.text;
    });
    return old !== undefined && now !== undefined && old !== now;
  }
}
