// Plays the transcripts to a real Postfix, and says where it answers otherwise than they expect.
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { bundled } from '../../../setup/bundle.js';
import { enclosed } from '../../../setup/enclosed.js';

const { values } = parseArgs({
  options: {
    root: { type: 'string', default: '' },
    script: { type: 'string', multiple: true, default: [] },
    folder: { type: 'string', default: fileURLToPath(new URL('..', import.meta.url)) },
    jobs: { type: 'string', default: '2' },
    every: { type: 'string', default: '1' },
    log: { type: 'boolean' },
    help: { type: 'boolean', short: 'h' },
  },
});

if (values.help) {
  console.log(`node test/kinds/scripts/real/run.js [options]

  --root DIR      play to the Postfix of the system in DIR, entered with chroot
  --script NAME   this script alone, e.g. actions.smtpd; may be given several times
  --folder DIR    scripts of another folder
  --jobs N        workers, each with a Postfix in namespaces of its own (2)
  --every N       one of so many servers only (1)
  --log           show the server's log beside what differs`);
  process.exit(0);
}

const worker = await bundled(new URL('worker.ts', import.meta.url));
const jobs = Number(values.jobs);
const tally = { same: 0, different: 0 };
const versions = new Set();
let failed = false;

async function work(job) {
  const task = {
    folder: values.folder,
    root: values.root,
    scripts: values.script,
    first: job * Number(values.every),
    step: jobs * Number(values.every),
  };
  const code = await enclosed(worker, task, async (output) => {
    for await (const line of createInterface({ input: output })) hear(JSON.parse(line));
  });
  if (code === 0) return;
  failed = true;
  console.error(`a worker ended with ${code}`);
}

function hear(report) {
  if (report.event === 'end') {
    versions.add(report.version);
    return;
  }
  const { script, name, version, expected, actual, log } = report;
  const differs = expected.some((line, i) => line !== actual[i]) || expected.length !== actual.length;
  tally[differs ? 'different' : 'same'] += 1;
  if (!differs) return;
  console.log(`${script}, ${name}, Postfix ${version}:`);
  for (const [i, line] of actual.entries()) {
    if (line === expected[i]) console.log(`  ${line}`);
    else console.log(`- ${expected[i]}\n+ ${line}`);
  }
  if (values.log) for (const line of log) console.log(`    ${line}`);
}

await Promise.all(Array.from({ length: jobs }, (_, job) => work(job)));
console.log(`Postfix ${[...versions].join(' ')}: ${tally.same} the same, ${tally.different} different`);
process.exitCode = failed || tally.different > 0 || tally.same === 0 ? 1 : 0;
