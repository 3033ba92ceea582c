import type { ConfigSources, PostfixConfig } from '../postfix/config.ts';
import { readConfig } from '../postfix/read-config.ts';
import type { Answered } from '../smtpd/dialogue/answered.ts';
import { readConversation } from '../smtpd/dialogue/read-conversation.ts';
import { Simulator } from '../smtpd/dialogue/simulate.ts';
import type { Verdict } from '../smtpd/lists/verdict.ts';
import { compile } from '../smtpd/start/compile.ts';
import { conversationOf } from './conversations.ts';
import { permissivePolicies, permissiveWorld } from './permissive-world.ts';
import type { SessionInput } from './sessions.ts';

/** What the simulator says of one session, as far as verification needs it. */
export interface Judgement {
  readonly verdict: 'permit' | 'reject' | 'discard' | 'unknown' | 'fatal';
  /** The deciding reply, or the fatal log line. */
  readonly reply: string;
  /** Where it was decided: list, element, and where that was set. */
  readonly decidedBy: string;
  /** The questions that were open, when the verdict is unknown. */
  readonly missing: readonly string[];
}

export interface Judge {
  (session: SessionInput): Judgement;
  /** The verdict of that alone. A fleet has ten thousand sessions, of which one is shown: of the others nobody reads a reply. */
  readonly verdict?: (session: SessionInput) => Judgement['verdict'];
}

/** One file of which a main.cf is made up, and what messages call it. */
export interface Part {
  readonly name: string;
  readonly text: string;
}

/** A configuration to be judged: texts, and the tables that certrelay itself knows by their path on the host. */
export interface Configuration {
  readonly version: string;
  /** One after the other; what a later one sets counts. */
  readonly mainCf: readonly Part[];
  readonly masterCf?: string;
  readonly service?: string;
  readonly tables: Readonly<Record<string, string>>;
}

/** The simulator made ready for one configuration. */
export interface Bench {
  readonly config: PostfixConfig;
  /** The same for following every path: a table that was not given may list anything. */
  explored(): PostfixConfig;
  readonly judge: Judge;
  /** Paths of tables that were asked for and not known, and taken to be empty. */
  readonly presumedEmpty: ReadonlySet<string>;
  /** True once a session could only be decided by assuming a permissive world. */
  assumesPermissiveWorld(): boolean;
}

/**
 * Compiles a configuration once, for any number of sessions. What cannot be known of a host is taken as it would be
 * for an ordinary client that nobody has anything against: tables that were not given list nothing, and (only where
 * the answer depends on it) DNS lists do not list the client and its domains exist. Both are reported.
 */
export function bench({ version, mainCf: parts, masterCf, service, tables }: Configuration): Bench {
  const presumedEmpty = new Set<string>();
  let permissive = false;
  const mainCf = joined(parts);
  const policy = permissivePolicies(`${mainCf}${masterCf ?? ''}`);
  const sources: ConfigSources = {
    ...{ version, mainCf, tables },
    ...(masterCf === undefined ? {} : { masterCf }),
    ...(service === undefined ? {} : { service }),
  };
  let explored: PostfixConfig | undefined;
  const config = readConfig({
    ...sources,
    otherTables(path) {
      presumedEmpty.add(path);
      return '';
    },
  });
  const simulator = new Simulator(compile(config));
  const whereOf = origins(config, parts);
  const decide = (session: SessionInput): Verdict => {
    const open = simulator.decide(conversationOf(session));
    if (open.verdict !== 'unknown') return open;
    const verdict = simulator.decide(readConversation(session, permissiveWorld(session), { policy }));
    if (verdict.verdict === 'unknown') return open;
    permissive = true;
    return verdict;
  };
  const judge: Judge = Object.assign((session: SessionInput) => judgement(decide(session), whereOf), {
    verdict: (session: SessionInput) => ended(decide(session)).verdict,
  });
  return {
    config,
    explored() {
      explored ??= readConfig({ ...sources, absentTables: 'open' });
      return explored;
    },
    ...{ judge, presumedEmpty, assumesPermissiveWorld: () => permissive },
  };
}

