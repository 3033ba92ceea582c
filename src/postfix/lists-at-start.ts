import type { PatternList } from './patterns.ts';

/** Match lists smtpd(8) makes while it starts, in its order. */
const matchLists = [
  'smtpd_client_event_limit_exceptions',
  'mynetworks',
  'permit_mx_backup_networks',
  'mydestination',
  'relay_domains',
  'fast_flush_domains',
] as const;

/**
 * The line with which smtpd(8) dies while it makes its match lists, if it does. Tables of map parameters and of
 * restriction lists carry their own `fatal`; which of them the server opens when it starts is the server's affair.
 */
export function listFailure(list: (name: string) => PatternList): string | undefined {
  for (const name of matchLists) {
    const { fatal } = list(name);
    if (fatal !== undefined) return fatal;
  }
  return undefined;
}
