import type { PostfixConfig } from '../postfix/config.ts';
import type { Place } from '../smtpd/questions/place.ts';
import { exploreEach } from './explore.ts';
import { groupPaths, type Way } from './grouped-paths.ts';
import { type Query, usualLimit } from './query.ts';
import type { Path } from './result.ts';
import { ExploredServer } from './server.ts';

/** Who gets mail accepted, and which elements of the lists have an effect. */
export interface Audit {
  readonly ways: readonly Way[];
  /**
   * `open`: any client can relay to any recipient; `depends`: it can if lists, services or databases of others allow it;
   * `closed`: neither. Paths to recipients that the configuration names are not counted.
   */
  readonly relay: 'open' | 'depends' | 'closed';
  /** Elements that evaluation never reaches, whatever the session and its recipient. */
  readonly unreached: readonly Place[];
  /** Elements that it reaches, and that never permit, refuse or record anything. */
  readonly idle: readonly Place[];
  /** How many paths were followed. */
  readonly paths: number;
  /** True: the limit on paths was reached and the audit is incomplete; every report says so first. */
  readonly limited: boolean;
  /** Questions whose keys cannot be enumerated (regular expressions): each answer that they may have was tried. */
  readonly untold: readonly string[];
  /** Example paths that the simulator contradicts: a defect of certrelay, reported as one. */
  readonly contradicted: readonly Path[];
  /** For a server that does not start: its last line. */
  readonly fatal?: string;
}

/** The limit on paths in finding the elements without effect. */
const elementsLimit = 200_000;

/**
 * "Who can relay" or, by the query, "who can send to us": a finite list of paths, grouped by what permits. Elements are judged over all
 * recipients, whatever the query is about.
 */
export function audit(config: PostfixConfig, query: Partial<Query> = {}): Audit {
  const server = new ExploredServer(config);
  const { fatal } = server.program;
  if (fatal !== undefined) return { ...nobody, fatal };
  const asked: Query = { recipients: 'remote', limit: usualLimit, ...query };
  const [exploration, everything] = exploreEach([server], [asked, { recipients: 'any', limit: elementsLimit }]);
  if (exploration === undefined || everything === undefined) throw new Error('a query without an answer');
  const ways = groupPaths(exploration, 0, query.list);
  const contradicted = ways
    .map(({ example }) => example)
    .filter(({ witness }) => witness.confirmed.includes('contradicted'));
  return {
    ways,
    relay: ways.some(({ open }) => open !== undefined)
      ? 'open'
      : ways.some(({ openIf }) => openIf !== undefined)
        ? 'depends'
        : 'closed',
    ...elementsOf(server, everything.limited),
    paths: exploration.paths.length,
    limited: exploration.limited,
    untold: exploration.untold,
    contradicted,
  };
}

const nobody: Omit<Audit, 'fatal'> = {
  ways: [],
  relay: 'closed',
  unreached: [],
  idle: [],
  paths: 0,
  limited: false,
  untold: [],
  contradicted: [],
};

/** Elements without effect; none where not all paths could be followed. */
function elementsOf(server: ExploredServer, limited: boolean): Pick<Audit, 'unreached' | 'idle'> {
  if (limited) return { unreached: [], idle: [] };
  // A restriction class is compiled wherever it is named: an element has an effect if it has one anywhere.
  const elements = new Map<string, { readonly place: Place; reached: boolean; decided: boolean }>();
  for (const { place, reached, decided } of server.elements.values()) {
    const key = `${place.list}[${place.index}]`;
    const known = elements.get(key) ?? { place, reached: false, decided: false };
    known.reached ||= reached;
    known.decided ||= decided;
    elements.set(key, known);
  }
  const all = [...elements.values()];
  return {
    unreached: all.filter(({ reached }) => !reached).map(({ place }) => place),
    idle: all.filter(({ reached, decided }) => reached && !decided).map(({ place }) => place),
  };
}
