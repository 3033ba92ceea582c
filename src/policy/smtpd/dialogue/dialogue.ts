import { isPostmaster, readMailbox } from '../address/envelope-mailbox.ts';
import type { Resolver } from '../address/resolve.ts';
import { OK, REJECT, type Run, type Status } from '../lists/run.ts';
import type { Stages } from '../lists/stages.ts';
import { seenPeer } from '../questions/peer.ts';
import { asSeen, cannotStart, type TlsSettings } from '../questions/tls.ts';
import type { DialogueSettings } from '../start/settings.ts';
import {
  type Answered,
  dataOk,
  greeting,
  heloOk,
  mailOk,
  none,
  outOfStep,
  queued,
  rcptOk,
  startTlsOk,
  usualAnswers,
} from './answered.ts';
import type { Conversation, Helo, Said } from './conversation.ts';
import { answerEtrn, answerVrfy } from './enquiries.ts';
import { isProbe } from './probe-sender.ts';
import type { Reply } from './reply.ts';
import type { Mailbox, Phase } from './session.ts';
import { answered } from './written-answer.ts';

/** Plays one conversation: the commands of SMTP around the lists, in the order of smtpd(8). */
export class Dialogue {
  private readonly run: Run;
  private readonly stages: Stages;
  private readonly tls: TlsSettings;
  private readonly settings: DialogueSettings;
  private readonly resolver: Resolver;
  private conversation: Conversation;
  /** The replies so far are the first of these, as many as `replied`; the rest are of conversations before. */
  private readonly replies: Answered[] = [];
  private replied = 0;
  private closed = false;
  /** After a refused connection: the answer to everything. */
  private denied: Reply | undefined = undefined;
  /** Set after a handshake that the server does not accept: the next command is the last. */
  private aborting: Reply | undefined = undefined;
  private decidedBy = none;
  /** Commands that were refused; with too many of them the server hangs up. */
  private errors = 0;
  /** The one accepted recipient, or the first of several, which footers name. */
  private firstAccepted: Mailbox | undefined = undefined;

  constructor(run: Run, stages: Stages, tls: TlsSettings, settings: DialogueSettings, resolver: Resolver) {
    this.run = run;
    this.stages = stages;
    this.tls = tls;
    this.settings = settings;
    this.resolver = resolver;
    this.conversation = run.session.conversation;
  }

  play(conversation: Conversation): readonly Answered[] {
    this.converse(conversation);
    return this.replies.slice(0, this.replied);
  }

  private converse(conversation: Conversation): void {
    const { run, tls } = this;
    const { helo, etrn, vrfy } = conversation;
    const early = conversation.early === true && this.settings.forbidsEarly;
    this.begin(conversation);
    if (tls.wrapper && conversation.tls === undefined) {
      run.warn(`SSL_accept error from ${run.session.peer.namaddr}: -1`);
      return;
    }
    // What would begin with TLS and cannot, does not begin.
    if (tls.wrapper && cannotStart(tls, run.trail)) return;
    if (tls.wrapper) this.handshake();
    const aborting = tls.abortsGreeting ? this.aborting : undefined;
    this.say(usualAnswers.connect, early ? this.error(...outOfStep) : (aborting ?? this.connect()));
    if (early) return;
    if (helo !== undefined && !this.closed) this.say(usualAnswers.helo, this.farewell() ?? this.helo(helo));
    if (!tls.wrapper && conversation.tls !== undefined && !this.closed) {
      this.say(usualAnswers.starttls, this.farewell() ?? this.startTls());
      if (run.session.tls !== undefined && helo !== undefined) this.heloAgain(helo);
    }
    if (etrn !== undefined && !this.closed) this.say(usualAnswers.etrn, this.gate() ?? this.etrn(etrn));
    if (vrfy !== undefined && !this.closed) this.say(usualAnswers.vrfy, this.gate() ?? this.vrfy(vrfy));
    if (conversation.mailFrom !== undefined && !this.closed)
      this.say(usualAnswers.mail, this.gate() ?? this.mail(conversation.mailFrom));
    for (const recipient of conversation.rcptTo) {
      if (this.closed) break;
      this.say(usualAnswers.rcpt, this.gate() ?? this.rcpt(recipient), recipient.given);
    }
    if (conversation.data && !this.closed) {
      const started = this.gate() ?? this.data();
      this.say(usualAnswers.data, started);
      if (started === dataOk) this.say(usualAnswers['end-of-data'], this.endOfData());
    }
  }

