import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { cli, must, time } from './timing.js';

// When the process ends, it writes down the most memory that it ever had (getrusage(2), ru_maxrss, in kilobytes).
const noting =
  "import{writeFileSync}from'node:fs';process.on('exit',()=>writeFileSync(process.env.BENCH_PEAK,String(process.resourceUsage().maxRSS)))";

/** Runs the command line as a user does: the milliseconds that it takes, and the megabytes that it has at most. */
export function peak(args, options = {}) {
  const folder = mkdtempSync(join(tmpdir(), 'certrelay-peak-'));
  const file = join(folder, 'peak');
  try {
    const env = { ...process.env, BENCH_PEAK: file };
    const imports = ['--import', `data:text/javascript,${encodeURIComponent(noting)}`];
    const taken = time(() => must(process.execPath, [...imports, cli, ...args], { ...options, env }));
    return { taken, megabytes: Math.round(Number(readFileSync(file, 'utf8')) / 1024) };
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}
