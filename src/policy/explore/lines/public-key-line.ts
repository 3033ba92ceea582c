import { holds, type Region } from '../region.ts';
import { fingerprintOfKey, fingerprintsOf, unlistedFingerprint } from './certificate-line.ts';
import { TokenLine, TokenRows } from './token-line.ts';

/** Fingerprints of the public keys in clients' certificates, for those that have one. */
export class PublicKeyLine extends TokenLine<string> {
  private readonly other: string;

  constructor(keys: Iterable<string>, digests: readonly string[]) {
    const words = fingerprintsOf(keys, digests);
    super(new TokenRows(words, 0, 1), (key) => fingerprintOfKey(key, digests));
    this.other = unlistedFingerprint(words, digests, 0x50);
  }

  locate(fingerprint: string): number {
    return this.rows.atomOf(fingerprint.toUpperCase(), 0);
  }

  value(atom: number): string {
    return this.rows.wordAt(atom) ?? this.other;
  }

  words(region: Region): string {
    return this.rows.describe(region, 0, 'public key') ?? '';
  }

  open(region: Region): boolean {
    return holds(region, 0);
  }
}
