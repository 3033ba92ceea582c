/**
 * The policy of the Postfix SMTP server as a library: what it would reply to a session, and why. No Node API stands
 * behind this module.
 */

import { CertrelayError, type Problem } from '../lib/problem.ts';
import { type Audit, audit as auditConfig } from './explore/audit.ts';
import { type Comparison, compare as compareConfigs } from './explore/compare.ts';
import { explore as explorePrograms } from './explore/explore.ts';
import { type Query, usualLimit } from './explore/query.ts';
import type { Exploration } from './explore/result.ts';
import type { ConfigSources, PostfixConfig } from './postfix/config.ts';
import { readConfig } from './postfix/read-config.ts';
import { type Answer, answerOf } from './smtpd/dialogue/answer.ts';
import type { Conversation } from './smtpd/dialogue/conversation.ts';
import { type Fields, fieldsOf, noMisspelt, ScenarioError, textOf, textsOf } from './smtpd/dialogue/fields.ts';
import { readConversation, type World } from './smtpd/dialogue/read-conversation.ts';
import { Simulator } from './smtpd/dialogue/simulate.ts';
import { Trace, type TraceNode } from './smtpd/dialogue/trace.ts';
import type { Verdict } from './smtpd/lists/verdict.ts';
import { compile as compileProgram, type Program } from './smtpd/start/compile.ts';

export type { Problem } from '../lib/problem.ts';
export type { Audit } from './explore/audit.ts';
export type { Change, Comparison } from './explore/compare.ts';
export type { Way } from './explore/grouped-paths.ts';
export type { Query } from './explore/query.ts';
export type { Assumption, Condition, Exploration, Outcome, Path, Witness } from './explore/result.ts';
export type { ConfigSources, PostfixConfig } from './postfix/config.ts';
export type { Answer, Decider, ReplyAnswer } from './smtpd/dialogue/answer.ts';
export type { Conversation } from './smtpd/dialogue/conversation.ts';
export type { Verdict } from './smtpd/lists/verdict.ts';
export type { Program } from './smtpd/start/compile.ts';

/** A session as a scenario has it. What is left out is a command that is not sent, or as a plain client would have it. */
export interface SessionFields {
  readonly client: { readonly address: string; readonly name?: string; readonly reverseName?: string };
  readonly helo?: string;
  readonly protocol?: 'SMTP' | 'ESMTP';
  /** Null or absent: plain text. */
  readonly tls?: {
    readonly protocol?: string;
    /** Null or absent: the client presents none. Fingerprints by digest name, hexadecimal, with or without colons. */
    readonly certificate?: {
      readonly trusted?: boolean;
      readonly subject?: string;
      readonly issuer?: string;
      readonly fingerprint?: Readonly<Record<string, string>>;
      readonly publicKeyFingerprint?: Readonly<Record<string, string>>;
    } | null;
  } | null;
  readonly sasl?: { readonly user: string; readonly method?: string } | null;
  readonly mailFrom?: string;
  readonly rcptTo?: readonly string[];
  /** Send DATA and a short message after the recipients. */
  readonly data?: boolean;
}

/** A scenario that could not be read. */
export interface ScenarioFailure {
  readonly id?: unknown;
  readonly error: { readonly code: string; readonly message: string; readonly hint?: string };
}

/**
 * Reads what main.cf, master.cf and the tables say, for one release. Throws a CertrelayError for what cannot be a
 * configuration (an unknown release, a service that is not there); what Postfix itself would die of is part of the
 * result and makes every verdict `fatal`.
 */
export function configure(sources: ConfigSources): PostfixConfig {
  return readConfig(sources);
}

/** Compiles a configuration for any number of sessions. */
export function compile(config: PostfixConfig): Program {
  return compileProgram(config);
}

/** A simulator over a compiled configuration; `decide` may be called as often as one likes. */
export function simulator(program: Program): Simulator {
  return new Simulator(program);
}

/**
 * Decides one session, given as a scenario has it or as `conversation` has read it; for many on the same program, keep a
 * `simulator`. Throws a CertrelayError when it is no session.
 */
export function simulate(program: Program, session: Conversation | SessionFields): Verdict {
  return new Simulator(program).decide('peer' in session ? session : conversation(session));
}

/**
 * Follows every path that a session can take through a program, as regions of what a client can vary, each with a witness.
 * Without a query: who can relay.
 */
export function explore(program: Program, query: Partial<Query> = {}): Exploration {
  return explorePrograms([program], { recipients: 'remote', limit: usualLimit, ...query });
}

/** Who can relay, or by the query who can send to this server's own domains: a finite list, each entry with a witness. */
export function audit(program: Program, query: Partial<Query> = {}): Audit {
  return auditConfig(program.config, query);
}

/** Who is newly permitted, who no longer is, and whose refusal reads differently; a witness for each. */
export function compare(before: Program, after: Program, query: Partial<Query> = {}): Comparison {
  return compareConfigs(before.config, after.config, query);
}

