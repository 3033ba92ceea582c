import { certificatePermits } from '../../diagnose/configuration/elements.ts';
import type { Problem } from '../../lib/problem.ts';
import { readConfig } from '../../policy/postfix/read-config.ts';
import { hostFolder } from '../ledger/layout.ts';
import { withoutTickets } from '../render/session-tickets.ts';
import type { Inventory } from '../settings/types.ts';
import { baseOf } from '../verify/verify-plan.ts';

/**
 * What a revocation does not end by itself. A session that is resumed is looked up in relay_clientcerts as it is now, so the
 * new map refuses it; but permit_tls_all_clientcerts looks nothing up. On a dedicated port certrelay 0.1.0 let session
 * tickets be issued, which the other ports take, and where that service still stands, a revoked client gets a new one
 * whenever it likes. `read` gives the files of before the run, from which a server may have been installed.
 */
export function resumedSessions(
  { servers, settings }: Pick<Inventory, 'servers' | 'settings'>,
  read: (path: string) => string | undefined,
): readonly Problem[] {
  const { dedicatedPort: port, postfix: version } = settings;
  if (port === undefined) return [];
  const config = readConfig({ version, mainCf: baseOf({ settings }).mainCf });
  if (!certificatePermits(config).some(({ name }) => name === 'permit_tls_all_clientcerts')) return [];
  const set = withoutTickets(version, config);
  return servers
    .filter(({ name }) => {
      const entry = read(`${hostFolder(name)}/master.cf`);
      return entry !== undefined && set.some((one) => !entry.includes(`-o ${one.name}=`));
    })
    .map(({ name }) => ({
      code: 'session-tickets',
      message: `until ${name} has its new master.cf, a revoked client can take a TLS session from port ${port} to another port and relay there without end, for main.cf has permit_tls_all_clientcerts`,
      hint: `copy hosts/${name}/ there and run install.sh: it puts in an entry that issues no session tickets, and reloads Postfix, which ends every session begun before`,
    }));
}
