import { createReadStream } from 'node:fs';
import { resolve } from 'node:path';
import { ScenarioReader } from '../../../diagnose/evidence/scenario-reader.ts';
import { jsonErrorAt } from '../../../lib/json-error.ts';
import { lineGroups } from '../../../lib/line-groups.ts';
import { CertrelayError, exitCodes } from '../../../lib/problem.ts';
import { Batch, type ScenarioFailure } from '../../../policy/policy.ts';
import type { Io } from '../../command.ts';
import { inputLines } from '../../option-values.ts';

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
  const groups = file === '-' ? inputLines(io.stdin) : linesOf(resolve(io.cwd, file));
  const batch = new Batch();
  const reader = new ScenarioReader();
  let failed = false;
  let first = true;
  let number = 0;
  for await (const lines of groups) {
    if (io.stdout.closed?.() === true) break;
    let answers = '';
    for (const line of lines) {
      number += 1;
      const text = first && line.subarray(0, mark.length).equals(mark) ? line.subarray(mark.length) : line;
      first = false;
      if (isBlank(text)) continue;
      let answer: BatchAnswer = answerLine(batch, reader, text, trace);
      if ('error' in answer) {
        failed = true;
        answer = { ...answer, error: { ...answer.error, line: number } };
      }
      answers += `${JSON.stringify(answer)}\n`;
    }
    if (answers !== '') io.stdout.write(answers);
  }
  return failed ? exitCodes.usage[0] : exitCodes.done[0];
}

type Decided = ReturnType<Batch['decide']>;

/** Answers, and errors with the line of the batch they are about, from 1, and where it is no JSON with the column. */
type BatchAnswer =
  | Exclude<Decided, ScenarioFailure>
  | (Omit<ScenarioFailure, 'error'> & {
      readonly error: ScenarioFailure['error'] & { readonly line?: number; readonly column?: number };
    });

function answerLine(batch: Batch, reader: ScenarioReader, line: Buffer, trace: boolean): BatchAnswer {
  let scenario: unknown;
  try {
    scenario = reader.read(line);
  } catch (error) {
    if (!(error instanceof SyntaxError)) throw error;
    const column = jsonErrorAt(line.toString('utf8')) + 1;
    const message = `this line is not JSON: ${error.message}`;
    return { error: { code: 'scenario-json', message, hint: 'one JSON object a line', column } };
  }
  return batch.decide(scenario, { trace });
}

function isBlank(line: Buffer): boolean {
  return (line[0] ?? 32) <= 32 && line.toString('utf8').trim() === '';
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
