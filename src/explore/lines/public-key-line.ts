import type { Cut } from '../../postfix/cut.ts';
import { holds, type Region } from '../region.ts';
import { fingerprintOfKey, fingerprintsOf, unlistedFingerprint } from './certificate-line.ts';
import type { Line } from './line.ts';
import { TokenRows } from './token-line.ts';

/** Fingerprints of the public keys in clients' certificates, for those that have one. */
export class PublicKeyLine implements Line<string> {
  readonly size: number;
  private readonly rows: TokenRows;
  private readonly digests: readonly string[];
  private readonly other: string;

  constructor(keys: Iterable<string>, digests: readonly string[]) {
    this.digests = digests;
    const words = fingerprintsOf(keys, digests);
    this.other = unlistedFingerprint(words, digests, 0x50);
    this.rows = new TokenRows(words, 0, 1);
    this.size = this.rows.size;
  }

  locate(fingerprint: string): number {
    return this.rows.atomOf(fingerprint.toUpperCase(), 0);
  }

  value(atom: number): string {
    return this.rows.wordAt(atom) ?? this.other;
  }

  pick(region: Region): number {
    return region[0] ?? -1;
  }

  bounds(cuts: readonly Cut[]): Int32Array {
    return this.rows.bounds(cuts, (key) => fingerprintOfKey(key, this.digests));
  }

  span(key: string): readonly (readonly [number, number])[] {
    return this.rows.span(fingerprintOfKey(key, this.digests));
  }

  words(region: Region): string {
    return this.rows.describe(region, 0, 'public key') ?? '';
  }

  listed(region: Region): number {
    return this.rows.listed(region);
  }

  open(region: Region): boolean {
    return holds(region, 0);
  }

  anybody(region: Region): boolean {
    return this.open(region);
  }
}
