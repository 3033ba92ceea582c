import type { Span } from '../../lib/problem.ts';
import { hostOf, hostPattern, readCertificateLine, readTls } from './host.ts';
import { readTrouble } from './level.ts';
import { codesOf, stageOf } from './reply-text.ts';
import type {
  ClientDelivery,
  LoggedCertificate,
  LoggedHost,
  LoggedReply,
  LoggedTls,
  LoggedTrouble,
} from './session.ts';

/** What one line of smtp(8) or lmtp(8) tells. */
export type ClientEvent =
  | { readonly kind: 'tls'; readonly server: LoggedHost; readonly tls: LoggedTls }
  | { readonly kind: 'certificate'; readonly server: LoggedHost; readonly certificate: LoggedCertificate }
  | { readonly kind: 'delivery'; readonly delivery: Delivered }
  | { readonly kind: 'trouble'; readonly server?: LoggedHost; readonly trouble: LoggedTrouble };

/** The final line of one recipient. */
export type Delivered = Pick<
  ClientDelivery,
  'queueId' | 'recipient' | 'relay' | 'status' | 'dsn' | 'reason' | 'reply' | 'where'
>;

const delivered =
  /^([0-9A-Za-z]{6,}): to=<(.*?)>, (?:orig_to=<.*?>, )?relay=([^,]+), (?:[a-z_]+=[^,]*, )*?dsn=([245]\.\d+\.\d+), status=(sent|deferred|bounced|undeliverable|deliverable) \((.*)\)$/s;
const host = new RegExp(`^${hostPattern}`);
const said = /^host \S+ (?:said|refused to talk to me): (.*?)(?: \(in reply to (.*?)(?: command)?\))?$/s;
const handshake = new RegExp(
  `^(?:(?:server )?certificate verification failed for|SSL_connect error to|Host offered STARTTLS:) ?\\[?${hostPattern}\\]?: .*$`,
);

/** Reads the message of a line of smtp(8) or lmtp(8); undefined: it tells nothing of a delivery. */
export function readClientLine(message: string, where: Span): ClientEvent | undefined {
  const trouble = readTrouble(message, where);
  if (trouble !== undefined) return { kind: 'trouble', trouble };
  const delivery = readDelivery(message, where);
  if (delivery !== undefined) return { kind: 'delivery', delivery };
  const tls = readTls(message, where);
  if (tls !== undefined) return { kind: 'tls', server: tls.host, tls: tls.tls };
  const certificate = readCertificateLine(message, where);
  if (certificate !== undefined)
    return { kind: 'certificate', server: certificate.host, certificate: certificate.certificate };
  const match = handshake.exec(message);
  if (match === null) return undefined;
  const server = hostOf(match[1], match[2], match[3]);
  return { kind: 'trouble', server, trouble: { level: 'info', text: message, where } };
}

/** The line that every delivery agent writes for a recipient that is done with, for now or for good. */
export function readDelivery(message: string, where: Span): Delivered | undefined {
  const match = delivered.exec(message);
  if (match === null) return undefined;
  const [, queueId = '', recipient = '', through = '', dsn = '', status = '', reason = ''] = match;
  const relay = host.exec(through);
  const reply = replyIn(reason, recipient, where);
  return {
    queueId,
    recipient,
    ...(relay === null ? {} : { relay: hostOf(relay[1], relay[2], relay[3]) }),
    status: status as Delivered['status'],
    dsn,
    reason,
    ...(reply === undefined ? {} : { reply }),
    where,
  };
}

/** The server's reply: its own words in a refusal; a message that was sent was accepted at RCPT. */
function replyIn(reason: string, recipient: string, where: Span): LoggedReply | undefined {
  const match = said.exec(reason);
  const codes = match === null ? undefined : codesOf(match[1] ?? '');
  if (match === null || codes === undefined) return undefined;
  // A server that refuses to talk says so in its greeting, or to the EHLO before or after STARTTLS.
  const stage = match[2] === undefined ? 'helo' : stageOf(match[2]);
  return { stage, ...codes, recipient, where };
}
