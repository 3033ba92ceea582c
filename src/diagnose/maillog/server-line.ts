import type { Span } from '../../lib/problem.ts';
import { hostOf, hostPattern, readCertificateLine, readTls } from './host.ts';
import { readTrouble } from './level.ts';
import { readRefusal, stageOf } from './reply-text.ts';
import type { LoggedCertificate, LoggedHost, LoggedReply, LoggedTls, LoggedTrouble } from './session.ts';

/** What one line of smtpd(8) tells. */
export type ServerEvent =
  | { readonly kind: 'connect'; readonly client: LoggedHost }
  | { readonly kind: 'tls begins'; readonly client: LoggedHost }
  | { readonly kind: 'tls'; readonly client: LoggedHost; readonly tls: LoggedTls }
  | { readonly kind: 'certificate'; readonly client: LoggedHost; readonly certificate: LoggedCertificate }
  | { readonly kind: 'refusal'; readonly client: LoggedHost; readonly reply: LoggedReply; readonly saslUser?: string }
  | {
      readonly kind: 'accepted';
      readonly client: LoggedHost;
      readonly queueId: string;
      readonly sasl?: { readonly user: string; readonly method: string };
    }
  | { readonly kind: 'lost'; readonly client: LoggedHost; readonly text: string }
  /** `starttls`: how often TLS was begun, where the release counts commands (3.0 and later). */
  | { readonly kind: 'disconnect'; readonly client: LoggedHost; readonly starttls?: number }
  /** The reverse name does not lead back to the address: the client goes by no name. */
  | { readonly kind: 'forged name'; readonly reverseName: string; readonly address: string; readonly text: string }
  | { readonly kind: 'trouble'; readonly client?: LoggedHost; readonly trouble: LoggedTrouble };

const H = hostPattern;
const connect = new RegExp(`^connect from ${H}$`);
const begins = new RegExp(`^setting up TLS connection from ${H}$`);
const disconnect = new RegExp(`^disconnect from ${H}(?: (.*))?$`);
const lost = new RegExp(
  `^((?:lost connection|timeout|too many errors|improper command pipelining) after .+? from) ${H}`,
);
const noted = new RegExp(`^(\\S+): (reject|milter-reject|reject_warning): ([A-Z-]+) from ${H}: (.*)$`);
const accepted = new RegExp(
  `^([0-9A-Za-z]{6,}): client=${H}(?:, sasl_method=([^,]*))?(?:, sasl_username=(.*?))?(?:, (?:sasl_sender|orig_).*)?$`,
);
const handshake = new RegExp(
  `^(?:(?:client )?certificate verification failed for|SSL_accept error from|SSL_accept:error in|untrusted issuer) ?${H}: .*$`,
);
// Where smtpd_tls_req_ccert is on, the connection ends after the handshake; the client hears it with its next command.
const aborted = new RegExp(`^NOQUEUE: abort: TLS from ${H}: (.*)$`);
const compatible = /^using backwards-compatible default setting /;
const forged = /^hostname (\S+) does not resolve to address (\S+?)(?::.*)?$/;

/** Reads the message of a line of smtpd(8); undefined: it tells nothing of a session. */
export function readServerLine(message: string, where: Span): ServerEvent | undefined {
  const trouble = readTrouble(message, where);
  if (trouble !== undefined) {
    const name = trouble.level === 'warning' ? forged.exec(trouble.text) : null;
    if (name !== null)
      return { kind: 'forged name', reverseName: name[1] ?? '', address: name[2] ?? '', text: trouble.text };
    return { kind: 'trouble', trouble };
  }
  // The two lines that every session has are looked for first: they are half of a log.
  let match = message.startsWith('connect') ? connect.exec(message) : null;
  if (match !== null) return { kind: 'connect', client: hostOf(match[1], match[2], match[3]) };
  match = message.startsWith('disconnect') ? disconnect.exec(message) : null;
  if (match !== null) return disconnected(match);
  match = noted.exec(message);
  if (match !== null) return refused(match, where);
  match = accepted.exec(message);
  if (match !== null) {
    const [, queueId = '', name, address, port, method, user] = match;
    const sasl = user === undefined ? {} : { sasl: { user, method: method ?? 'PLAIN' } };
    return { kind: 'accepted', client: hostOf(name, address, port), queueId, ...sasl };
  }
  const tls = readTls(message, where);
  if (tls !== undefined) return { kind: 'tls', client: tls.host, tls: tls.tls };
  const certificate = readCertificateLine(message, where);
  if (certificate !== undefined)
    return { kind: 'certificate', client: certificate.host, certificate: certificate.certificate };
  match = begins.exec(message);
  if (match !== null) return { kind: 'tls begins', client: hostOf(match[1], match[2], match[3]) };
  match = lost.exec(message);
  if (match !== null) return { kind: 'lost', client: hostOf(match[2], match[3], match[4]), text: message };
  match = aborted.exec(message);
  if (match !== null) {
    const reply = {
      stage: 'starttls',
      code: 421,
      enhanced: '4.7.1',
      text: match[4] ?? '',
      by: 'smtpd',
      where,
    } as const;
    return { kind: 'refusal', client: hostOf(match[1], match[2], match[3]), reply };
  }
  if (compatible.test(message)) return { kind: 'trouble', trouble: { level: 'info', text: message, where } };
  match = handshake.exec(message);
  if (match === null) return undefined;
  return {
    kind: 'trouble',
    client: hostOf(match[1], match[2], match[3]),
    trouble: { level: 'info', text: message, where },
  };
}

function disconnected(match: RegExpExecArray): ServerEvent {
  const [, name, address, port, counts] = match;
  // "starttls=1" went well; "starttls=0/1" was refused; neither, among other counts, was not sent.
  const starttls = counts === undefined ? undefined : Number(/\bstarttls=(\d+)/.exec(counts)?.[1] ?? 0);
  return { kind: 'disconnect', client: hostOf(name, address, port), ...(starttls === undefined ? {} : { starttls }) };
}

function refused(match: RegExpExecArray, where: Span): ServerEvent | undefined {
  const [, , action, command = '', name, address, port, rest = ''] = match;
  const client = hostOf(name, address, port);
  if (action === 'reject_warning') {
    return { kind: 'trouble', client, trouble: { level: 'info', text: `reject_warning: ${rest}`, where } };
  }
  const read = readRefusal(stageOf(command), rest, action === 'reject' ? 'smtpd' : 'milter', where);
  return read === undefined ? undefined : { kind: 'refusal', client, ...read };
}
