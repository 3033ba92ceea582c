import type { Place } from './place.ts';
import type { LiveReply } from './reply-reader.ts';
import type { TlsFacts } from './tls-facts.ts';
import { socketTrouble, Trouble } from './trouble.ts';
import { type TlsWish, Wire } from './wire.ts';

export type LiveStage = 'connect' | 'helo' | 'starttls' | 'mail' | 'rcpt' | 'rset' | 'quit';

/** What was said, and what was answered. */
export interface Exchange {
  readonly stage: LiveStage;
  /** Absent for the greeting, which nobody asks for. */
  readonly said?: string;
  readonly reply: LiveReply;
}

/** How far a session came: to a recipient that was taken, to a refusal, or to trouble that says nothing about the client. */
export type LiveOutcome =
  | { readonly kind: 'permitted' }
  | { readonly kind: 'refused'; readonly stage: LiveStage; readonly reason: string }
  | { readonly kind: 'failed'; readonly stage: LiveStage; readonly trouble: Trouble };

export interface Played {
  readonly outcome: LiveOutcome;
  readonly exchanges: readonly Exchange[];
  readonly tls: TlsFacts | undefined;
  /** Addresses of the two ends, as this one sees them; undefined when there was no connection. */
  readonly ends: { readonly local: string; readonly remote: string } | undefined;
  /** Octets of plain text that the server sent between its agreement to TLS and TLS. */
  readonly discarded: number;
}

/** What one session is to be. It ends after RCPT: no message is ever begun. */
export interface Part {
  readonly place: Place;
  /** Milliseconds for each reply. */
  readonly patience: number;
  readonly tls: TlsWish;
  /** The name for EHLO, by the address that this end has. */
  helo(localAddress: string): string;
  /** Empty: the null sender. */
  readonly from: string;
  readonly to: string;
  /** No further than TLS: for those who want to see the server's certificate only. */
  readonly onlyTls?: boolean;
}

/** A server's last words decide nothing, so they are not waited for as long. */
const farewellPatience = 5000;

/** Plays a session: EHLO, STARTTLS, EHLO, MAIL, RCPT, RSET, QUIT. Never throws for what a server does. */
export async function play(part: Part): Promise<Played> {
  const talk = new Talk(part);
  let outcome: LiveOutcome;
  try {
    outcome = await talk.play();
  } catch (error) {
    outcome = { kind: 'failed', stage: talk.stage, trouble: socketTrouble(error) };
  } finally {
    talk.wire?.close();
  }
  const { wire, exchanges, tls } = talk;
  return {
    ...{ outcome, exchanges, tls, discarded: wire?.discarded ?? 0 },
    ends: wire === undefined ? undefined : { local: wire.localAddress, remote: wire.remoteAddress },
  };
}

class Talk {
  readonly #part: Part;
  readonly exchanges: Exchange[] = [];
  stage: LiveStage = 'connect';
  wire: Wire | undefined;
  tls: TlsFacts | undefined;

  constructor(part: Part) {
    this.#part = part;
  }

  async play(): Promise<LiveOutcome> {
    const { place, patience, tls, helo, from, to, onlyTls } = this.#part;
    const wire = await Wire.open(place, patience);
    this.wire = wire;
    if (place.isWrapped) {
      this.tls = await wire.secure(tls);
      if (onlyTls === true) return { kind: 'permitted' };
    }
    const greeting = await this.#hear('connect');
    if (greeting.code !== 220) return this.#refused(greeting);
    const hello = `EHLO ${helo(wire.localAddress)}`;
    let offered = await this.#ask('helo', hello);
    if (offered.code !== 250) return this.#refused(offered);
    if (!place.isWrapped) {
      this.stage = 'starttls';
      if (!offers(offered, 'STARTTLS')) {
        await this.#leave();
        return {
          kind: 'refused',
          stage: 'starttls',
          reason: 'it does not offer STARTTLS, so no certificate can be shown',
        };
      }
      const ready = await this.#ask('starttls', 'STARTTLS');
      if (ready.code !== 220) return this.#refused(ready);
      this.tls = await wire.secure(tls);
      if (onlyTls !== true) {
        // What was offered in plain text counts for nothing any more (RFC 3207, section 4.2).
        offered = await this.#ask('helo', hello);
        if (offered.code !== 250) return this.#refused(offered);
      }
    }
    if (onlyTls === true) {
      await this.#leave();
      return { kind: 'permitted' };
    }
    const mail = await this.#ask('mail', `MAIL FROM:<${from}>${this.#parameters(offered)}`);
    if (mail.code !== 250) return this.#refused(mail);
    const recipient = await this.#ask('rcpt', `RCPT TO:<${to}>`);
    if (recipient.code >= 300) return this.#refused(recipient);
    await this.#leave('RSET');
    return { kind: 'permitted' };
  }

  /** Addresses beyond ASCII need the server's consent (RFC 6531, section 3.4). */
  #parameters(offered: LiveReply): string {
    const { from, to } = this.#part;
    if (/^[\x20-\x7e]*$/.test(from + to)) return '';
    if (offers(offered, 'SMTPUTF8')) return ' SMTPUTF8';
    this.stage = 'mail';
    throw new Trouble(
      'no-smtputf8',
      'it does not offer SMTPUTF8, so addresses beyond ASCII cannot be named to it',
      'give --from and --to in ASCII',
    );
  }

  async #ask(stage: LiveStage, line: string, patience?: number): Promise<LiveReply> {
    this.stage = stage;
    this.wire?.say(line);
    return this.#hear(stage, line, patience);
  }

  async #hear(stage: LiveStage, said?: string, patience?: number): Promise<LiveReply> {
    if (this.wire === undefined) throw new Error('a reply before there is a connection');
    const reply = await this.wire.reply(patience);
    this.exchanges.push({ stage, reply, ...(said === undefined ? {} : { said }) });
    return reply;
  }

  async #refused(reply: LiveReply): Promise<LiveOutcome> {
    const { stage } = this;
    const reason = replyLine(reply);
    // The server closes the connection with this one (RFC 5321, section 3.8), and a busy one is no judgement.
    if (reply.code === 421 || (stage === 'connect' && reply.code < 500))
      return { kind: 'failed', stage, trouble: new Trouble('unavailable', `it ends the session: ${reason}`) };
    await this.#leave(stage === 'rcpt' ? 'RSET' : undefined);
    return { kind: 'refused', stage, reason };
  }

  async #leave(reset?: 'RSET'): Promise<void> {
    const { stage } = this;
    const patience = Math.min(this.#part.patience, farewellPatience);
    try {
      if (reset !== undefined) await this.#ask('rset', reset, patience);
      await this.#ask('quit', 'QUIT', patience);
    } catch {
      // Everything was said before.
    }
    this.stage = stage;
  }
}

function offers({ lines }: LiveReply, keyword: string): boolean {
  return lines.slice(1).some((line) => line.trim().split(/\s/)[0]?.toUpperCase() === keyword);
}

/** A reply in one line. */
function replyLine({ code, enhanced, lines }: LiveReply): string {
  return [String(code), enhanced, lines.join(' / ')].filter((text) => text !== '').join(' ');
}
