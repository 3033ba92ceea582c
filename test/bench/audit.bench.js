import { audit, compare, compile, configure } from '../../dist/policy.js';
import { settings, table, tablePath } from './rendered.js';

export const title = 'Audit: every way to relay (milliseconds of one thread; reading and compiling are not counted)';

/** An access table whose right-hand sides are all different. */
const access = (entries) => Array.from({ length: entries }, (_, i) => `c${i}.example.net REJECT nr ${i}\n`).join('');

const withAccess = (entries) => ({
  version: '3.7',
  mainCf: [...settings, 'smtpd_sender_restrictions = check_sender_access hash:/etc/postfix/senders'].join('\n'),
  tables: { [tablePath]: table(10), '/etc/postfix/senders': access(entries) },
});

const rendered = (entries) => ({
  version: '3.7',
  mainCf: settings.join('\n'),
  tables: { [tablePath]: table(entries) },
});

function taken(work) {
  const before = process.cpuUsage();
  const result = work();
  const { user, system } = process.cpuUsage(before);
  return { ms: (user + system) / 1000, result };
}

const shown = (ms) => `${ms < 10 ? ms.toFixed(1) : Math.round(ms)} ms`;

export function run() {
  const rows = [];
  for (const entries of [1_000, 10_000, 100_000]) {
    const program = compile(configure(rendered(entries)));
    const { ms, result } = taken(() => audit(program));
    const listed = result.ways.find(({ title }) => title.startsWith('TLS client certificate'))?.entries;
    rows.push({
      what: `rendered, ${entries.toLocaleString('en')} clients`,
      value: shown(ms),
      note: `${result.paths} paths, ${result.ways.length} ways, ${listed} certificates listed, ${result.relay}`,
    });
  }
  for (const entries of [1_000, 10_000, 100_000]) {
    const program = compile(configure(withAccess(entries)));
    const { ms, result } = taken(() => audit(program));
    rows.push({
      what: `access table, ${entries.toLocaleString('en')} right-hand sides, all different`,
      value: shown(ms),
      note: `${result.paths} paths, ${result.ways.length} ways, ${result.relay}`,
    });
  }
  for (const entries of [1_000, 10_000, 100_000]) {
    const before = compile(configure(rendered(entries)));
    const after = compile(configure(rendered(entries + 1)));
    const { ms, result } = taken(() => compare(before, after));
    rows.push({
      what: `comparison, ${entries.toLocaleString('en')} clients and one more`,
      value: shown(ms),
      note: `${result.paths} paths, ${result.changes.length} changes`,
    });
  }
  return rows;
}
