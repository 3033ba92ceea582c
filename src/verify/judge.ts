import type { PostfixConfig } from '../postfix/config.ts';
import { readConfig } from '../postfix/read-config.ts';
import type { Answered } from '../smtpd/answered.ts';
import { compile } from '../smtpd/compile.ts';
import type { Conversation } from '../smtpd/conversation.ts';
import { readConversation } from '../smtpd/read-conversation.ts';
import { Simulator } from '../smtpd/simulate.ts';
import type { Verdict } from '../smtpd/verdict.ts';
import type { SessionInput } from './sessions.ts';
import type { Judge, Judgement } from './verify.ts';

/** A configuration to be judged: texts, and the tables that certrelay itself knows by their path on the host. */
export interface Configuration {
  readonly version: string;
  readonly mainCf: string;
  readonly mainCfName: string;
  readonly masterCf?: string;
  readonly service?: string;
  readonly tables: Readonly<Record<string, string>>;
}

/** The simulator made ready for one configuration. */
export interface Bench {
  readonly config: PostfixConfig;
  readonly judge: Judge;
  /** Paths of tables that were asked for and not known, and taken to be empty. */
  readonly presumedEmpty: ReadonlySet<string>;
  /** True once a session could only be decided by taking the world to be friendly. */
  friendly(): boolean;
}

/**
 * Compiles a configuration once, for any number of sessions. What cannot be known of a host is taken as it would be
 * for an ordinary client that nobody has anything against: tables that were not given list nothing, and (only where
 * the answer depends on it) DNS lists do not list the client and its domains exist. Both are reported.
 */
export function bench({ version, mainCf, mainCfName, masterCf, service, tables }: Configuration): Bench {
  const presumedEmpty = new Set<string>();
  let friendly = false;
  const config = readConfig({
    ...{ version, mainCf, mainCfName, tables },
    ...(masterCf === undefined ? {} : { masterCf }),
    ...(service === undefined ? {} : { service }),
    otherTables(path) {
      presumedEmpty.add(path);
      return '';
    },
  });
  const simulator = new Simulator(compile(config));
  const judge: Judge = (session) => {
    const open = simulator.decide(conversationOf(session));
    if (open.verdict !== 'unknown') return judgement(open, config);
    const settled = simulator.decide(readConversation(session, worldOf(session)));
    if (settled.verdict === 'unknown') return judgement(open, config);
    friendly = true;
    return judgement(settled, config);
  };
  return { config, judge, presumedEmpty, friendly: () => friendly };
}

/** Every session is judged by several servers, or by one server before and after a step. */
const conversations = new WeakMap<SessionInput, Conversation>();

function conversationOf(session: SessionInput): Conversation {
  const known = conversations.get(session);
  if (known !== undefined) return known;
  const read = readConversation(session, undefined);
  conversations.set(session, read);
  return read;
}

/** A world in which every name of the session exists and receives mail, and no list knows anybody. */
function worldOf({ client, helo, mailFrom, rcptTo }: SessionInput): Record<string, readonly string[]> {
  const domains = [
    helo,
    client.name,
    ...[mailFrom, ...rcptTo].map((address) => address.slice(address.lastIndexOf('@') + 1)),
  ];
  return Object.fromEntries(
    domains.flatMap((domain) => [
      [`${domain}/MX`, [`10 ${domain}`]],
      [`${domain}/NS`, [`ns.${domain}`]],
      [`${domain}/A`, [client.address]],
      [`ns.${domain}/A`, [client.address]],
    ]),
  );
}

function judgement({ verdict, replies, missing, fatal }: Verdict, config: PostfixConfig): Judgement {
  const last = replies.findLast(({ stage }) => stage === 'rcpt') ?? replies.at(-1);
  return {
    verdict,
    reply: fatal ?? (last === undefined ? '' : replyText(last)),
    decidedBy: decider(last, config),
    missing,
  };
}

function replyText({ reply }: Answered): string {
  return [reply.code, reply.enhanced, reply.text].filter((part) => part !== '').join(' ');
}

/** The deciding element by its outermost list, and where that list was set. */
function decider(answered: Answered | undefined, config: PostfixConfig): string {
  const place = answered?.decidedBy[0];
  if (place === undefined) return '';
  const origin = config.origin(place.list);
  const where =
    origin.kind === 'default'
      ? `the default of Postfix ${origin.version}`
      : `${origin.where.file}:${origin.where.line}`;
  const element = place.argument === undefined ? place.restriction : `${place.restriction} ${place.argument}`;
  return `${element} in ${place.list}, ${where}`;
}
