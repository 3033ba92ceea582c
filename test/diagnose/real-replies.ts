import { spawn } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { bundle } from '../setup/bundle.js';
import type { RealAnswer, RealTask } from './real-worker.ts';

/** What one real Postfix answered to each part, by its name; lines as transcripts have them. */
export interface RealReplies {
  readonly version: string;
  readonly answers: ReadonlyMap<string, readonly string[]>;
}

const namespaces = ['--net', '--mount', '--pid', '--ipc', '--uts', '--fork', '--kill-child', '--mount-proc'];

/** Plays parts of fixtures to the Postfix of the system in a folder, in namespaces of its own. */
export async function realReplies(task: RealTask): Promise<RealReplies> {
  const folder = mkdtempSync(join(tmpdir(), 'certrelay-findings-'));
  try {
    const worker = join(folder, 'worker.mjs');
    await bundle(new URL('real-worker.ts', import.meta.url), worker);
    return answersIn(await outputOf(worker, task));
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

async function outputOf(worker: string, task: RealTask): Promise<string> {
  const child = spawn('unshare', [...namespaces, process.execPath, worker], { stdio: ['pipe', 'pipe', 'inherit'] });
  let output = '';
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    output += text;
  });
  child.stdin.end(JSON.stringify(task));
  const code = await new Promise<number | null>((resolve) => child.once('close', resolve));
  if (code !== 0) throw new Error(`the worker ended with ${code}:\n${output}`);
  return output;
}

function answersIn(output: string): RealReplies {
  let version = '';
  const answers = new Map<string, readonly string[]>();
  for (const line of output.trimEnd().split('\n')) {
    const answer = JSON.parse(line) as RealAnswer;
    if ('version' in answer) version = answer.version;
    else if ('silent' in answer) throw new Error(`${answer.name}: the server said nothing: ${answer.silent}`);
    else answers.set(answer.name, answer.lines);
  }
  return { version, answers };
}
