import type { PatternList } from './matching/patterns.ts';

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
 * The line with which a program dies while it makes its match lists, if it does; smtpd(8), where `names` says nothing else. Tables of map parameters and of
 * restriction lists carry their own `fatal`; which of them the server opens when it starts is the server's affair.
 */
export function listFailure(
  list: (name: string) => PatternList,
  names: readonly string[] = matchLists,
): string | undefined {
  for (const name of names) {
    const { fatal } = list(name);
    if (fatal !== undefined) return fatal;
  }
  return undefined;
}
