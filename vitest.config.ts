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

/** Files of more than about twelve seconds each: they start many programs, or are long searches. */
const slow = [
  'test/documents.test.ts',
  'test/cli/commands/signals.test.ts',
  'test/cli/commands/status/ansible.test.ts',
  'test/cli/wizard/terminal*.test.ts',
  'test/kinds/{crash,crowd,fuzz,mutation,properties}/*.test.ts',
  'test/packaging/tarball.test.ts',
  'test/provision/import/import.test.ts',
  'test/provision/render/injection.test.ts',
  'test/provision/render/install/script.test.ts',
  'test/provision/state/lock.test.ts',
  'test/upgrade/state.test.ts',
];
const onProcessor = {
  // Every processor, because nothing else runs beside them; each worker reads the modules once, not once per file.
  maxWorkers: availableParallelism(),
  isolate: false,
  testTimeout: 60_000,
  hookTimeout: 60_000,
};

/** test/README.md says what each project holds. */
export default defineConfig({
  test: {
    globalSetup: ['test/setup/build.ts'],
    sequence: { sequencer: LongestFirst },
    projects: [
      {
        test: {
          name: 'quick',
          include: ['test/**/*.test.ts'],
          exclude: ['test/kinds/postfix/**', ...slow, '**/node_modules/**'],
          ...onProcessor,
        },
      },
      { test: { name: 'slow', include: slow, ...onProcessor } },
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
