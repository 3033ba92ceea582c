import { describe, expect, it } from 'vitest';
import type { Io } from '../../src/cli/command.ts';
import { progressLine } from '../../src/cli/progress.ts';

/** What stands on standard error after work whose steps come at these milliseconds. */
function shown(isTTY: boolean, times: readonly number[], quiet = false): string {
  let now = 0;
  let text = '';
  const write = (more: string) => {
    text += more;
  };
  const io = { now: () => new Date(now), stderr: { isTTY, write } } as unknown as Io;
  const progress = progressLine('issuing:', io, quiet);
  for (const [index, time] of times.entries()) {
    now = time;
    progress.step(index + 1, times.length);
  }
  progress.of('writing:')(1, 2);
  progress.end();
  return text;
}

describe('progress', () => {
  it('is nothing for work of less than a second', () => {
    expect(shown(true, [100, 500, 999])).toBe('');
    expect(shown(false, [100, 500, 4_999])).toBe('');
  });

  it('is one line on a terminal, drawn over itself ten times a second at most, and wiped', () => {
    expect(shown(true, [1_000, 1_050, 1_100])).toBe('\rissuing: 1 of 3\rissuing: 3 of 3\r               \r');
  });

  it('tells each kind of work on that line', () => {
    expect(shown(true, [2_000]).split('\r')).toEqual(['', 'issuing: 1 of 1', '               ', '']);
    expect(shown(true, [])).toBe('');
  });

  it('is a whole line every ten seconds elsewhere', () => {
    expect(shown(false, [5_000, 10_000, 14_999, 15_000])).toBe('issuing: 1 of 4\nissuing: 4 of 4\n');
  });

  it('is nothing for who wants it quiet', () => {
    expect(shown(true, [5_000], true)).toBe('');
    expect(shown(false, [5_000], true)).toBe('');
  });
});
