import { addressLiteral } from '../../lib/ip.ts';
import type { PostfixConfig } from '../../policy/postfix/config.ts';
import type { KnownFacts } from '../evidence/sessions.ts';
import type { ClientDelivery, LoggedReply, LoggedStage, ServerSession } from '../maillog/session.ts';
import { givenCertificate, shownCertificate } from './facts.ts';

/** A session as a scenario has it, with what the log does not have and was assumed. */
export interface Scenario {
  readonly session: Readonly<Record<string, unknown>>;
  readonly assumed: readonly string[];
}

/** Stages in the order of a session: what comes after the one that is looked at is not sent. */
const order: readonly LoggedStage[] = [
  'connect',
  'helo',
  'starttls',
  'etrn',
  'vrfy',
  'mail',
  'rcpt',
  'data',
  'end-of-data',
];

const reaches = (stage: LoggedStage, wanted: LoggedStage): boolean => order.indexOf(stage) >= order.indexOf(wanted);

/**
 * The session of the server's log up to the command that `reply` answers. What the client would have gone on to send
 * where the connection ended after the handshake, its own log tells.
 */
export function scenarioOfSession(
  session: ServerSession,
  reply: LoggedReply,
  config: PostfixConfig,
  known: KnownFacts,
  delivery?: ClientDelivery,
): Scenario {
  const assumed: string[] = [];
  const { client, reverseName } = session;
  const name = known.name ?? client.name;
  return {
    session: {
      client: { address: client.address, name, reverseName: known.reverseName ?? reverseName ?? name },
      ...envelope(reply, name === 'unknown' ? addressLiteral(client.address) : name, known, assumed),
      ...(reply.stage === 'starttls' && delivery !== undefined
        ? { mailFrom: delivery.sender ?? '', rcptTo: [delivery.recipient] }
        : {}),
      tls: tlsOf(session, config, known, assumed),
      sasl: session.sasl ?? known.sasl ?? null,
    },
    assumed,
  };
}

/** The session of a delivery in the client's log, where the server's log is missing. */
export function scenarioOfDelivery(
  delivery: ClientDelivery,
  reply: LoggedReply,
  client: PostfixConfig | undefined,
  known: KnownFacts,
): Scenario {
  const assumed: string[] = [];
  // RFC 5737 keeps this address for documentation: it is in nobody's networks.
  const address = known.address ?? '192.0.2.1';
  if (known.address === undefined) {
    assumed.push("the client's log does not tell its address: one that is in none of the server's networks");
  }
  const name = known.name ?? 'unknown';
  const helo = client?.get('smtp_helo_name') || client?.get('myhostname') || name;
  const sender = delivery.sender ?? '';
  if (delivery.sender === undefined) assumed.push('the log does not tell the sender: the null sender');
  return {
    session: {
      client: { address, name, reverseName: known.reverseName ?? name },
      ...envelope({ ...reply, sender, recipient: delivery.recipient }, helo, known, assumed),
      tls: tlsOfDelivery(delivery, client, known, assumed),
      sasl: known.sasl ?? null,
    },
    assumed,
  };
}

function envelope(reply: LoggedReply, name: string, known: KnownFacts, assumed: string[]) {
  const { stage, sender, recipient, protocol } = reply;
  const helo = reply.helo ?? known.helo ?? name;
  if (reply.helo === undefined && known.helo === undefined && reaches(stage, 'mail') && reply.by !== undefined)
    assumed.push(`the log does not tell the HELO name: "${helo}"`);
  if (reaches(stage, 'mail') && sender === undefined) assumed.push('the log does not tell the sender: the null sender');
  return {
    ...(reaches(stage, 'helo') ? { helo } : {}),
    protocol: protocol ?? 'ESMTP',
    ...(reaches(stage, 'mail') ? { mailFrom: sender ?? '' } : {}),
    ...(reaches(stage, 'rcpt') && recipient !== undefined ? { rcptTo: [recipient] } : {}),
    ...(reaches(stage, 'data') ? { data: true } : {}),
  };
}

/** What the log has about TLS; a silent log means plain text only where the server logs TLS. */
function tlsOf(session: ServerSession, config: PostfixConfig, known: KnownFacts, assumed: string[]): unknown {
  if (known.certificate === null) return null;
  const { tls, tlsBegun, begun } = session;
  const first = session.replies[0]?.stage;
  if (first === 'connect' || tlsBegun === false) return null;
  if (tls === undefined && tlsBegun === undefined && known.certificate === undefined) {
    const offered = config.get('smtpd_tls_security_level') !== '' || config.boolean('smtpd_use_tls');
    if (!offered) return null;
    if (begun && config.integer('smtpd_tls_loglevel') > 0) {
      assumed.push('the log has no TLS for this session, and the server logs it: plain text');
      return null;
    }
    assumed.push('the log does not tell whether TLS was used: it was');
  }
  const certificate = shownCertificate(session, known, assumed);
  return { protocol: tls?.protocol ?? 'TLSv1.2', certificate };
}

function tlsOfDelivery(
  { tls }: ClientDelivery,
  client: PostfixConfig | undefined,
  known: KnownFacts,
  assumed: string[],
): unknown {
  if (known.certificate !== undefined) return known.certificate === null ? null : { certificate: known.certificate };
  const level = client?.get('smtp_tls_security_level') ?? '';
  if (tls === undefined) {
    assumed.push("the client's log does not tell whether TLS was used: it was");
    if (client !== undefined && (level === '' || level === 'none') && !client.boolean('smtp_use_tls')) {
      assumed.pop();
      assumed.push('the client is not set to use TLS: plain text');
      return null;
    }
  }
  const files = ['smtp_tls_cert_file', 'smtp_tls_eccert_file', 'smtp_tls_dcert_file', 'smtp_tls_chain_files'];
  const has = client === undefined || files.some((file) => client.get(file) !== '');
  if (!has) return { protocol: tls?.protocol ?? 'TLSv1.2', certificate: null };
  const given = givenCertificate(known, assumed);
  if (given !== undefined) return { protocol: tls?.protocol ?? 'TLSv1.2', certificate: { trusted: true, ...given } };
  assumed.push("the client's log does not tell what the server saw of its certificate: its fingerprint is open");
  return { protocol: tls?.protocol ?? 'TLSv1.2', certificate: { trusted: true } };
}
