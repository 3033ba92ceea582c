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

export async function run() {
  const { compile, configure, conversation, simulator } = await import(policy);
  const rows = [];
  const decide = (sources, entries, sessions, what, targets = {}) => {
    let compiled;
    const compiling = time(() => {
      compiled = compile(configure({ version: '3.7', ...sources }));
    });
    // Read beforehand: what is measured is deciding, and every session is decided once.
    const read = Array.from({ length: sessions }, (_, index) => conversation(sessionOf(index, entries)));
    const bench = simulator(compiled);
    // Warmed up with sessions of its own: a server is compiled once and runs for long, but no session is seen twice.
    for (let index = 0; index < 20_000; index++) bench.decide(conversation(sessionOf(sessions + index, entries)));
    let permitted = 0;
    const before = process.cpuUsage();
    const took = time(() => {
      for (const one of read) if (bench.decide(one).verdict === 'permit') permitted++;
    });
    const { user, system } = process.cpuUsage(before);
    if (permitted === 0 || permitted === sessions) throw new Error('the sessions do not differ');
    rows.push({ what: `${what}: compile`, value: ms(compiling), note: targets.compile ?? '' });
    rows.push({
      what: `${what}: ${sessions.toLocaleString('en')} sessions`,
      value: `${Math.round(sessions / took)} k/s`,
      note: `${Math.round((sessions * 1000) / (user + system))} k/s of processor time; ${permitted.toLocaleString('en')} permitted${targets.decide ?? ''}`,
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
  const lines = 20_000;
  rows.push(
    inFolder((folder) => {
      const file = join(folder, 'batch.jsonl');
      const tables = { [tablePath]: table(100) };
      const text = Array.from({ length: lines }, (_, id) =>
        JSON.stringify({ id, postfix: '3.7', mainCf, tables, session: sessionOf(id, 100) }),
      );
      writeFileSync(file, `${text.join('\n')}\n`);
      const took = time(() => must(process.execPath, [cli, 'simulate', '--batch', file]));
      return {
        what: `simulate --batch, end to end, ${lines.toLocaleString('en')} lines`,
        value: `${(lines / took).toFixed(1)} k/s`,
        note: 'start-up, reading and printing included',
      };
    }),
  );
  return rows;
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
