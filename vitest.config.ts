import { availableParallelism } from 'node:os';
import { defineConfig } from 'vitest/config';
import { LongestFirst } from './test/setup/longest-first.ts';

const releases = 'test/kinds/postfix/**/*-releases.test.ts';
const realPostfix = {
  // They wait for Postfix more than they compute; and the quick ones want the machine for themselves.
  maxWorkers: 2 * availableParallelism(),
  sequence: { groupOrder: 1 },
  testTimeout: 120_000,
  hookTimeout: 120_000,
};

/**
 * Two kinds of tests: those that want a processor only, and those that start hosts with a real Postfix, each apart from all
 * others. A third is a long run that nobody has who does not name systems with other releases of Postfix for it.
 */
export default defineConfig({
  test: {
    globalSetup: ['test/setup/build.ts'],
    sequence: { sequencer: LongestFirst },
    projects: [
      {
        test: {
          name: 'quick',
          include: ['test/**/*.test.ts'],
          exclude: ['test/kinds/postfix/**', '**/node_modules/**'],
          // Every processor, for nothing else runs beside them; and modules are read once by each worker, not by each file.
          maxWorkers: availableParallelism(),
          isolate: false,
          testTimeout: 60_000,
          hookTimeout: 60_000,
        },
      },
      {
        test: {
          name: 'postfix',
          include: ['test/kinds/postfix/**/*.test.ts'],
          exclude: [releases, '**/node_modules/**'],
          ...realPostfix,
        },
      },
      ...(process.env.CERTRELAY_ROOTS ? [{ test: { name: 'releases', include: [releases], ...realPostfix } }] : []),
    ],
  },
});
