import { spawnSync } from 'node:child_process';
import { isInstalled, table } from './needs-table.js';

/** What a suite may need of the machine that no package brings: how to find out, and what to say when it is not met. */
export const conditions: Readonly<Record<string, { readonly met: () => boolean; readonly missing: string }>> = {
  linux: { met: () => process.platform === 'linux', missing: 'this is not Linux' },
  root: { met: () => process.getuid?.() === 0, missing: 'not run by root' },
  netns: { met: canUnshareNetwork, missing: 'no network namespaces can be made' },
};

/**
 * What is missing of the programs and conditions a suite needs; `false` when nothing is.
 * Names are rows of needs-table.js, or `root` (run by the superuser), `netns` (may make network namespaces) and `linux`.
 *
 *     describe.skipIf(needs('root', 'netns', 'postfix'))('two hosts', () => { … });
 *
 * A suite that will be skipped says so in one line on standard error. With CERTRELAY_TEST_ALL=1, where
 * every suite has to run, a missing need is an error instead.
 */
export function needs(...names: readonly string[]): string | false {
  const missing = names.map(lacks).filter((reason) => reason !== undefined);
  if (missing.length === 0) return false;
  const reason = missing.join(', ');
  if (process.env.CERTRELAY_TEST_ALL === '1') throw new Error(`CERTRELAY_TEST_ALL=1, but ${reason}`);
  process.stderr.write(`skipped: ${caller()}: ${reason}\n`);
  return reason;
}

function lacks(name: string): string | undefined {
  const condition = conditions[name];
  if (condition !== undefined) return condition.met() ? undefined : condition.missing;
  const need = table[name];
  if (need === undefined) throw new Error(`"${name}" is not in test/needs-table.js`);
  return isInstalled(name, need) ? undefined : `"${name}" is not installed (Debian: ${need.package})`;
}

function canUnshareNetwork(): boolean {
  return spawnSync('unshare', ['--net', 'true'], { stdio: 'ignore' }).status === 0;
}

/** The test file that asks, for the line that says what is skipped. */
function caller(): string {
  const frames = (new Error().stack ?? '').split('\n');
  return frames.map((frame) => /(test\/[^\s():?]+\.test\.ts)/.exec(frame)?.[1]).find(Boolean) ?? 'a suite';
}
