import type { Io } from './command.ts';

/** Work that takes less than this is not worth a line. */
const patienceMs = 1_000;
const intervalMs = 100;

/**
 * A counter on standard error, drawn over itself, for work that turns out to take more than a second; on a terminal
 * only, for a log wants no carriage returns. `end` wipes it.
 */
export function progressLine(
  what: string,
  io: Io,
  quiet: boolean,
): { step(done: number, total: number): void; end(): void } {
  const start = io.now().getTime();
  let drawn = 0;
  let last = 0;
  return {
    step(done, total) {
      const now = io.now().getTime();
      if (quiet || !io.stderr.isTTY || now - start < patienceMs || now - last < intervalMs) return;
      last = now;
      const line = `${what} ${done} of ${total}`;
      io.stderr.write(`\r${line.padEnd(drawn)}`);
      drawn = line.length;
    },
    end() {
      if (drawn > 0) io.stderr.write(`\r${' '.repeat(drawn)}\r`);
    },
  };
}
