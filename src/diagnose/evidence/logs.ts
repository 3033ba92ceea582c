import { createReadStream } from 'node:fs';
import { resolve } from 'node:path';
import { pipeline, Readable } from 'node:stream';
import { createGunzip } from 'node:zlib';
import { lineGroups } from '../../lib/line-groups.ts';
import { usage } from '../../lib/problem.ts';
import { MailLogReader } from '../maillog/reader.ts';
import type { MailLog } from '../maillog/session.ts';
import { unreadable } from './given-files.ts';
import { isGzip } from './read-kind.ts';

/** Where logs are read. */
export interface LogSources {
  readonly cwd: string;
  /** The lines of standard input, for the log named `-`. */
  standardInput(): AsyncIterable<readonly Buffer[]>;
}

/** Bytes of a file that are read at once. */
const pieceLength = 1 << 18;
/** No line of Postfix is as long; a file without line ends must not fill the memory. */
const longestLine = 1 << 20;

/**
 * Reads logs one after the other, as streams: what is held does not grow with them. Older parts of a rotated log come
 * first. A log without a line of Postfix throws a CertrelayError.
 */
export async function readLogs(names: readonly string[], sources: LogSources): Promise<MailLog | undefined> {
  if (names.length === 0) return undefined;
  const reader = new MailLogReader();
  for (const name of names) {
    let lines = 0;
    let found = 0;
    for await (const group of linesOf(name, sources)) {
      for (const line of group) {
        lines++;
        if (reader.take(textOf(line), { file: name === '-' ? 'standard input' : name, line: lines, column: 1 }))
          found++;
      }
    }
    if (found === 0) throw nothingIn(name, lines);
  }
  return reader.end();
}

function nothingIn(name: string, lines: number) {
  const called = name === '-' ? 'standard input' : `"${name}"`;
  if (lines === 0) return usage('log-empty', `${called} is empty`, 'a mail log was expected');
  return usage(
    'log-without-postfix',
    `no line of Postfix in ${called} (${lines} line${lines === 1 ? '' : 's'})`,
    'lines of Postfix look like "Nov 30 21:40:39 mx postfix/smtpd[7859]: …"; syslog, RFC 5424 and "journalctl -o json" are read',
  );
}

function textOf(line: Buffer): string {
  return line.at(-1) === 13 ? line.toString('utf8', 0, line.length - 1) : line.toString('utf8');
}

async function* linesOf(name: string, { cwd, standardInput }: LogSources): AsyncIterable<readonly Buffer[]> {
  if (name === '-') {
    yield* standardInput();
    return;
  }
  const input = createReadStream(resolve(cwd, name), { highWaterMark: pieceLength });
  try {
    yield* lineGroups(unpacked(input), longestLine);
  } catch (error) {
    throw unreadable(name, error);
  } finally {
    input.destroy();
  }
}

/** The content of a stream, which may be what gzip(1) made. */
async function* unpacked(input: AsyncIterable<Buffer>): AsyncGenerator<Buffer> {
  const pieces = input[Symbol.asyncIterator]();
  const first = await pieces.next();
  if (first.done === true) return;
  const rest = (async function* () {
    yield first.value;
    for (let next = await pieces.next(); next.done !== true; next = await pieces.next()) yield next.value;
  })();
  if (!isGzip(first.value)) {
    yield* rest;
    return;
  }
  // Errors of every stage come out of the last stream.
  yield* pipeline(Readable.from(rest), createGunzip(), () => {}) as AsyncIterable<Buffer>;
}
