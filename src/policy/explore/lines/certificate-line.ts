import { digestOctets, placeholderFingerprint } from '../../../lib/placeholder-fingerprint.ts';
import { holds, type Region } from '../region.ts';
import { TokenLine, TokenRows } from './token-line.ts';

/** What a client would show of TLS. */
export type Shown = 'no TLS' | 'no certificate' | { readonly trusted: boolean; readonly fingerprint: string };

/** The fingerprint that a key stands for under a digest; undefined: no certificate can have it. */
export function fingerprintOfKey(key: string, digests: readonly string[]): string | undefined {
  if (!/^[0-9a-f]{2}(:[0-9a-f]{2})*$/i.test(key)) return undefined;
  const length = (key.length + 1) / 3;
  const possible = digests.some((digest) => (digestOctets[digest] ?? length) === length);
  return possible ? key.toUpperCase() : undefined;
}

/** The fingerprints among some keys. */
export function fingerprintsOf(keys: Iterable<string>, digests: readonly string[]): ReadonlySet<string> {
  const words = new Set<string>();
  for (const key of keys) {
    const word = fingerprintOfKey(key, digests);
    if (word !== undefined) words.add(word);
  }
  return words;
}

/** A fingerprint that is none of these, for a certificate that no table lists; it begins with `first` or soon after. */
export function unlistedFingerprint(listed: ReadonlySet<string>, digests: readonly string[], first: number): string {
  const [digest = 'sha1'] = digests;
  let start = first;
  while (listed.has(placeholderFingerprint(digest, start))) start++;
  return placeholderFingerprint(digest, start);
}

/** TLS and the client's certificate: no TLS, no certificate, then untrusted and trusted certificates by fingerprint. */
export class CertificateLine extends TokenLine<Shown> {
  private readonly other: string;

  constructor(keys: Iterable<string>, digests: readonly string[]) {
    const words = fingerprintsOf(keys, digests);
    super(new TokenRows(words, 2, 2), (key) => fingerprintOfKey(key, digests));
    this.other = unlistedFingerprint(words, digests, 0xa0);
  }

  locate(shown: Shown): number {
    if (shown === 'no TLS') return 0;
    if (shown === 'no certificate') return 1;
    return this.rows.atomOf(shown.fingerprint.toUpperCase(), shown.trusted ? 1 : 0);
  }

  value(atom: number): Shown {
    if (atom === 0) return 'no TLS';
    if (atom === 1) return 'no certificate';
    return { trusted: this.rows.sectionOf(atom) === 1, fingerprint: this.rows.wordAt(atom) ?? this.other };
  }

  words(region: Region): string {
    const parts: string[] = [];
    if (holds(region, 0)) parts.push('no TLS');
    if (holds(region, 1)) parts.push('no certificate');
    const [untrusted, trusted] = [0, 1].map((section) => this.rows.describe(region, section, 'certificate'));
    if (untrusted !== undefined && untrusted === trusted) parts.push(untrusted);
    else {
      if (untrusted !== undefined) parts.push(`${untrusted} (untrusted)`);
      if (trusted !== undefined) parts.push(`${trusted} (trusted)`);
    }
    return parts.join(', or ');
  }

  /** Without TLS, without a certificate or with one of his own making: what anybody can do. */
  open(region: Region): boolean {
    return holds(region, 0) || holds(region, 1) || holds(region, 2);
  }
}
