import { spawn } from 'node:child_process';

interface GuardedLock {
  readonly path: string;
  readonly made: readonly string[];
  readonly owner: { readonly token: string };
}

/**
 * What a dead run's lock needs: this waits for the end of its standard input, which is the end of certrelay, however it
 * came. The lock is removed only where it is still that of the dead run, and only under the claim `.after-TOKEN` that an
 * heir would make (see inventory/lock.ts), so that nobody else's lock can be removed.
 */
const script = `trap '' INT TERM HUP
lock=$1 token=$2; shift 2
read -r nothing
grep -qF "\\"$token\\"" "$lock" || exit 0
set -C
: >"$lock.after-$token" || exit 0
grep -qF "\\"$token\\"" "$lock" && rm -f "$lock"
rm -f "$lock.after-$token"
for folder; do rmdir "$folder"; done`;

/**
 * Takes the lock away when this process dies while it holds it, by a signal that no handler sees: a run that computes is
 * ended at once. Without this the lock would stay until the next run inherits it. Answers how to stop the guard.
 */
export function guardLock({ path, made, owner }: GuardedLock): () => void {
  const guard = spawn('/bin/sh', ['-c', script, 'certrelay', path, owner.token, ...made.toReversed()], {
    cwd: '/',
    stdio: ['pipe', 'ignore', 'ignore'],
    detached: true,
  });
  // Without a shell the lock of a killed run is inherited, as that of a run on a machine that lost its power.
  guard.on('error', () => {});
  guard.stdin.on('error', () => {});
  guard.unref();
  if ('unref' in guard.stdin && typeof guard.stdin.unref === 'function') guard.stdin.unref();
  const stop = () => {
    process.off('exit', stop);
    guard.kill('SIGKILL');
  };
  process.on('exit', stop);
  return stop;
}
