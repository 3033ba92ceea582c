import type { Place } from '../smtpd/questions/place.ts';
import { joinedConditions, joinedRegion } from './joined.ts';
import { lineNames } from './lines/line.ts';
import { lineIndex } from './lines/lines.ts';
import type { Asked, Assumption, Condition, Exploration, Path } from './result.ts';

/** All paths on which the same element permits because of the same question. */
export interface Way {
  /** The element that permits; undefined: no list refuses. */
  readonly by: Place | undefined;
  /** In words: `TLS client certificate listed in relay_clientcerts`, `anyone`. */
  readonly title: string;
  /** The element's last question before it permitted, with its answers in words; undefined: it asks nothing. */
  readonly reason: { readonly question: string; readonly answers: readonly string[] } | undefined;
  /** What all its sessions have in common; lines without a condition are left out. */
  readonly conditions: readonly Condition[];
  /** How many entries of tables and lists it depends on; undefined: none. */
  readonly entries: number | undefined;
  /** The assumptions that its paths make about the world, each once. */
  readonly assumptions: readonly Assumption[];
  /** A path that any client can take to any recipient: by itself (`open`), or if others allow it (`openIf`). */
  readonly open: Path | undefined;
  readonly openIf: Path | undefined;
  /** True: it leads only to recipients that the configuration names. */
  readonly bounded: boolean;
  readonly paths: readonly Path[];
  /** The path to show: the one with the fewest assumptions. */
  readonly example: Path;
}

interface Gathering {
  readonly by: Place | undefined;
  readonly last: Asked | undefined;
  readonly answers: Set<string>;
  readonly paths: Path[];
}

/** Groups the permitted paths of a program by what permitted them, in `list` where one is given. */
export function groupPaths(exploration: Exploration, program = 0, list?: string): readonly Way[] {
  const groups = new Map<string, Gathering>();
  for (const path of exploration.paths) {
    const outcome = path.outcomes[program];
    if (outcome === undefined || (outcome.verdict !== 'permit' && outcome.verdict !== 'discard')) continue;
    const by = permitOf(outcome.permits, list);
    const last = by === undefined ? undefined : path.lastAsked(program, by);
    const key = `${by?.list ?? ''} ${by?.index ?? ''} ${last?.question ?? ''}`;
    const group = groups.get(key) ?? { by, last, answers: new Set(), paths: [] };
    if (last !== undefined && group.answers.size < 10) group.answers.add(last.answer);
    group.paths.push(path);
    groups.set(key, group);
  }
  return [...groups.values()].map((group) => groupOf(group, exploration, list));
}

/** The element that permitted in the list of the query, else in the list that guards against relaying. */
function permitOf(permits: readonly Place[], asked: string | undefined): Place | undefined {
  const of = (list: string) => permits.find((place) => place.list === list);
  if (asked !== undefined) return of(asked);
  return of('smtpd_relay_restrictions') ?? of('smtpd_recipient_restrictions') ?? permits.at(-1);
}

function groupOf(
  { by, last, answers, paths }: Gathering,
  { lines, within }: Exploration,
  list: string | undefined,
): Way {
  const own = paths.map((path) => ({ path, ...judge(path, { lines, within }) }));
  const [line] = last?.lines ?? [];
  const region = line === undefined ? [] : joinedRegion(paths, lineIndex[line]);
  const rests = line !== undefined && !lines[line].open(region);
  const supposed = new Map<string, Assumption>();
  for (const { assumptions } of paths) {
    for (const each of assumptions) if (supposed.size < 100) supposed.set(`${each.fact}=${each.answer}`, each);
  }
  const [first] = paths;
  if (first === undefined) throw new Error('a group without a path');
  return {
    by,
    title:
      last === undefined
        ? by === undefined
          ? `anyone, for no ${list === undefined ? 'list' : `element of ${list}`} refuses`
          : `anyone, by ${by.restriction}`
        : titleOf(last.question),
    reason: last === undefined ? undefined : { question: last.question, answers: [...answers] },
    conditions: joinedConditions(paths, lines, within),
    entries: rests && line !== undefined ? lines[line].listed(region) || undefined : undefined,
    assumptions: [...supposed.values()],
    open: own.find(({ anybody, bounded, certain }) => anybody && !bounded && certain)?.path,
    openIf: own.find(({ anybody, bounded, certain }) => anybody && !bounded && !certain)?.path,
    bounded: own.every(({ bounded }) => bounded),
    paths,
    example: paths.reduce((best, path) => (path.assumptions.length < best.assumptions.length ? path : best), first),
  };
}

/** Tables that list clients: being in one is not a choice of the client. */
const listsSomebody = /^table (?:.* "<(?:certificate|public key) fingerprint>"|networks of the host's interfaces .*)$/s;

/** Whether any client can take a path, whether only to named recipients, and whether its own choices suffice. */
function judge(path: Path, { lines, within }: Pick<Exploration, 'lines' | 'within'>) {
  const free = lineNames.every((name, i) => {
    const region = path.regions[i] ?? [];
    return region === within[i] || lines[name].anybody(region);
  });
  const anybody = free && !path.assumptions.some(({ fact, answer }) => answer !== 'no' && listsSomebody.test(fact));
  const recipients = path.regions[lineIndex.recipient] ?? [];
  const bounded = recipients !== within[lineIndex.recipient] && !lines.recipient.open(recipients);
  return { anybody, bounded, certain: path.assumptions.every(({ chosenBy }) => chosenBy === 'client') };
}

/** What lets in, in words, by the question that decided; the rest is named as the question is. */
const titles: readonly (readonly [pattern: RegExp, title: string])[] = [
  [/^relay_clientcerts\[certificate fingerprint\]$/, 'TLS client certificate listed in relay_clientcerts'],
  [
    /^relay_clientcerts\[public key fingerprint\]$/,
    'public key of a TLS client certificate listed in relay_clientcerts',
  ],
  [/^client certificate$/, 'TLS client certificate that verifies'],
  [/^SASL login$/, 'SASL login'],
  [/^client in mynetworks$/, 'client address in mynetworks'],
  [/^client in inet_interfaces$/, "one of the server's own addresses"],
  [/^client in relay_domains$/, 'client name in relay_domains'],
  [/^destination$/, 'recipient that this server delivers or relays for'],
  [/^backup mail server of the recipient$/, 'recipient whose domain names this server as a backup'],
  [/^(.+)\[certificate fingerprint\]$/s, 'TLS client certificate listed in $1'],
  [/^(.+)\[public key fingerprint\]$/s, 'public key of a TLS client certificate listed in $1'],
  [/^(.+)\[SASL login\]$/s, 'SASL login listed in $1'],
  [/^(.+)\[(reverse )?client name, by itself\]$/s, '$2client name listed in $1'],
  [/^(.+)\[client address\]$/s, 'client address listed in $1'],
  [/^(.+)\[helo\]$/s, 'helo name listed in $1'],
  [/^(.+)\[sender\]$/s, 'sender listed in $1'],
  [/^(.+)\[recipient\]$/s, 'recipient listed in $1'],
  [/^(.+)\[(client address|client name)\]$/s, '$2 in the list $1'],
];

/** Whom an element lets in by the answer to a question, in words. */
function titleOf(question: string): string {
  for (const [pattern, title] of titles) if (pattern.test(question)) return question.replace(pattern, title);
  return question;
}
