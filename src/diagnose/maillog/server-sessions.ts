import type { Span } from '../../lib/problem.ts';
import { Kept } from './kept.ts';
import type { LogLine } from './line.ts';
import { OpenSession } from './open-session.ts';
import type { Queue } from './queue.ts';
import { readServerLine } from './server-line.ts';
import type { LoggedHost, LoggedProgram, LoggedTrouble, ServerSession } from './session.ts';

/** At most so many processes are in a session at once; a log that never ends one is cut. */
const mostOpen = 5_000;
const mostKept = 2_000;

/** The sessions of smtpd(8), put together from lines that come in turns. */
export class ServerSessions {
  readonly kept = new Kept<ServerSession>(mostKept, signature, weight);
  private readonly open = new Map<string, OpenSession>();
  private readonly queue: Queue;

  constructor(queue: Queue) {
    this.queue = queue;
    queue.settled = (session) => this.kept.add(session.close());
  }

  /** Takes one line; trouble that belongs to no session is handed back. */
  take(program: LoggedProgram, line: LogLine, where: Span): LoggedTrouble | undefined {
    const event = readServerLine(line.message, where);
    if (event === undefined) return undefined;
    const key = `${line.host} ${line.name} ${line.pid ?? ''}`;
    const client = 'client' in event ? event.client : undefined;
    let session = this.open.get(key);
    // A process serves one client at a time: another one, or a new connection, means that the end was not logged.
    if (
      session !== undefined &&
      (event.kind === 'connect' || (client !== undefined && !same(client, session.client)))
    ) {
      this.finish(key, session);
      session = undefined;
    }
    if (session === undefined) {
      if (client === undefined) return troubleOf(event);
      session = new OpenSession(program, line.pid, client, event.kind === 'connect', line.time, where);
      this.open.set(key, session);
      if (this.open.size > mostOpen) this.finishOldest();
    }
    const over = session.take(event, where);
    if (event.kind === 'accepted') this.queue.bring(event.queueId, line.host, session);
    // postscreen(8) serves many clients in one process; each of its lines stands alone.
    if (over || program.program === 'postscreen') this.finish(key, session);
    return event.kind === 'trouble' && event.trouble.level !== 'warning' ? troubleOf(event) : undefined;
  }

  end(): void {
    for (const [key, session] of [...this.open]) this.finish(key, session);
    this.queue.end();
  }

  private finishOldest(): void {
    const [oldest] = this.open;
    if (oldest !== undefined) this.finish(...oldest);
  }

  private finish(key: string, session: OpenSession): void {
    this.open.delete(key);
    this.queue.close(session, session.from.host);
  }
}

function troubleOf(event: ReturnType<typeof readServerLine> & {}): LoggedTrouble | undefined {
  return event.kind === 'trouble' ? event.trouble : undefined;
}

/** Another port is another connection, where ports are logged. */
function same(a: LoggedHost, b: LoggedHost): boolean {
  return (
    a.address === b.address && a.name === b.name && (a.port === undefined || b.port === undefined || a.port === b.port)
  );
}

/** Everything that an explanation depends on; sessions of one client that were refused alike have one key. */
function signature({ from, client, tls, certificate, sasl, reverseName, tlsBegun, replies, trouble }: ServerSession) {
  return JSON.stringify([
    from.host,
    from.instance,
    from.service,
    client.name,
    client.address,
    tls?.trust,
    tlsBegun,
    certificate?.fingerprint,
    certificate?.publicKeyFingerprint,
    certificate?.subject,
    sasl?.user,
    reverseName,
    replies.map(({ stage, code, enhanced, text, sender, recipient, helo }) => [
      stage,
      code,
      enhanced,
      text,
      sender,
      recipient,
      helo,
    ]),
    trouble.map(({ text }) => text.replace(/\d+/g, '0')),
  ]);
}

/** Clients with certificates are what people ask about, and refusals more than what went well. */
function weight({ tls, certificate, replies }: ServerSession): number {
  const shown = certificate !== undefined || tls?.trust === 'Trusted' || tls?.trust === 'Untrusted';
  const refused = replies.some(({ code }) => code >= 400);
  const relaying = replies.some(({ text }) => /Relay access denied/i.test(text));
  return (shown ? 4 : 0) + (relaying ? 2 : 0) + (refused ? 1 : 0);
}
