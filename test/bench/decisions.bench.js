import { spawnSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { fiftyElements, fiftyTables } from './fifty-elements.js';
import { sessionOf, settings, table, tablePath } from './rendered.js';
import { cli, inFolder, ms, must, time } from './timing.js';

export const title = 'decisions of the simulator (one thread; each session once, half of the fingerprints listed)';

const policy = new URL('../../dist/policy.js', import.meta.url).href;
const mainCf = settings.join('\n');

/** Each with sessions of its own. */
const rounds = 3;

export async function run() {
  const { compile, configure, conversation, simulator } = await import(policy);
  const rows = [];
  const decide = (sources, entries, sessions, what, targets = {}) => {
    let compiled;
    const compiling = time(() => {
      compiled = compile(configure({ version: '3.7', ...sources }));
    });
    const bench = simulator(compiled);
    // Warmed up with sessions of its own: a server is compiled once and runs for long, but no session is seen twice.
    for (let index = 0; index < 20_000; index++) bench.decide(conversation(sessionOf(index, entries)));
    const timings = [];
    let processor = 0;
    for (let round = 0; round < rounds; round++) {
      // Read beforehand: what is measured is deciding, and every session is decided once.
      const first = 20_000 + round * sessions;
      const read = Array.from({ length: sessions }, (_, index) => conversation(sessionOf(first + index, entries)));
      let permitted = 0;
      const before = process.cpuUsage();
      timings.push(
        time(() => {
          for (const one of read) if (bench.decide(one).verdict === 'permit') permitted++;
        }),
      );
      const { user, system } = process.cpuUsage(before);
      processor += user + system;
      if (permitted !== sessions / 2) throw new Error(`${permitted} of ${sessions} were permitted, not half of them`);
    }
    timings.sort((a, b) => a - b);
    const rate = (milliseconds) => Math.round(sessions / milliseconds);
    rows.push({ what: `${what}: compile`, value: ms(compiling), note: targets.compile ?? '' });
    rows.push({
      what: `${what}: ${rounds} × ${sessions.toLocaleString('en')} sessions`,
      value: `${rate(timings[timings.length >> 1])} k/s`,
      note: `median; best ${rate(timings[0])}, by processor time ${Math.round((rounds * sessions * 1000) / processor)}${targets.decide ?? ''}`,
    });
  };
  const targets = { compile: 'target under 300 ms', decide: '; target 500 k/s' };
  for (const entries of [100, 10_000, 1_000_000]) {
    const sources = { mainCf, tables: { [tablePath]: table(entries) } };
    decide(sources, entries, 200_000, `${entries.toLocaleString('en')} entries`, entries === 10_000 ? targets : {});
  }
  decide(
    { mainCf: [mainCf, fiftyElements].join('\n'), tables: { [tablePath]: table(10_000), ...fiftyTables(10_000) } },
    10_000,
    100_000,
    '50 elements, classes, six tables of 10,000',
  );
  rows.push(...realRows(400, 10_000));
  for (const entries of [1, 100]) rows.push(...batchRows(20_000, entries));
  return rows;
}

/** A batch from end to end, and beside it what any program would spend on its lines: reading them as JSON, in memory. */
function batchRows(lines, entries) {
  const tables = { [tablePath]: table(entries) };
  const texts = Array.from({ length: lines }, (_, id) =>
    JSON.stringify({ id, postfix: '3.7', mainCf, tables, session: sessionOf(id, entries) }),
  );
  const took = inFolder((folder) => {
    const file = join(folder, 'batch.jsonl');
    writeFileSync(file, `${texts.join('\n')}\n`);
    return time(() => must(process.execPath, [cli, 'simulate', '--batch', file]));
  });
  const floor = time(() => {
    for (const text of texts) JSON.parse(text);
  });
  const size = `${(texts[0].length / 1000).toFixed(1)} kB`;
  return [
    {
      what: `simulate --batch, ${lines.toLocaleString('en')} lines of ${size}`,
      value: `${(lines / took).toFixed(1)} k/s`,
      note: 'end to end: start-up, reading the file and printing included',
    },
    {
      what: `the same lines through JSON.parse and nothing else`,
      value: `${(lines / floor).toFixed(1)} k/s`,
      note: 'one process, already started, lines in memory',
    },
  ];
}

/** The same sessions played to the installed Postfix: fewer, for each takes a thousand times as long. */
function realRows(sessions, entries) {
  const program = fileURLToPath(new URL('real-smtpd.js', import.meta.url));
  const what = `${sessions} sessions with Postfix's own smtpd`;
  const args = ['-n', '-m', '--propagation', 'private', process.execPath, program, String(sessions), String(entries)];
  if (process.getuid?.() !== 0 || spawnSync('postconf', ['-d', 'mail_version']).status !== 0)
    return [{ what, value: 'not run', note: 'needs root and an installed Postfix' }];
  const { overOne, overMany } = JSON.parse(must('unshare', args));
  if (overOne.permitted !== overOne.sessions || overMany.permitted !== sessions / 2)
    throw new Error(`it permitted ${overOne.permitted} and ${overMany.permitted} of ${sessions}`);
  const rate = ({ sessions: played, milliseconds }) => `${Math.round((played * 1000) / milliseconds)} /s`;
  return [
    {
      what: `${overOne.sessions} sessions with Postfix's own smtpd, one connection`,
      value: rate(overOne),
      note: 'XCLIENT, EHLO, MAIL, RCPT; one listed certificate',
    },
    {
      what: `${sessions} sessions with Postfix's own smtpd, as many connections`,
      value: rate(overMany),
      note: '16 at a time; with STARTTLS; half of them listed',
    },
  ];
}
