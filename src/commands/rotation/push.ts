import { join } from 'node:path';
import { runHook } from '../../host/hook.ts';
import { hostFolder } from '../../inventory/layout.ts';

/** How files come to the hosts in one run, and where that failed. */
export interface Push {
  readonly hook: string | undefined;
  /** By host, the reason; a host that failed is not tried again in the same run. */
  readonly failed: Map<string, string>;
}

/**
 * Runs the deploy hook for each host, with its name and its folder as arguments; answers the hosts for which it succeeded.
 * Without a hook there are none.
 */
export function pushTo(hosts: readonly string[], root: string, { hook, failed }: Push): readonly string[] {
  if (hook === undefined) return [];
  return hosts
    .filter((host) => !failed.has(host))
    .filter((host) => {
      const folder = join(root, hostFolder(host));
      const ran = runHook(hook, [host, folder], { CERTRELAY_HOST: host, CERTRELAY_FOLDER: folder });
      if (!ran.ok) failed.set(host, ran.reason);
      return ran.ok;
    });
}
