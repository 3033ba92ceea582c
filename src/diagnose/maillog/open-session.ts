import type { Span } from '../../lib/problem.ts';
import type { ServerEvent } from './server-line.ts';
import type {
  LoggedCertificate,
  LoggedHost,
  LoggedProgram,
  LoggedReply,
  LoggedTls,
  LoggedTrouble,
  ServerSession,
} from './session.ts';

/** A client that sends commands without end must not fill the memory. */
const mostReplies = 200;
const mostTrouble = 50;

/** A connection that may get more lines. */
export class OpenSession {
  readonly from: LoggedProgram;
  readonly client: LoggedHost;
  private readonly pid: number | undefined;
  private readonly time: string;
  private readonly where: Span;
  private readonly begun: boolean;
  private tls: LoggedTls | undefined;
  private certificate: LoggedCertificate | undefined;
  private sasl: ServerSession['sasl'];
  private reverseName: string | undefined;
  private tlsBegun: boolean | undefined;
  private readonly replies: LoggedReply[] = [];
  private readonly trouble: LoggedTrouble[] = [];
  private ended: ServerSession['ended'] = 'cut';
  /** Mail of this session that lines of the queue may describe further: the index of its reply. */
  readonly queued = new Map<string, number>();

  constructor(
    from: LoggedProgram,
    pid: number | undefined,
    client: LoggedHost,
    begun: boolean,
    time: string,
    where: Span,
  ) {
    this.from = from;
    this.pid = pid;
    this.client = client;
    this.begun = begun;
    this.time = time;
    this.where = where;
  }

  /** Takes what a line tells; true: the connection is over. */
  take(event: ServerEvent, where: Span): boolean {
    switch (event.kind) {
      case 'connect':
        break;
      case 'tls begins':
        this.tlsBegun = true;
        break;
      case 'tls':
        this.tls = event.tls;
        this.tlsBegun = true;
        break;
      case 'certificate':
        this.certificate = event.certificate;
        break;
      case 'refusal':
        this.say(event.reply);
        if (event.saslUser !== undefined) this.sasl ??= { user: event.saslUser, method: 'PLAIN' };
        break;
      case 'accepted':
        if (event.sasl !== undefined) this.sasl = event.sasl;
        this.queued.set(event.queueId, this.replies.length);
        this.say({ stage: 'rcpt', code: 250, enhanced: '2.1.5', text: '', where });
        break;
      case 'lost':
        this.ended = 'lost';
        this.note({ level: 'info', text: event.text, where });
        break;
      case 'forged name':
        this.reverseName = event.reverseName;
        this.note({ level: 'warning', text: event.text, where });
        break;
      case 'trouble':
        this.note(event.trouble);
        break;
      case 'disconnect':
        if (this.ended === 'cut') this.ended = 'disconnect';
        if (event.starttls !== undefined) this.tlsBegun ??= event.starttls > 0;
        return true;
    }
    return false;
  }

  /** What the queue knows of mail that this session brought. */
  mail(queueId: string, known: { readonly sender?: string; readonly recipient?: string }): void {
    const at = this.queued.get(queueId);
    const reply = at === undefined ? undefined : this.replies[at];
    if (at === undefined || reply === undefined) return;
    if (reply.recipient === undefined || known.recipient === undefined) this.replies[at] = { ...reply, ...known };
    // One line for each recipient: those after the first are replies of their own.
    else if (reply.recipient !== known.recipient) this.say({ ...reply, ...known });
  }

  close(): ServerSession {
    const { from, pid, client, tls, certificate, sasl, reverseName, tlsBegun, time, where } = this;
    return {
      side: 'server',
      from,
      pid,
      client,
      ...(tls === undefined ? {} : { tls }),
      ...(certificate === undefined ? {} : { certificate }),
      ...(sasl === undefined ? {} : { sasl }),
      ...(reverseName === undefined ? {} : { reverseName }),
      ...(tlsBegun === undefined ? {} : { tlsBegun }),
      replies: this.replies,
      trouble: this.trouble,
      ended: this.ended,
      begun: this.begun,
      time,
      where,
      alike: 1,
    };
  }

  private say(reply: LoggedReply): void {
    if (this.replies.length < mostReplies) this.replies.push(reply);
  }

  private note(trouble: LoggedTrouble): void {
    if (this.trouble.length < mostTrouble) this.trouble.push(trouble);
  }
}
