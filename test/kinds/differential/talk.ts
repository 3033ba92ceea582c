import type { CertificatePool } from './certificates.ts';
import type { ScenarioSession } from './scenario.ts';
import { type PlayedReply, SilentServer, type SmtpClient } from './smtp-client.ts';

/** What came of a session, as far as its client can see. */
export interface Talked {
  readonly replies: readonly PlayedReply[];
  /** It waited too long for an answer. */
  readonly silent: boolean;
  /** The server let it log in. */
  readonly authenticated: boolean;
  /** It was not let in, and that was the end of the connection: a session without a login says more. */
  readonly cutOff: boolean;
}

/** Says what a session says, in the order of the simulator; `wrapper`: the server expects TLS from the first byte. */
export async function talk(
  client: SmtpClient,
  session: ScenarioSession,
  wrapper: boolean,
  pool: CertificatePool,
): Promise<Talked> {
  const conversation = new Talk(client, session, wrapper, pool);
  try {
    await conversation.talk();
    return { ...conversation, silent: false };
  } catch (error) {
    if (!(error instanceof SilentServer)) throw error;
    return { ...conversation, silent: true };
  }
}

class Talk {
  readonly replies: PlayedReply[] = [];
  authenticated = false;
  cutOff = false;
  readonly #client: SmtpClient;
  readonly #session: ScenarioSession;
  readonly #wrapper: boolean;
  readonly #pool: CertificatePool;
  readonly #greeting: string;

  constructor(client: SmtpClient, session: ScenarioSession, wrapper: boolean, pool: CertificatePool) {
    this.#client = client;
    this.#session = session;
    this.#wrapper = wrapper;
    this.#pool = pool;
    this.#greeting = `${session.protocol === 'SMTP' ? 'HELO' : 'EHLO'} ${session.helo}`;
  }

  async talk(): Promise<void> {
    const { early, tls, helo } = this.#session;
    if (early === true) return this.#atOnce();
    if (this.#wrapper && tls === null) return this.#say('connect', 'EHLO x');
    if (this.#wrapper) await this.#secure();
    this.#note(await this.#client.reply('connect'));
    if (helo !== undefined) await this.#say('helo', this.#greeting);
    if (tls !== null && !this.#wrapper) await this.#startTls();
    await this.#login();
    for (const [stage, line] of this.#enquiries()) await this.#say(stage, line);
    for (const [stage, line] of this.#transaction()) await this.#say(stage, line);
    if (this.#session.data) {
      const started = this.#note(await this.#client.say('data', 'DATA'));
      if (started?.code === 354) await this.#say('end-of-data', 'Subject: a test\r\n\r\nA test.\r\n.');
    }
    await this.#client.say('quit', 'QUIT');
  }

  /** All commands in one go, before the server has said a word. */
  async #atOnce(): Promise<void> {
    const { helo, data } = this.#session;
    const lines = [
      ...(helo === undefined ? [] : [['helo', this.#greeting] as const]),
      ...this.#enquiries(),
      ...this.#transaction(),
      ...(data ? [['data', 'DATA'] as const] : []),
    ];
    this.#client.write([...lines.map(([, line]) => line), 'QUIT']);
    this.#note(await this.#client.reply('connect'));
    for (const [stage] of lines) this.#note(await this.#client.reply(stage));
  }

  async #startTls(): Promise<void> {
    const started = this.#note(await this.#client.say('starttls', 'STARTTLS'));
    if (started?.code !== 220) return;
    await this.#secure();
    if (this.#session.helo === undefined) return;
    const again = await this.#client.say('helo', this.#greeting);
    // The second greeting belongs to starting TLS, unless it is the last word.
    if (again?.code === 421 || again?.code === 521) this.replies.push(again);
  }

  async #secure(): Promise<void> {
    const { tls } = this.#session;
    if (tls === null) return;
    const certificate = this.#pool.clients.find(({ name }) => name === tls.certificate?.name);
    await this.#client.secure(tls.protocol, certificate);
  }

  async #login(): Promise<void> {
    const { sasl } = this.#session;
    if (sasl === null) return;
    const initial = sasl.method === 'ANONYMOUS' ? sasl.user : `\0${sasl.user}\0secret`;
    const admitted = await this.#client.say('auth', `AUTH ${sasl.method} ${Buffer.from(initial).toString('base64')}`);
    this.authenticated = admitted?.code === 235;
    this.cutOff = !this.authenticated && this.#client.ended;
  }

  #enquiries(): (readonly [stage: string, line: string])[] {
    const { etrn, vrfy } = this.#session;
    return [
      ...(etrn === undefined ? [] : [['etrn', `ETRN ${etrn}`] as const]),
      ...(vrfy === undefined ? [] : [['vrfy', `VRFY ${vrfy}`] as const]),
    ];
  }

  #transaction(): (readonly [stage: string, line: string])[] {
    const { mailFrom, rcptTo } = this.#session;
    return [
      ...(mailFrom === undefined ? [] : [['mail', `MAIL FROM:<${mailFrom}>`] as const]),
      ...rcptTo.map((recipient) => ['rcpt', `RCPT TO:<${recipient}>`] as const),
    ];
  }

  async #say(stage: string, line: string): Promise<void> {
    this.#note(await this.#client.say(stage, line));
  }

  #note(reply: PlayedReply | undefined): PlayedReply | undefined {
    if (reply !== undefined) this.replies.push(reply);
    return reply;
  }
}
