import { usage } from '../../../../src/lib/problem.ts';
import { refusing } from '../clear.ts';
import { type Target, texts } from '../target.ts';

const faulty = (name: string, run: Target['run']): Target => ({ name, samples: () => texts('x'), run });

/** Parsers that do what no parser must: the run has to find each of them out. */
export const faultyTargets: readonly Target[] = [
  faulty('throws', () => {
    throw new TypeError('x is not a function');
  }),
  faulty('hangs', () => {
    for (;;);
  }),
  faulty('fills the memory', () => {
    const kept: number[][] = [];
    for (;;) kept.push(new Array<number>(100_000).fill(kept.length));
  }),
  faulty('is slow', () => {
    const end = process.cpuUsage().user + 400_000;
    while (process.cpuUsage().user < end) JSON.stringify(new Array(10_000).fill(0));
  }),
  faulty('says nothing', async () => {
    await refusing(() => {
      throw usage('odd', 'something is odd');
    }, 'main.cf');
  }),
];
