import type { Span } from '../../lib/problem.ts';
import { readDelivery } from './client-line.ts';
import type { OpenSession } from './open-session.ts';
import { Recent } from './recent.ts';

const from = /^([0-9A-Za-z]{6,}): from=<(.*?)>,/;
const removed = /^([0-9A-Za-z]{6,}): removed$/;

const mostSenders = 10_000;
const mostSessions = 5_000;

/**
 * What the queue tells of mail: its sender, and for mail that a session brought also its recipients. The lines that tell
 * come after those of the session, so that a session waits here until its mail has left the queue, or there are too
 * many of them.
 */
export class Queue {
  private readonly senders = new Recent<string>(mostSenders);
  private readonly brought = new Map<string, OpenSession>();
  private readonly waiting = new Map<OpenSession, Set<string>>();
  /** Called with a session that gets no more lines. */
  settled: (session: OpenSession) => void = () => {};

  /** A line of the queue manager. */
  manager(message: string, host: string): void {
    const match = from.exec(message);
    if (match !== null) {
      const key = `${host} ${match[1]}`;
      this.senders.set(key, match[2] ?? '');
      this.brought.get(key)?.mail(match[1] ?? '', { sender: match[2] ?? '' });
      return;
    }
    const gone = removed.exec(message)?.[1];
    if (gone !== undefined) this.leave(`${host} ${gone}`);
  }

  /** A line of an agent that delivered mail, which may have come by a session. */
  agent(message: string, host: string, where: Span): void {
    if (this.brought.size === 0) return;
    const delivery = readDelivery(message, where);
    if (delivery !== undefined) this.delivered(delivery.queueId, delivery.recipient, host, message);
  }

  /** A recipient was done with; where an address was rewritten, the one that the client named counts. */
  delivered(queueId: string, recipient: string, host: string, message: string): void {
    const session = this.brought.get(`${host} ${queueId}`);
    session?.mail(queueId, { recipient: /, orig_to=<(.*?)>, /.exec(message)?.[1] ?? recipient });
  }

  senderOf(queueId: string, host: string): string | undefined {
    return this.senders.get(`${host} ${queueId}`);
  }

  /** A session accepted mail that now goes by this name. */
  bring(queueId: string, host: string, session: OpenSession): void {
    this.brought.set(`${host} ${queueId}`, session);
  }

  /** The connection is over; the session is complete at once unless mail of it is still in the queue. */
  close(session: OpenSession, host: string): void {
    const names = [...session.queued.keys()]
      .map((id) => `${host} ${id}`)
      .filter((key) => this.brought.get(key) === session);
    if (names.length === 0) {
      this.settled(session);
      return;
    }
    this.waiting.set(session, new Set(names));
    if (this.waiting.size <= mostSessions) return;
    const [oldest] = this.waiting.keys();
    if (oldest !== undefined) this.settle(oldest);
  }

  /** No more lines will come. */
  end(): void {
    for (const session of [...this.waiting.keys()]) this.settle(session);
  }

  private leave(key: string): void {
    const session = this.brought.get(key);
    this.brought.delete(key);
    if (session === undefined) return;
    const names = this.waiting.get(session);
    names?.delete(key);
    if (names?.size === 0) this.settle(session);
  }

  private settle(session: OpenSession): void {
    for (const key of this.waiting.get(session) ?? []) this.brought.delete(key);
    this.waiting.delete(session);
    this.settled(session);
  }
}
