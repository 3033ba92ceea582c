import { cli, medians, ms, must } from './timing.js';

export const title = 'start-up (median of 21, interleaved)';

export function run() {
  const [bare, help, version] = medians(
    [
      () => must(process.execPath, ['-e', '0']),
      () => must(process.execPath, [cli, '--help']),
      () => must(process.execPath, [cli, '--version']),
    ],
    21,
  );
  return [
    { what: 'node -e 0', value: ms(bare) },
    { what: 'certrelay --help', value: ms(help), note: `${(help / bare).toFixed(2)} times; target at most 2` },
    { what: 'certrelay --version', value: ms(version), note: `${(version / bare).toFixed(2)} times` },
  ];
}