/** The parts as one text. */
export function joined(parts: readonly Part[]): string {
  return parts.map(({ text }) => text.replace(/\n*$/, '\n')).join('');
}

/** The parts without the lines that a later part sets again, as `postconf -e` leaves them; lines keep their numbers. */
export function inForce(parts: readonly Part[]): readonly Part[] {
  const later = new Set<string>();
  const kept: Part[] = [];
  for (const { name, text } of [...parts].reverse()) {
    const own = [...text.matchAll(/^([^\s#=]+)[ \t]*=/gm)].map(([, parameter = '']) => parameter);
    let dropped = false;
    const lines = text.split('\n').map((line) => {
      const parameter = /^([^\s#=]+)[ \t]*=/.exec(line)?.[1];
      if (parameter !== undefined) dropped = later.has(parameter);
      else if (!/^[ \t]/.test(line)) return line;
      return dropped ? '#' : line;
    });
    kept.unshift({ name, text: lines.join('\n') });
    for (const parameter of own) later.add(parameter);
  }
  return kept;
}

/** What came of the message. A recipient that is taken is worth nothing when the message is refused after it. */
function ended({ verdict, replies }: Verdict): { readonly verdict: Verdict['verdict']; readonly refusal?: Answered } {
  const end = replies.at(-1);
  const isRefused = verdict === 'permit' && end !== undefined && end.reply.code >= 400;
  return isRefused ? { verdict: 'reject', refusal: end } : { verdict };
}

function judgement(decided: Verdict, whereOf: (list: string) => string): Judgement {
  const { replies, missing, fatal } = decided;
  const { verdict, refusal } = ended(decided);
  const last = refusal ?? replies.findLast(({ stage }) => stage === 'rcpt') ?? replies.at(-1);
  const noTls = replies.find(({ stage, reply }) => stage === 'starttls' && reply.code >= 400);
  const by = decider(last, whereOf);
  return {
    verdict,
    reply: fatal ?? (last === undefined ? '' : replyText(last)),
    decidedBy: noTls === undefined ? by : `no TLS, and so no certificate: STARTTLS gets ${replyText(noTls)}`,
    missing,
  };
}

function replyText({ reply }: Answered): string {
  return [reply.code, reply.enhanced, reply.text].filter((part) => part !== '').join(' ');
}

/** The element that decided, or permitted, by its outermost list, and where that list was set. */
function decider(answered: Answered | undefined, whereOf: (list: string) => string): string {
  const place = answered?.decidedBy[0] ?? answered?.permits[0];
  if (place === undefined) return '';
  const element = place.argument === undefined ? place.restriction : `${place.restriction} ${place.argument}`;
  return `${element} in ${place.list}, ${whereOf(place.list)}`;
}

/** Where lists are set; looked up once for each, for a fleet's sessions are decided by a few. */
function origins(config: PostfixConfig, parts: readonly Part[]): (list: string) => string {
  const known = new Map<string, string>();
  return (list) => {
    const before = known.get(list);
    if (before !== undefined) return before;
    const origin = config.origin(list);
    const where =
      origin.kind === 'default'
        ? `the default of Postfix ${origin.version}`
        : origin.kind === 'main.cf'
          ? placeText(parts, origin.where.line)
          : `${origin.where.file}:${origin.where.line}`;
    known.set(list, where);
    return where;
  };
}

function placeText(parts: readonly Part[], line: number): string {
  const place = placeIn(parts, line);
  return place === undefined ? 'main.cf' : `${place.name}:${place.line}`;
}

/** The part that a line of the whole came from, and its line there. */
export function placeIn(
  parts: readonly Part[],
  line: number,
): { readonly name: string; readonly line: number } | undefined {
  let before = 0;
  for (const { name, text } of parts) {
    const lines = text.replace(/\n*$/, '\n').split('\n').length - 1;
    if (line <= before + lines) return { name, line: line - before };
    before += lines;
  }
  return undefined;
}
