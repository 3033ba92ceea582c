import type { Span } from '../../lib/problem.ts';
import { ClientDeliveries } from './client-deliveries.ts';
import { programOf } from './host.ts';
import { Kept } from './kept.ts';
import { readTrouble } from './level.ts';
import { type LogLine, readLogLine } from './line.ts';
import { Queue } from './queue.ts';
import { ServerSessions } from './server-sessions.ts';
import type { LoggedProgram, LoggedTrouble, MailLog } from './session.ts';

type Trouble = MailLog['trouble'][number];

const mostTrouble = 500;

/** Programs that have a line for each recipient they are done with; of smtp(8) and lmtp(8) more is read. */
const agents = new Set(['local', 'virtual', 'pipe', 'error', 'retry', 'discard', 'relay']);

/**
 * Reads a mail log line by line, however long it is: what it holds at any time is bounded. Lines of several logs may
 * follow one another; sessions that are written in turns are kept apart by host, program and process.
 */
export class MailLogReader {
  private readonly queue = new Queue();
  private readonly servers = new ServerSessions(this.queue);
  private readonly clients = new ClientDeliveries(this.queue);
  private readonly trouble = new Kept<Trouble>(mostTrouble, troubleSignature, ({ level }) => levels.indexOf(level));
  /** Many lines come from few programs. */
  private readonly programs = new Map<string, LoggedProgram>();
  private lines = 0;
  private postfixLines = 0;
  private version: MailLog['version'];

  /** Takes one line; `where` is its place in its file. True: Postfix wrote it. */
  take(text: string, where: Span): boolean {
    this.lines++;
    const line = readLogLine(text);
    if (line === undefined) return false;
    this.postfixLines++;
    const program = this.programOf(line);
    switch (program.program) {
      case 'smtpd':
      case 'postscreen':
        this.ownTrouble(program, this.servers.take(program, line, where));
        break;
      case 'smtp':
      case 'lmtp':
        this.ownTrouble(program, this.clients.take(program, line, where));
        break;
      case 'qmgr':
      case 'nqmgr':
      case 'oqmgr':
        this.queue.manager(line.message, line.host);
        this.ownTrouble(program, readTrouble(line.message, where));
        break;
      default:
        if (agents.has(program.program)) this.queue.agent(line.message, line.host, where);
        if (program.program === 'master') this.learnVersion(line, where);
        this.ownTrouble(program, readTrouble(line.message, where));
    }
    return true;
  }

  /** The log ends, or a file of it: sessions that go on in the next file, as rotated logs do, stay open. */
  end(): MailLog {
    this.servers.end();
    return {
      servers: this.servers.kept.all,
      deliveries: this.clients.kept.all,
      trouble: this.trouble.all,
      lines: this.lines,
      postfixLines: this.postfixLines,
      leftOut: this.servers.kept.leftOut + this.clients.kept.leftOut,
      ...(this.version === undefined ? {} : { version: this.version }),
    };
  }

  private programOf({ name, host }: LogLine): LoggedProgram {
    const key = `${host} ${name}`;
    const before = this.programs.get(key);
    if (before !== undefined) return before;
    const program = programOf(name, host);
    if (this.programs.size < 1000) this.programs.set(key, program);
    return program;
  }

  private ownTrouble(from: LoggedProgram, trouble: LoggedTrouble | undefined): void {
    if (trouble !== undefined && trouble.level !== 'info') this.trouble.add({ ...trouble, from, alike: 1 });
  }

  private learnVersion({ message }: LogLine, where: Span): void {
    const text = /(?:daemon started|reload) -- version (\d+\.\d+(?:\.\d+)?)/.exec(message)?.[1];
    if (text !== undefined) this.version = { text, where };
  }
}

const levels = ['info', 'warning', 'error', 'fatal', 'panic'];

/** Process and line numbers, and what a library counts, make no difference. */
function troubleSignature({ from, level, text }: Trouble): string {
  return `${from.host} ${from.instance} ${level} ${text.replace(/\d+/g, '0')}`;
}
