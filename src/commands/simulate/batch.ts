import { createReadStream } from 'node:fs';
import { resolve } from 'node:path';
import { createInterface } from 'node:readline';
import { CertrelayError, exitCodes } from '../../lib/problem.ts';
import { Batch } from '../../policy.ts';
import type { Io } from '../command.ts';

/**
 * Answers scenarios line by line, in order, as they come: neither side of the pipe is ever held in memory.
 * A line that cannot be read is answered with an error and makes the exit code 2.
 */
export async function runBatch(file: string, trace: boolean, io: Io): Promise<number> {
  const lines = file === '-' ? io.stdin.lines() : linesOf(resolve(io.cwd, file));
  const batch = new Batch();
  let failed = false;
  let first = true;
  for await (const line of lines) {
    const text = first && line.startsWith('\ufeff') ? line.slice(1) : line;
    first = false;
    if (text.trim() === '') continue;
    const answer = answerLine(batch, text, trace);
    failed ||= 'error' in answer;
    io.stdout.write(`${JSON.stringify(answer)}\n`);
  }
  return failed ? exitCodes.usage[0] : exitCodes.done[0];
}

function answerLine(batch: Batch, line: string, trace: boolean): ReturnType<Batch['decide']> {
  let scenario: unknown;
  try {
    scenario = JSON.parse(line);
  } catch (error) {
    const message = `this line is not JSON: ${error instanceof Error ? error.message : String(error)}`;
    return { error: { code: 'scenario-json', message, hint: 'one JSON object a line' } };
  }
  return batch.decide(scenario, { trace });
}

async function* linesOf(path: string): AsyncIterable<string> {
  const input = createReadStream(path, { encoding: 'utf8' });
  try {
    yield* createInterface({ input, crlfDelay: Number.POSITIVE_INFINITY });
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    throw new CertrelayError('usage', { code: 'batch-unreadable', message: `cannot read "${path}": ${reason}` });
  } finally {
    input.destroy();
  }
}
