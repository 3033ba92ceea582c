import { spawnSync } from 'node:child_process';
import { accessSync, constants, existsSync, statSync } from 'node:fs';
import { join } from 'node:path';

/** What a suite may need of the machine, beside programs by name: how to find out, and what is missing when it is not there. */
const conditions: Readonly<Record<string, { readonly met: () => boolean; readonly missing: string }>> = {
  linux: { met: () => process.platform === 'linux', missing: 'this is not Linux' },
  root: { met: () => process.getuid?.() === 0, missing: 'not run by root' },
  'debian-postfix': {
    met: () => existsSync('/usr/share/postfix/main.cf.debian'),
    missing: "Debian's Postfix package is not installed",
  },
  postgresql: { met: () => existsSync('/usr/lib/postgresql'), missing: 'PostgreSQL is not installed' },
  'postfix-pgsql': {
    met: () => existsSync('/usr/lib/postfix/postfix-pgsql.so'),
    missing: "Postfix's support for PostgreSQL is not installed",
  },
  'easy-rsa': { met: () => existsSync('/usr/share/easy-rsa/easyrsa'), missing: 'easy-rsa is not installed' },
  netns: { met: canUnshareNetwork, missing: 'no network namespaces can be made' },
};

// Postfix's programs live where an ordinary user's PATH does not look.
const folders = [...(process.env.PATH ?? '').split(':'), '/usr/local/sbin', '/usr/sbin', '/sbin'].filter(Boolean);

/**
 * What is missing of the programs and conditions a suite needs; `false` when nothing is.
 * Names are programs (`postfix`, `postconf`, `openssl`, `tmux`, …), or `root` (run by the superuser), `netns`
 * (may make network namespaces) and `debian-postfix` (the package, with its stock configuration).
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
  return folders.some((folder) => isProgram(join(folder, name))) ? undefined : `"${name}" is not installed`;
}

function isProgram(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return statSync(path).isFile();
  } catch {
    return false;
  }
}

function canUnshareNetwork(): boolean {
  return spawnSync('unshare', ['--net', 'true'], { stdio: 'ignore' }).status === 0;
}

/** The test file that asks, for the line that says what is skipped. */
function caller(): string {
  const frames = (new Error().stack ?? '').split('\n');
  return frames.map((frame) => /(test\/[^\s():?]+\.test\.ts)/.exec(frame)?.[1]).find(Boolean) ?? 'a suite';
}
