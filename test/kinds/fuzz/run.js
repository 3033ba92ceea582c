// Gives every parser inputs that are nearly right, and says which of them crash it, hang it or get an unclear answer.
import { spawn } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { bundled } from '../../setup/bundle.js';

const { values } = parseArgs({
  options: {
    seconds: { type: 'string', default: '10' },
    seed: { type: 'string' },
    target: { type: 'string', multiple: true, default: [] },
    only: { type: 'string' },
    show: { type: 'boolean' },
    'self-test': { type: 'boolean' },
    help: { type: 'boolean', short: 'h' },
  },
});

if (values.help) {
  console.log(`node test/kinds/fuzz/run.js [options]

  --seconds N     time for all targets together (10)
  --seed N        what inputs are made of; the same seed makes the same inputs
  --target NAME   this parser alone; may be given several times
  --only N        this input alone
  --show          print the input first
  --self-test     parsers that are known to be wrong, instead`);
  process.exit(0);
}

/** A process that says nothing for so long hangs. */
const selfTest = values['self-test'] === true;
const patience = selfTest ? 6_000 : 60_000;
const folder = mkdtempSync(join(tmpdir(), 'certrelay-fuzz-'));
process.on('exit', () => rmSync(folder, { recursive: true, force: true }));
const outfile = await bundled(new URL('main.ts', import.meta.url));
const progress = join(folder, 'progress');

const seed = values.seed === undefined ? Date.now() % 1_000_000 : Number(values.seed);
let findings = 0;
let total = 0;
let names = values.target;
let milliseconds;
do names = await play(names);
while (names.length > 0);
console.log(`seed ${seed}: ${total} executions, ${findings} findings`);
process.exitCode = findings > 0 || total === 0 ? 1 : 0;

/** Plays targets in a process of their own; answers with those that are left when it did not come to its end. */
async function play(wanted) {
  writeFileSync(progress, '');
  const task = {
    tests: fileURLToPath(new URL('../..', import.meta.url)),
    seed,
    names: wanted,
    seconds: Number(values.seconds),
    progress,
    ...(milliseconds === undefined ? {} : { milliseconds }),
    ...(values.only === undefined ? {} : { only: Number(values.only) }),
    ...(values.show === true ? { show: true } : {}),
    // What is wrong on purpose is so at once.
    ...(selfTest ? { selfTest: true, patience: 200 } : {}),
  };
  // As much memory as a parser of a hundred kilobytes may want, and far less than the machine has.
  const process_ = spawn(
    process.execPath,
    [`--max-old-space-size=${selfTest ? 64 : 768}`, outfile, JSON.stringify(task)],
    {
      stdio: ['ignore', 'pipe', 'pipe'],
    },
  );
  let complaint = '';
  process_.stderr.setEncoding('utf8').on('data', (text) => {
    complaint = `${complaint}${text}`.slice(-2000);
  });
  const closed = new Promise((resolve) => process_.once('close', (code, signal) => resolve(signal ?? code)));
  let last = '';
  let still = Date.now();
  const watch = setInterval(() => {
    const now = readFileSync(progress, 'utf8');
    if (now !== last) still = Date.now();
    last = now;
    if (Date.now() - still > patience) process_.kill('SIGKILL');
  }, 500);
  let left = wanted;
  for await (const line of createInterface({ input: process_.stdout })) {
    const report = JSON.parse(line);
    if (report.event === 'targets') {
      left = report.names;
      milliseconds = report.milliseconds;
    } else if (report.event === 'done') {
      total += report.executions;
      left = left.filter((name) => name !== report.name);
      console.log(`${report.name}: ${report.executions} executions`);
    } else if (report.event === 'input') console.log(report.text);
    else finding(report);
  }
  const end = await closed;
  clearInterval(watch);
  if (end === 0) return [];
  const { name, execution } = JSON.parse(readFileSync(progress, 'utf8') || '{}');
  const how = Date.now() - still > patience ? 'hangs' : `the process ends with ${end}`;
  finding({ name, execution, fault: `${how}\n${complaint}` });
  return values.only === undefined && name !== undefined ? left.filter((each) => each !== name) : [];
}

function finding({ name, execution, fault }) {
  findings += 1;
  console.log(`FINDING ${name}: ${fault.split('\n').slice(0, 12).join('\n    ')}`);
  console.log(`    node test/kinds/fuzz/run.js --seed ${seed} --target "${name}" --only ${execution}`);
}
