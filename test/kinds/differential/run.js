// Plays random scenarios to a real Postfix and to the simulator, and says where they differ.
import { appendFileSync, writeFileSync } from 'node:fs';
import { createInterface } from 'node:readline';
import { parseArgs } from 'node:util';
import { bundled } from '../../setup/bundle.js';
import { enclosed } from '../../setup/enclosed.js';
import { transcript } from './transcript.js';

const { values } = parseArgs({
  options: {
    count: { type: 'string', default: '300' },
    sessions: { type: 'string', default: '5' },
    seed: { type: 'string' },
    jobs: { type: 'string', default: '2' },
    root: { type: 'string', default: '' },
    seconds: { type: 'string', default: '86400' },
    shrink: { type: 'string', default: '10' },
    from: { type: 'string', default: '0' },
    cases: { type: 'string' },
    findings: { type: 'string' },
    record: { type: 'string' },
    replay: { type: 'string' },
    help: { type: 'boolean', short: 'h' },
  },
});

if (values.help) {
  console.log(`npm run test:differential -- [options]

  --count N       scenarios to play (300)
  --seed N        what they are drawn from; the same seed gives the same scenarios
  --jobs N        workers, each with a Postfix in namespaces of its own (2)
  --root DIR      play to the Postfix of the system in DIR, entered with chroot
  --sessions N    sessions played to each configuration (5)
  --from N        start at this configuration of the seed
  --seconds N     stop after so long
  --shrink N      disagreements that a worker makes small before it shows them (10)
  --findings FILE write what disagreed or came out unknown, a JSON object a line
  --cases FILE    play the cases of such a file instead
  --record FILE   keep what the servers did with each scenario
  --replay FILE   compare the simulator with what was kept; no server is started`);
  process.exit(0);
}

if (values.replay !== undefined) {
  const { replay } = await import(await bundled(new URL('replay.ts', import.meta.url)));
  const tally = await replay(values.replay, ({ index, scenario }, outcome) =>
    console.log(JSON.stringify({ index, outcome, scenario })),
  );
  console.log(JSON.stringify(tally));
  process.exit(tally.different + tally.silent > 0 || tally.same === 0 ? 1 : 0);
}

const jobs = values.cases === undefined ? Number(values.jobs) : 1;
const sessions = Number(values.sessions);
const seed = values.seed === undefined ? Date.now() % 1_000_000 : Number(values.seed);
const from = Number(values.from);
const worker = await bundled(new URL('worker.ts', import.meta.url));
const started = Date.now();
for (const file of [values.findings, values.record]) if (file !== undefined) writeFileSync(file, '');

const tallies = [];
const versions = new Set();
const unknowns = new Map();
const silences = new Map();
let failed = false;
async function work(job) {
  const task = {
    root: values.root,
    seed,
    first: from + job,
    step: jobs,
    configurations: from + Math.ceil(Number(values.count) / sessions),
    sessions,
    seconds: Number(values.seconds),
    shrinks: Number(values.shrink),
    records: values.record !== undefined,
    ...(values.cases === undefined ? {} : { cases: values.cases }),
  };
  const code = await enclosed(worker, task, async (output) => {
    for await (const line of createInterface({ input: output })) hear(job, JSON.parse(line));
  });
  if (code !== 0) {
    failed = true;
    console.error(`a worker ended with ${code}`);
  }
}

function hear(job, report) {
  if (report.event === 'ready') versions.add(report.version);
  else if (report.event === 'tally') tallies[job] = report;
  else if (report.event === 'recording') {
    const { event: _, ...recording } = report;
    appendFileSync(values.record, `${JSON.stringify(recording)}\n`);
  } else {
    if (values.findings !== undefined) appendFileSync(values.findings, `${JSON.stringify(report)}\n`);
    if (report.outcome.kind === 'different') console.log(transcript(seed, report));
    else if (report.outcome.kind === 'silent') {
      const { reason } = report.outcome;
      silences.set(reason, (silences.get(reason) ?? 0) + 1);
    } else if (report.outcome.kind === 'unknown')
      for (const each of report.outcome.missing) unknowns.set(each, (unknowns.get(each) ?? 0) + 1);
  }
}

await Promise.all(Array.from({ length: jobs }, (_, job) => work(job)));

const total = (name) => tallies.reduce((sum, tally) => sum + (tally?.[name] ?? 0), 0);
const summary = {
  version: [...versions].join(' '),
  seed,
  same: total('same'),
  different: total('different'),
  unknown: total('unknown'),
  silent: total('silent'),
};
for (const [missing, times] of [...unknowns].sort((a, b) => b[1] - a[1]).slice(0, 12))
  console.log(`unknown ${times} times: ${missing}`);
for (const [reason, times] of silences) console.log(`silent ${times} times: ${reason}`);
const seconds = Math.round((Date.now() - started) / 1000);
console.log(
  `Postfix ${summary.version}, seed ${seed}: ${summary.same} the same, ${summary.different} different, ${summary.unknown} unknown, ${summary.silent} silent, ${seconds} s`,
);
console.log(JSON.stringify(summary));
process.exitCode = failed || summary.different > 0 || summary.silent > 0 || summary.same === 0 ? 1 : 0;