/**
 * Reads the `session` object of a scenario, with its `dns` and the rest of its world (`policy`, `verify`); throws a
 * CertrelayError when it cannot be one.
 */
export function conversation(session: unknown, dns?: unknown, world?: World): Conversation {
  try {
    return readConversation(session, dns, world);
  } catch (error) {
    if (error instanceof ScenarioError) throw new CertrelayError('usage', error.problem);
    throw error;
  }
}

/** An answer with the tree of what was asked, where that was wanted and there is one. */
export interface TracedAnswer extends Answer {
  readonly trace?: readonly TraceNode[];
}

/** Answers one scenario of a batch. Never throws: what cannot be read is an error object. */
export function decide(scenario: unknown, options: { readonly trace?: boolean } = {}): TracedAnswer | ScenarioFailure {
  return new Batch().decide(scenario, options);
}

/** Answers scenarios one after the other; a server that is the same as the one before is not compiled again. */
export class Batch {
  private last: Server | undefined;

  /** As the function `decide`. */
  decide(scenario: unknown, options: { readonly trace?: boolean } = {}): TracedAnswer | ScenarioFailure {
    const id = idOf(scenario);
    try {
      const given = fieldsOf(scenario, 'scenario');
      noMisspelt(given, 'scenario', scenarioFields);
      const sources = sourcesOf(given);
      const said = readConversation(given.session, given.dns, given);
      const server = this.server(sources);
      return options.trace === true ? server.traced(said, id) : server.answer(said, id);
    } catch (error) {
      return { ...(id === undefined ? {} : { id }), error: failureOf(error) };
    }
  }

  private server(sources: ConfigSources): Server {
    if (this.last === undefined || !sameSources(this.last.sources, sources)) this.last = new Server(sources);
    return this.last;
  }
}

/** One server, compiled with and without a trace when it is first asked for either. */
class Server {
  readonly sources: ConfigSources;
  private readonly config: PostfixConfig;
  private plain: Simulator | undefined;
  private tracing: { readonly trace: Trace; readonly simulator: Simulator } | undefined;

  constructor(sources: ConfigSources) {
    this.sources = sources;
    this.config = configure(sources);
  }

  answer(said: Conversation, id: unknown): Answer {
    this.plain ??= new Simulator(compile(this.config));
    return answerOf(this.plain.decide(said), this.config, id);
  }

  traced(said: Conversation, id: unknown): TracedAnswer {
    this.tracing ??= tracingSimulator(this.config);
    const { trace, simulator } = this.tracing;
    const answer = answerOf(simulator.decide(said), this.config, id);
    // The tree of one path says nothing about the others.
    return answer.verdict === 'unknown' ? answer : { ...answer, trace: trace.nodes };
  }
}

function tracingSimulator(config: PostfixConfig) {
  const trace = new Trace();
  return { trace, simulator: new Simulator(compileProgram(trace.config(config), trace.watch), trace) };
}

const scenarioFields = new Set([
  'id',
  'postfix',
  'mainCf',
  'masterCf',
  'service',
  'tables',
  'dns',
  'policy',
  'verify',
  'session',
]);

function sourcesOf(given: Fields): ConfigSources {
  const { mainCf, masterCf, service } = given;
  return {
    version: textOf(given.postfix, 'postfix'),
    mainCf: typeof mainCf === 'string' ? mainCf : textsOf(mainCf, 'mainCf'),
    masterCf: masterCf === undefined || masterCf === null ? null : textIn(masterCf),
    ...(service === undefined || service === null ? {} : { service: textOf(service, 'service') }),
    tables: textsOf(given.tables, 'tables'),
  };
}

function sameSources(a: ConfigSources, b: ConfigSources): boolean {
  return (
    a.version === b.version &&
    a.masterCf === b.masterCf &&
    a.service === b.service &&
    sameTexts(a.mainCf, b.mainCf) &&
    sameTexts(a.tables ?? {}, b.tables ?? {})
  );
}

type Texts = string | Readonly<Record<string, string>>;

function sameTexts(a: Texts, b: Texts): boolean {
  if (typeof a === 'string' || typeof b === 'string') return a === b;
  const names = Object.keys(a);
  return names.length === Object.keys(b).length && names.every((name) => a[name] === b[name]);
}

function textIn(value: unknown): string {
  if (typeof value === 'string') return value;
  throw new ScenarioError('scenario-type', '"masterCf" is neither a text nor null');
}

function idOf(scenario: unknown): unknown {
  return typeof scenario === 'object' && scenario !== null && 'id' in scenario ? scenario.id : undefined;
}

function failureOf(error: unknown): ScenarioFailure['error'] {
  if (error instanceof ScenarioError) return bare(error.problem);
  const first = error instanceof CertrelayError ? error.problems[0] : undefined;
  if (first !== undefined) return bare(first);
  return { code: 'internal', message: `internal error: ${error instanceof Error ? error.message : String(error)}` };
}

function bare({ code, message, hint }: Problem): ScenarioFailure['error'] {
  return { code, message, ...(hint === undefined ? {} : { hint }) };
}
