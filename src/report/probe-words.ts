import type { ProbedSession } from '../hosts/probe/judge.ts';
import type { Place } from '../hosts/probe/place.ts';
import type { LiveReply } from '../hosts/probe/reply-reader.ts';
import type { Certified, ServerCheck } from '../hosts/probe/server-certificate.ts';
import { placeText } from './verdict.ts';

/** What a probe saw. */
export interface ProbeReport {
  readonly place: Place;
  readonly client: ({ readonly holder: string; readonly trusted: boolean } & Partial<Certified>) | undefined;
  /** Undefined when TLS never came about. */
  readonly server: ServerCheck | undefined;
  /** In the order in which they were played. */
  readonly sessions: readonly ProbedSession[];
  /** What predicted; undefined when no configuration is known. */
  readonly configFrom: string | undefined;
  readonly notes: readonly string[];
  readonly outcome: string;
  /** Whether the ledger learnt something; undefined when it was not told. */
  readonly recorded: boolean | undefined;
}

/** The answer in a line, the reason, and what to do. */
export function probeHeadline(report: ProbeReport): readonly string[] {
  const { sessions, server, client } = report;
  const where = whereText(report);
  const of = (id: ProbedSession['id']) => sessions.find((session) => session.id === id);
  const listed = of('listed');
  const open = sessions.find(({ id, isMet }) => id !== 'listed' && isMet === false);
  const differs = sessions.find(({ agreement }) => agreement.kind === 'differs');
  const unseen = sessions.find(({ isMet }) => isMet === undefined);
  if (open !== undefined) {
    const by = open.prediction?.replies.find(({ stage }) => stage === 'rcpt')?.permits[0];
    return [
      `wrong: ${where} relays ${whose(open.id)}`,
      ...(by === undefined ? [] : [`  permitted by ${placeText(by)}, as predicted`]),
      `  if ${open.played.ends?.local ?? 'this host'} may always relay there (mynetworks), ask from another host`,
    ];
  }
  if (listed?.isMet === false)
    return [
      `denied: ${where} refuses ${client?.holder ?? 'the client'} with its certificate: ${reasonOf(listed)}`,
      ...decider(listed),
      '  certrelay explain says why, from the configuration and the log of the server',
    ];
  if (server?.isMet === false)
    return [
      `wrong: clients of ${where} would not trust its certificate`,
      ...(server.demand === 'pin' ? ['  its fingerprint is none of those that they know'] : []),
      ...(server.chainError === undefined ? [] : [`  chain: ${server.chainError}`]),
      ...(server.nameMatches === false ? [`  name: it is not for ${server.name ?? ''}`] : []),
      '  is it this server? has it the files of its folder (certrelay apply, install.sh)?',
    ];
  if (differs?.agreement.kind === 'differs')
    return [
      `differs: ${where} does not answer as its configuration says`,
      `  ${whose(differs.id)}: predicted at ${differs.agreement.stage.toUpperCase()}: ${differs.agreement.predicted}`,
      '  is what is installed there what was given here?',
    ];
  if (unseen !== undefined) return [`failed: ${where}: ${reasonOf(unseen)}`, ...hintOf(unseen)];
  if (listed === undefined) return [`as it must be: ${where} lets nobody relay without a listed certificate`];
  return [`as it must be: ${client?.holder ?? ''} may relay through ${where}, and only with its certificate`];
}

/** One session in a line, beside its prediction. */
export function sessionWords({ id, played, agreement, isMet }: ProbedSession, holder: string | undefined): string[] {
  const { outcome } = played;
  const did = outcome.kind === 'failed' ? (isMet === undefined ? 'failed' : 'refused') : outcome.kind;
  const beside = {
    same: 'as predicted',
    open: 'the prediction is open',
    none: '',
    differs: agreement.kind === 'differs' ? `predicted: ${agreement.predicted}` : '',
  }[agreement.kind];
  const mark = isMet === true ? 'met   ' : isMet === false ? 'broken' : 'unseen';
  const lines = [
    `  ${mark}  ${who(id, holder)}: ${did}, ${reasonOf({ played })}${beside === '' ? '' : ` (${beside})`}`,
  ];
  if (played.discarded > 0)
    lines.push(`          it sent ${played.discarded} octets in plain text after STARTTLS, which were thrown away`);
  return lines;
}

/** Which session it is. */
export function who(id: ProbedSession['id'], holder: string | undefined): string {
  return id === 'listed' ? `with the certificate of ${holder ?? 'the client'}` : whose(id);
}

function whose(id: ProbedSession['id']): string {
  if (id === 'listed') return 'with the certificate';
  return id === 'stranger' ? "with a stranger's certificate" : 'without a certificate';
}

/** The last word of a session: the reply that decided, or what kept it from being heard. */
export function reasonOf({ played: { outcome, exchanges } }: Pick<ProbedSession, 'played'>): string {
  if (outcome.kind === 'failed') return outcome.trouble.message;
  if (outcome.kind === 'refused') return outcome.reason;
  const recipient = exchanges.find(({ stage }) => stage === 'rcpt');
  return recipient === undefined ? '' : replyText(recipient.reply).join(' / ');
}

function hintOf({ played: { outcome } }: ProbedSession): readonly string[] {
  const hint = outcome.kind === 'failed' ? outcome.trouble.hint : undefined;
  return hint === undefined ? [] : [`  ${hint}`];
}

/** Where the prediction agrees, it knows more than the reply says. */
function decider({ prediction, agreement }: ProbedSession): readonly string[] {
  const by = prediction?.replies.at(-1)?.decidedBy[0];
  return by === undefined || agreement.kind !== 'same' ? [] : [`  decided by ${placeText(by)}, as predicted`];
}

/** A reply as it stood on the wire, line by line. */
export function replyText({ code, enhanced, lines }: LiveReply): readonly string[] {
  return lines.map((line, index) => {
    const rest = [enhanced, line].filter((part) => part !== '').join(' ');
    return `${code}${index === lines.length - 1 ? ' ' : '-'}${rest}`.trimEnd();
  });
}

function whereText({ place: { host, port } }: ProbeReport): string {
  return host.includes(':') ? `[${host}]:${port}` : `${host}:${port}`;
}
