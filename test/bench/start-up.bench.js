import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { settings, table, tablePath } from './rendered.js';
import { cli, inFolder, medians, ms, must } from './timing.js';

export const title = 'start-up (median of 21, interleaved)';

/** One session on a server with a hundred clients; the table is found beside main.cf by its base name. */
function simulateOne(folder) {
  writeFileSync(join(folder, 'main.cf'), settings.join('\n'));
  writeFileSync(join(folder, 'relay_clientcerts'), table(100));
  const session = [
    '--client-address',
    '192.0.2.1',
    '--from',
    'a@example.com',
    '--to',
    'b@example.org',
    '--expect',
    '454',
  ];
  const map = `${tablePath}=${join(folder, 'relay_clientcerts')}`;
  const server = ['--postfix', '3.7', '--main-cf', join(folder, 'main.cf'), '--table', map];
  return () => must(process.execPath, [cli, 'simulate', ...server, ...session]);
}

export function run() {
  return inFolder(measure);
}

function measure(folder) {
  const [bare, help, version, simulate] = medians(
    [
      () => must(process.execPath, ['-e', '0']),
      () => must(process.execPath, [cli, '--help']),
      () => must(process.execPath, [cli, '--version']),
      simulateOne(folder),
    ],
    21,
  );
  return [
    { what: 'node -e 0', value: ms(bare) },
    { what: 'certrelay --help', value: ms(help), note: `${(help / bare).toFixed(2)} times; target at most 2` },
    { what: 'certrelay --version', value: ms(version), note: `${(version / bare).toFixed(2)} times` },
    {
      what: 'certrelay simulate, one session, 100 clients',
      value: ms(simulate),
      note: `${(simulate / bare).toFixed(2)} times; target well under 500 ms`,
    },
  ];
}