  private begin(conversation: Conversation): void {
    const { run } = this;
    this.conversation = conversation;
    this.replied = 0;
    this.closed = false;
    this.errors = 0;
    this.denied = undefined;
    this.aborting = undefined;
    this.decidedBy = none;
    this.firstAccepted = undefined;
    run.session.begin(conversation, seenPeer(conversation.peer, this.settings, run.trail));
    run.begin();
    for (const warning of this.tls.warnings) run.warn(warning);
    this.settings.unmodelled?.(run);
  }

  private connect(): Reply | undefined {
    this.enter('connect');
    if (this.stages.delayed || this.stages.client(this.run) !== REJECT) return greeting;
    const refusal = this.refusal();
    // A code that ends the connection is repeated, where a client goes on all the same.
    const repeated = refusal !== undefined && refusal.code % 100 === 21;
    this.denied = repeated
      ? refusal
      : this.error(503, '5.7.0', `Error: access denied for ${this.run.session.peer.namaddr}`);
    return refusal;
  }

  private helo({ name, kept }: Helo): Reply | undefined {
    const { session } = this.run;
    if (name === '')
      return this.error(501, '', `Syntax: ${this.conversation.protocol === 'SMTP' ? 'HELO' : 'EHLO'} hostname`);
    this.enter('helo');
    const before = session.helo;
    // With smtpd_delay_reject=no the list sees the name as it was given.
    session.helo = name;
    if (!this.stages.delayed && this.stages.helo(this.run) === REJECT) {
      session.helo = before;
      return this.refusal();
    }
    session.helo = kept;
    return heloOk;
  }

  /** The greeting after STARTTLS belongs to starting TLS; it is shown only when it ends the connection. */
  private heloAgain(given: Helo): void {
    const reply = this.farewell() ?? this.helo(given);
    if (reply !== undefined && (reply.code === 421 || reply.code === 521)) this.say(usualAnswers.helo, reply);
    else if (reply !== undefined && reply.code >= 400) this.errors += 1;
    this.decidedBy = none;
  }

  private startTls(): Reply {
    if (!this.tls.offered) return this.error(502, '5.5.1', 'Error: command not implemented');
    if (cannotStart(this.tls, this.run.trail))
      return this.error(454, '4.7.0', 'TLS not available due to local problem');
    this.run.session.reset();
    this.handshake();
    return startTlsOk;
  }

  private handshake(): void {
    const given = this.conversation.tls;
    if (given === undefined) return;
    const seen = asSeen(given, this.tls);
    this.run.session.tls = seen;
    if (!this.tls.requiresCertificate || seen.certificate?.trusted === true) return;
    const reason =
      seen.certificate === undefined ? 'No client certificate presented' : 'Client certificate not trusted';
    this.aborting = this.error(421, '4.7.1', `${this.settings.myhostname} Error: ${reason}`);
  }

  /** What answers every command, once the server has had enough or never wanted the client. */
  private farewell(): Reply | undefined {
    if (this.errors < this.settings.errorLimit) return this.aborting ?? this.denied;
    return this.error(421, '4.7.0', `${this.settings.myhostname} Error: too many errors`);
  }

  /** What answers any command of the transaction without looking at it. */
  private gate(): Reply | undefined {
    const farewell = this.farewell();
    if (farewell !== undefined) return farewell;
    if (!this.tls.mandatory || this.run.session.tls !== undefined) return undefined;
    return this.error(530, '5.7.0', 'Must issue a STARTTLS command first');
  }

  private etrn(given: string): Reply | undefined {
    const { run, stages, settings } = this;
    if (settings.heloRequired && run.session.helo === undefined)
      return this.error(503, '', 'Error: send HELO/EHLO first');
    this.enter('etrn');
    return this.replyOrRefusal(answerEtrn(given, run, stages, settings));
  }

  private vrfy(said: Said): Reply | undefined {
    this.enter('vrfy');
    return this.replyOrRefusal(answerVrfy(said.given, this.address(said, false), this.run, this.stages, this.settings));
  }

  private replyOrRefusal(reply: Reply | 'refused'): Reply | undefined {
    return reply === 'refused' ? this.refusal() : reply;
  }

