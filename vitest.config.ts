import { availableParallelism } from 'node:os';
import { defineConfig } from 'vitest/config';
import { LongestFirst } from './test/setup/longest-first.ts';

/** Two kinds of tests: those that want a processor only, and those that start hosts with a real Postfix, each apart from all others. */
export default defineConfig({
  test: {
    globalSetup: ['test/setup/build.ts'],
    sequence: { sequencer: LongestFirst },
    projects: [
      {
        test: {
          name: 'quick',
          include: ['test/**/*.test.ts'],
          exclude: ['test/postfix/**', '**/node_modules/**'],
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
          include: ['test/postfix/**/*.test.ts'],
          // They wait for Postfix more than they compute; and the quick ones want the machine for themselves.
          maxWorkers: 2 * availableParallelism(),
          sequence: { groupOrder: 1 },
          testTimeout: 120_000,
          hookTimeout: 120_000,
        },
      },
    ],
  },
});
