import { join } from 'node:path';
import { holdSignals } from '../../lib/signals.ts';
import type { TimeLimit } from '../../lib/time-limit.ts';
import { hostFolder } from '../../provision/ledger/layout.ts';
import { runHook } from '../programs/hook.ts';

/** How files come to the hosts in one run, and where that failed. */
export interface Push {
  readonly hook: string | undefined;
  readonly limit: TimeLimit;
  /** By host, the reason; a host that failed is not tried again in the same run. */
  readonly failed: Map<string, string>;
}

/**
 * Runs the deploy hook for each host, with its name and its folder as arguments; answers the hosts for which it succeeded.
 * Without a hook there are none. When a signal ends the run, `remember` is called with those that succeeded before.
 */
export async function pushTo(
  hosts: readonly string[],
  root: string,
  { hook, limit, failed }: Push,
  tell: (text: string) => void,
  remember: (reached: readonly string[]) => Promise<unknown>,
): Promise<readonly string[]> {
  if (hook === undefined) return [];
  const reached: string[] = [];
  const held = holdSignals();
  try {
    for (const host of hosts) {
      if (failed.has(host)) continue;
      const folder = join(root, hostFolder(host));
      const variables = { CERTRELAY_HOST: host, CERTRELAY_FOLDER: folder };
      const ran = await runHook(hook, [host, folder], { limit, variables });
      if (ran.ok) reached.push(host);
      else failed.set(host, ran.reason);
      if (held.noted() === undefined) continue;
      if (!ran.ok) tell(`certrelay: the hook for ${host} was ${ran.reason}; ${host} counts as not deployed\n`);
      if (reached.length > 0) await remember(reached);
      break;
    }
  } finally {
    await held.release();
  }
  return reached;
}
