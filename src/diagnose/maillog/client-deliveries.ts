import type { Span } from '../../lib/problem.ts';
import { readClientLine } from './client-line.ts';
import { Kept } from './kept.ts';
import type { LogLine } from './line.ts';
import type { Queue } from './queue.ts';
import { Recent } from './recent.ts';
import type {
  ClientDelivery,
  LoggedCertificate,
  LoggedHost,
  LoggedProgram,
  LoggedTls,
  LoggedTrouble,
} from './session.ts';

const mostProcesses = 2_000;
const mostKept = 1_000;

/** What a process of smtp(8) logged about its connection. */
interface Connection {
  server: LoggedHost | undefined;
  tls: LoggedTls | undefined;
  certificate: LoggedCertificate | undefined;
  trouble: LoggedTrouble[];
}

/** Deliveries by smtp(8) and lmtp(8), each with what was logged of its connection. */
export class ClientDeliveries {
  readonly kept = new Kept<ClientDelivery>(mostKept, signature, weight);
  private readonly processes = new Recent<Connection>(mostProcesses);
  private readonly queue: Queue;

  constructor(queue: Queue) {
    this.queue = queue;
  }

  /** Takes one line; errors that keep the program from working are handed back as well. */
  take(program: LoggedProgram, line: LogLine, where: Span): LoggedTrouble | undefined {
    const event = readClientLine(line.message, where);
    if (event === undefined) return undefined;
    const connection = this.connectionOf(`${line.host} ${line.name} ${line.pid ?? ''}`);
    switch (event.kind) {
      case 'tls':
        this.meet(connection, event.server);
        connection.tls = event.tls;
        break;
      case 'certificate':
        this.meet(connection, event.server);
        connection.certificate = event.certificate;
        break;
      case 'trouble':
        if (event.server !== undefined) this.meet(connection, event.server);
        if (connection.trouble.length < 20) connection.trouble.push(event.trouble);
        return event.trouble;
      case 'delivery': {
        const { delivery } = event;
        if (delivery.relay !== undefined) this.meet(connection, delivery.relay);
        this.queue.delivered(delivery.queueId, delivery.recipient, line.host, line.message);
        const sender = this.queue.senderOf(delivery.queueId, line.host);
        this.kept.add({
          side: 'client',
          from: program,
          pid: line.pid,
          ...delivery,
          ...(sender === undefined ? {} : { sender }),
          ...(connection.tls === undefined ? {} : { tls: connection.tls }),
          ...(connection.certificate === undefined ? {} : { certificate: connection.certificate }),
          trouble: connection.trouble,
          time: line.time,
          alike: 1,
        });
        connection.trouble = [];
      }
    }
    return undefined;
  }

  private connectionOf(key: string): Connection {
    const before = this.processes.get(key);
    if (before !== undefined) return before;
    const connection: Connection = { server: undefined, tls: undefined, certificate: undefined, trouble: [] };
    this.processes.set(key, connection);
    return connection;
  }

  /** What was logged about another server does not hold for this one. */
  private meet(connection: Connection, server: LoggedHost): void {
    const before = connection.server;
    connection.server = server;
    if (before === undefined || (before.address === server.address && before.port === server.port)) return;
    connection.tls = undefined;
    connection.certificate = undefined;
  }
}

function signature({ from, relay, status, dsn, reason, sender, recipient, tls, certificate }: ClientDelivery): string {
  return JSON.stringify([
    from.host,
    from.instance,
    from.service,
    relay?.name,
    relay?.address,
    relay?.port,
    status,
    dsn,
    status === 'sent' ? '' : reason,
    sender,
    recipient,
    tls?.trust,
    certificate?.fingerprint,
  ]);
}

/** What did not go through comes first. */
function weight({ status, reply }: ClientDelivery): number {
  return (status === 'sent' ? 0 : 2) + (/Relay access denied/i.test(reply?.text ?? '') ? 1 : 0);
}
