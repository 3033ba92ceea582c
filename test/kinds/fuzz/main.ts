import { openSync, writeSync } from 'node:fs';
import { longest, mutated } from './mutate.ts';
import { Random } from './random.ts';
import type { Target } from './target.ts';
import { faultyTargets } from './targets/faulty.ts';
import { targets } from './targets/index.ts';

/** What a run is told, as JSON in its first argument. */
export interface Task {
  readonly tests: string;
  readonly seed: number;
  /** For all targets together. */
  readonly seconds: number;
  /** For each target, where a run before has worked it out. */
  readonly milliseconds?: number;
  /** Targets to play, by name; all where there are none. */
  readonly names: readonly string[];
  /** Plays parsers that are known to be wrong. */
  readonly selfTest?: boolean;
  /** Milliseconds that an execution may take; two thousand where it is left out. */
  readonly patience?: number;
  /** Plays this execution alone. */
  readonly only?: number;
  readonly show?: boolean;
  /** Where the run writes what it is about to do, for it may never come to say so itself. */
  readonly progress: string;
}

const mostFindings = 3;

const task = JSON.parse(process.argv[2] ?? '{}') as Task;
/** Longer than this nothing may take that is no longer than `longest`. */
const patience = task.patience ?? 2_000;
const progress = openSync(task.progress, 'w');

function say(line: object): void {
  process.stdout.write(`${JSON.stringify(line)}\n`);
}

/** A number of its own for every execution of every target, so that one can be played alone. */
function seedOf(name: string, execution: number): number {
  let mixed = task.seed;
  for (const code of Buffer.from(`${name} ${execution}`)) mixed = Math.imul(mixed ^ code, 0x01000193);
  return mixed;
}

async function execute(target: Target, samples: readonly Buffer[], execution: number): Promise<string | undefined> {
  writeSync(progress, `${JSON.stringify({ name: target.name, execution })}\n`.padEnd(100), 0);
  const random = new Random(seedOf(target.name, execution));
  const input = samples[execution] ?? mutated(samples, random);
  if (task.show === true) say({ event: 'input', text: input.toString('latin1') });
  const before = performance.now();
  const busy = process.cpuUsage();
  try {
    await target.run(input, random);
  } catch (error) {
    return error instanceof Error ? (error.stack ?? error.message) : String(error);
  }
  // Others want the processor, too: what counts is the time that this process had it.
  if (performance.now() - before < patience || input.length > longest) return undefined;
  const { user } = process.cpuUsage(busy);
  return user / 1000 < patience ? undefined : `takes ${Math.round(user / 1000)} ms for ${input.length} bytes`;
}

const all = task.selfTest === true ? faultyTargets : targets;
const chosen = all.filter(({ name }) => task.names.length === 0 || task.names.includes(name));
const unknown = task.names.filter((name) => !all.some((target) => target.name === name));
if (unknown.length > 0) throw new Error(`no such target: ${unknown.join(', ')}`);
const milliseconds = task.milliseconds ?? (task.seconds * 1000) / chosen.length;
say({ event: 'targets', names: chosen.map(({ name }) => name), milliseconds });

for (const target of chosen) {
  const samples = await target.samples(task.tests);
  const end = performance.now() + milliseconds;
  let executions = 0;
  let findings = 0;
  for (let execution = task.only ?? 0; ; execution++) {
    const fault = await execute(target, samples, execution);
    executions += 1;
    if (fault !== undefined) {
      findings += 1;
      say({ event: 'finding', name: target.name, execution, fault });
    }
    if (task.only !== undefined || findings >= mostFindings) break;
    // Every sample is taken as it is, however little time there is.
    if (executions >= samples.length && performance.now() > end) break;
  }
  say({ event: 'done', name: target.name, executions });
}