  private mail(said: Said): Reply | undefined {
    const { session } = this.run;
    if (this.settings.heloRequired && session.helo === undefined)
      return this.error(503, '5.5.1', 'Error: send HELO/EHLO first');
    const mailbox = this.address(said);
    if (mailbox === undefined) return this.error(501, '5.1.7', 'Bad sender address syntax');
    this.enter('mail');
    session.sender = mailbox;
    if (!this.stages.delayed && this.stages.sender(this.run) === REJECT) {
      session.sender = undefined;
      return this.refusal();
    }
    const broken = this.stages.headerRewrite(this.run);
    if (broken === undefined) return mailOk;
    session.sender = undefined;
    return this.error(451, broken, broken === '4.3.0' ? 'Temporary lookup error' : 'Server configuration error');
  }

  private rcpt(said: Said): Reply | undefined {
    const { session } = this.run;
    if (session.sender === undefined) return this.error(503, '5.5.1', 'Error: need MAIL command');
    const mailbox = this.address(said);
    if (mailbox === undefined || mailbox.text === '') return this.error(501, '5.1.3', 'Bad recipient address syntax');
    if (session.recipientCount >= this.settings.recipientLimit) {
      // A client may overshoot the limit (smtpd_recipient_overshoot_limit).
      this.errors -= 1;
      return this.error(452, '4.5.3', 'Error: too many recipients');
    }
    this.enter('rcpt');
    session.recipient = mailbox;
    // The bare word is accepted before any list (RFC 5321, section 4.5.1).
    const probe = isProbe(mailbox, said.envelope, this.settings);
    const welcome = probe || isPostmaster(mailbox, said.envelope);
    const status = welcome ? OK : this.stages.recipient(this.run);
    if (status !== REJECT) {
      session.recipientCount += 1;
      if (this.settings.unqueued !== undefined) this.run.trail.giveUp(this.settings.unqueued);
      this.firstAccepted ??= probe ? { text: this.settings.probeSender, resolved: mailbox.resolved } : mailbox;
    }
    // By the time a reply is written, the recipient in question is forgotten.
    session.recipient = this.firstAccepted;
    return status === REJECT ? this.refusal() : rcptOk;
  }

  private data(): Reply | undefined {
    const { session } = this.run;
    if (session.sender === undefined) return this.error(503, '5.5.1', 'Error: need RCPT command');
    if (session.recipientCount === 0) return this.error(554, '5.5.1', 'Error: no valid recipients');
    this.enter('data');
    return this.toAll(() => this.stages.data(this.run)) === REJECT ? this.refusal() : dataOk;
  }

  private endOfData(): Reply | undefined {
    this.enter('end-of-data');
    return this.toAll(() => this.stages.endOfData(this.run)) === REJECT ? this.refusal() : queued;
  }

  /** After the recipients one is known to the lists only where there is just one, and to footers the first. */
  private toAll(judge: () => Status): Status {
    const { session } = this.run;
    session.recipient = session.recipientCount === 1 ? this.firstAccepted : undefined;
    const status = judge();
    session.recipient = this.firstAccepted;
    return status;
  }

  /** The address between the brackets; undefined when the server would not read it. */
  private address(said: Said, strict = this.settings.strictEnvelopes): Mailbox | undefined {
    return readMailbox(said, strict, this.resolver, this.run.trail);
  }

  private enter(phase: Phase): void {
    this.run.session.phase = phase;
    this.run.permits = none;
  }

  private error(code: number, enhanced: string, text: string): Reply {
    return { code, enhanced, text };
  }

  /** The reply of the list that refused; undefined when the connection was dropped without one. */
  private refusal(): Reply | undefined {
    const { reply, decidedBy, hangup } = this.run;
    if (hangup) this.closed = true;
    if (hangup) return undefined;
    this.decidedBy = decidedBy;
    return reply;
  }

  private say(usual: Answered, reply: Reply | undefined, recipient?: string): void {
    if (this.closed || reply === undefined) return;
    if (reply.code >= 400) this.errors += 1;
    const answer = answered(usual, reply, recipient, this.decidedBy, this.run, this.settings);
    const { code } = answer.reply;
    this.replies[this.replied++] = answer;
    this.decidedBy = none;
    this.closed = code === 421 || code === 521;
  }
}
