import type { Progress, Step } from '../lib/progress.ts';
import type { Io } from './command.ts';

/** Work that takes less than this is not worth a line. */
const patienceMs = 1_000;
const intervalMs = 100;
/** In a log, where lines stay, they are few. */
const patienceInLogMs = 5_000;
const intervalInLogMs = 10_000;

/**
 * A counter on standard error for work that turns out to take more than a second, drawn over itself on a terminal; elsewhere
 * a plain line every ten seconds, so a log reader can see progress.
 */
export function progressLine(what: string, io: Io, quiet: boolean): Progress {
  const { stderr } = io;
  const start = io.now().getTime();
  const [patience, interval] = stderr.isTTY ? [patienceMs, intervalMs] : [patienceInLogMs, intervalInLogMs];
  let drawn = 0;
  let last = Number.NEGATIVE_INFINITY;
  const of =
    (kind: string): Step =>
    (done, total) => {
      const now = io.now().getTime();
      if (quiet || now - start < patience || now - last < interval) return;
      last = now;
      const line = `${kind} ${done} of ${total}`;
      stderr.write(stderr.isTTY ? `\r${line.padEnd(drawn)}` : `${line}\n`);
      if (stderr.isTTY) drawn = line.length;
    };
  return {
    step: of(what),
    of,
    end() {
      if (drawn > 0) stderr.write(`\r${' '.repeat(drawn)}\r`);
      drawn = 0;
    },
  };
}
