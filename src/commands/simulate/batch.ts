import { createReadStream } from 'node:fs';
import { resolve } from 'node:path';
import { CertrelayError, exitCodes } from '../../lib/problem.ts';
import { Batch } from '../../policy.ts';
import type { Io } from '../command.ts';
import { lineGroups } from './line-groups.ts';
import { ScenarioReader } from './scenario-reader.ts';

/** The byte order mark with which a text may begin. */
const mark = Buffer.from('\ufeff');

/** Bytes of a file that are read at once. */
const pieceLength = 1 << 18;

/**
 * Answers scenarios line by line, in order, as they come: neither side of the pipe is ever held in memory, and the
 * work ends when nobody reads the answers any more. A line that cannot be read is answered with an error and makes
 * the exit code 2.
 */
export async function runBatch(file: string, trace: boolean, io: Io): Promise<number> {
  const groups = file === '-' ? given(io.stdin) : linesOf(resolve(io.cwd, file));
  const batch = new Batch();
  const reader = new ScenarioReader();
  let failed = false;
  let first = true;
  for await (const lines of groups) {
    if (io.stdout.closed?.() === true) break;
    let answers = '';
    for (const line of lines) {
      const text = first && line.subarray(0, mark.length).equals(mark) ? line.subarray(mark.length) : line;
      first = false;
      if (isBlank(text)) continue;
      const answer = answerLine(batch, reader, text, trace);
      failed ||= 'error' in answer;
      answers += `${JSON.stringify(answer)}\n`;
    }
    if (answers !== '') io.stdout.write(answers);
  }
  return failed ? exitCodes.usage[0] : exitCodes.done[0];
}

function answerLine(batch: Batch, reader: ScenarioReader, line: Buffer, trace: boolean): ReturnType<Batch['decide']> {
  let scenario: unknown;
  try {
    scenario = reader.read(line);
  } catch (error) {
    const message = `this line is not JSON: ${error instanceof Error ? error.message : String(error)}`;
    return { error: { code: 'scenario-json', message, hint: 'one JSON object a line' } };
  }
  return batch.decide(scenario, { trace });
}

function isBlank(line: Buffer): boolean {
  return (line[0] ?? 32) <= 32 && line.toString('utf8').trim() === '';
}

async function* given(stdin: Io['stdin']): AsyncIterable<readonly Buffer[]> {
  if (stdin.lineGroups !== undefined) yield* stdin.lineGroups();
  else for await (const line of stdin.lines()) yield [Buffer.from(line)];
}

async function* linesOf(path: string): AsyncIterable<readonly Buffer[]> {
  const input = createReadStream(path, { highWaterMark: pieceLength });
  try {
    yield* lineGroups(input);
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    throw new CertrelayError('usage', { code: 'batch-unreadable', message: `cannot read "${path}": ${reason}` });
  } finally {
    input.destroy();
  }
}
