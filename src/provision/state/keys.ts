import type { Change } from '../../lib/files/change.ts';
import { type CertificateState, currentAuthority, isHanded, isLive, type LedgerState } from '../ledger/ledger-state.ts';
import { authorityKeyPath, formerKeyPath, nextKeyPath } from '../ledger/paths.ts';

/** A private key to be written, by its path below the state's folder. */
export interface NewKey {
  readonly to: string;
  readonly pem: string;
}

type Read = (path: string) => string | undefined;

/**
 * The key of a certificate: where it waits, which is where it still is when a run was interrupted while it was handed over,
 * else at its place. Undefined for a key that never left its host.
 */
export function keyText(certificate: CertificateState, place: string, read: Read): string | undefined {
  return certificate.origin === 'request' ? undefined : (read(nextKeyPath(certificate)) ?? read(place));
}

/** Changes of the files that hold nothing but private keys, worked out as the files of the state are asked for. */
export class KeyChanges {
  private readonly read: Read;
  private readonly fresh: ReadonlyMap<string, string>;
  private readonly kept = new Set<string>();
  private readonly moved = new Map<string, string>();
  /** Keys that were put aside for later use. */
  private readonly aside = new Map<string, string>();

  constructor(newKeys: readonly NewKey[], read: Read) {
    this.read = read;
    this.fresh = new Map(newKeys.map(({ to, pem }) => [to, pem]));
  }

  /** The key of a certificate whose host has it at `place`; it is brought there when it still lies elsewhere. */
  at(place: string, certificate: CertificateState): string | undefined {
    const fresh = this.fresh.get(place);
    if (fresh !== undefined) return fresh;
    const key = keyText(certificate, place, this.read);
    if (key === undefined) return undefined;
    if (this.read(nextKeyPath(certificate)) === undefined) this.kept.add(place);
    else this.moved.set(place, key);
    return key;
  }

  /** The authority's key at its place, the key of the one before it put aside, and those that wait. */
  authority(ledger: LedgerState): void {
    const current = currentAuthority(ledger);
    if (current === undefined) return;
    const present = this.read(authorityKeyPath);
    const former = ledger.authorities.filter((one) => isHanded(one) && one !== current);
    this.at(authorityKeyPath, current);
    const last = former.at(-1);
    // What is at the place is the old key for as long as the new one has not been brought there.
    const next = this.moved.get(authorityKeyPath);
    if (last !== undefined && next !== undefined && present !== undefined && present !== next) {
      this.aside.set(formerKeyPath(last), present);
    }
    for (const path of former.map(formerKeyPath)) if (this.read(path) !== undefined) this.kept.add(path);
  }

  /** Keys whose certificates are not handed over yet, of hosts that are meant. */
  waiting(ledger: LedgerState, isMeant: (name: string) => boolean): void {
    const waiting = ledger.certificates.filter(
      (one) => isLive(one) && one.handed === undefined && (one.role === 'authority' || isMeant(one.holder)),
    );
    for (const path of waiting.map(nextKeyPath)) if (this.read(path) !== undefined) this.kept.add(path);
  }

  changes(): readonly Change[] {
    // Nothing writes a key twice, but whoever opened its mode made a hole that every run should close.
    const kept = [...this.kept]
      .filter((path) => !this.aside.has(path))
      .map((path): Change => ({ kind: 'keep', path, rank: 'key', secret: true }));
    const write =
      (rank: 'key' | 'file', existing: 'refuse' | 'replace') =>
      ([path, content]: readonly [string, string]) =>
        ({ kind: 'replace', path, rank, content, secret: true, existing }) satisfies Change;
    return [
      ...kept,
      ...[...this.fresh].map(write('key', 'refuse')),
      ...[...this.aside].map(write('key', 'replace')),
      // After the ledger, which tells that the certificate was handed over: until then the old key is the right one.
      ...[...this.moved].map(write('file', 'replace')),
    ];
  }

  /** Paths that some change of this run writes or keeps. */
  isUsed(path: string): boolean {
    return this.fresh.has(path) || this.kept.has(path) || this.aside.has(path);
  }
}
