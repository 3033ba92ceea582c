import type { CertificateState, LedgerState } from '../inventory/ledger-state.ts';
import type { Inventory, Moment } from '../inventory/types.ts';

/**
 * Hosts that are known to have taken their files once, and not since these changed for a step of a rotation or a removal.
 * Hosts that never said anything are left out, for nothing is known of them; but a client that was revoked relays until the
 * servers have their new maps, so there silence counts as no.
 */
export function hostsBehind({ settings, servers, clients }: Inventory, ledger: LedgerState): readonly string[] {
  const ofRole = (role: CertificateState['role']) => ledger.certificates.filter((one) => one.role === role);
  const bundle = last(ledger.authorities, ['admitted', 'retired', 'revoked']);
  const exchange = ledger.digestExchange;
  const digest = Math.max(...[exchange?.admitted, exchange?.handed, exchange?.retired].map((one) => one?.order ?? 0));
  const map = Math.max(bundle, digest, last(ofRole('client'), ['admitted', 'retired', 'revoked']));
  const pins =
    settings.clientLevel === 'fingerprint'
      ? Math.max(bundle, digest, last(ofRole('server'), ['admitted', 'retired', 'revoked']))
      : bundle;
  const listed = ofRole('client').filter(({ admitted }) => admitted !== undefined);
  const mustAnswer = new Set(last(listed, ['revoked']) > 0 ? servers.map(({ name }) => name) : []);
  const changed = new Map<string, number>();
  for (const [hosts, role, order] of [
    [servers, 'server', map],
    [clients, 'client', pins],
  ] as const) {
    for (const { name } of hosts) {
      const own = last(ledger.of(name, role), ['handed']);
      changed.set(name, Math.max(changed.get(name) ?? 0, own, order));
    }
  }
  return [...changed]
    .filter(([name, order]) => (ledger.installed.get(name)?.order ?? (mustAnswer.has(name) ? 0 : order)) < order)
    .map(([name]) => name);
}

function last(certificates: readonly CertificateState[], moments: readonly Moment[]): number {
  return certificates.reduce(
    (latest, { order }) => Math.max(latest, ...moments.map((moment) => order[moment] ?? 0)),
    0,
  );
}
