import { type CertificateState, isAdmitted } from '../inventory/ledger-state.ts';
import type { Settings } from '../inventory/types.ts';
import { usage } from '../lib/problem.ts';
import { field } from './field.ts';
import type { RenderInput } from './input.ts';
import type { MapEntry } from './view.ts';

/**
 * The lines of relay_clientcerts: the fingerprints, in the server's digest, of every client certificate that is
 * admitted and neither retired nor revoked; sorted by client, kind and time of issue. A key that several certificates share
 * (a renewal that kept it) is one line, because postmap(1) warns about a key that occurs twice.
 */
export function mapEntries({ inventory, ledger }: RenderInput): readonly MapEntry[] {
  const { digest } = inventory.settings;
  const entries = new Map<string, MapEntry>();
  const names = [...new Set(inventory.clients.map(({ name }) => name))].sort();
  for (const name of names) {
    const certificates = ledger.of(name, 'client').filter(isAdmitted);
    for (const kind of kindsOf(inventory.settings)) {
      for (const state of certificates) {
        const fingerprint = field('fingerprint', fingerprintOf(state, kind, digest));
        const known = entries.get(fingerprint);
        entries.set(fingerprint, {
          fingerprint,
          client: known?.client ?? field('host name', name),
          kind,
          certificates: [
            ...(known?.certificates ?? []),
            { serial: field('serial number', state.serial), notAfter: field('time', state.notAfter) },
          ],
        });
      }
    }
  }
  return [...entries.values()];
}

/** Refuses public keys where Postfix takes the digest of something else: before 2.9.6 (RELEASE_NOTES of 2.10). */
export function checkPin({ pin }: Pick<Settings, 'pin'>, version: string): void {
  if (pin === 'certificate' || !/^2\.9\.[0-5]$/.test(version)) return;
  throw usage(
    'public-key-digest',
    `Postfix ${version} works out public key fingerprints wrongly`,
    'choose --pin certificate',
  );
}

/** What of a certificate is pinned, certificate before key. */
export function kindsOf({ pin }: Pick<Settings, 'pin'>): readonly MapEntry['kind'][] {
  return [
    ...(pin === 'public-key' ? [] : (['certificate'] as const)),
    ...(pin === 'certificate' ? [] : (['public key'] as const)),
  ];
}

export function fingerprintOf(state: CertificateState, kind: MapEntry['kind'], digest: Settings['digest']): string {
  return (kind === 'certificate' ? state.fingerprint : state.publicKeyFingerprint)[digest];
}
