/** Octets of the digests that certificates are listed by. */
export const digestOctets: Readonly<Record<string, number>> = {
  md5: 16,
  sha1: 20,
  sha224: 28,
  sha256: 32,
  sha384: 48,
  sha512: 64,
};

/** What people read, and may write, for the fingerprint of a certificate that no table lists. */
export const unlistedWord = 'unlisted';

/**
 * A fingerprint for a certificate that nobody has, `A0:A1:A2:…` from `first` on. Every one that is made up comes from here
 * and has this form, by which `isStandIn` knows it again: none is ever shown to anybody.
 */
export function standInFingerprint(digest: string, first: number): string {
  const length = digestOctets[digest] ?? 20;
  return Array.from({ length }, (_, i) => ((first + i) & 255).toString(16).toUpperCase().padStart(2, '0')).join(':');
}

/** Whether a fingerprint was made up: each octet is one more than that before it. */
export function isStandIn(fingerprint: string): boolean {
  if (!/^[0-9A-F]{2}(?::[0-9A-F]{2}){15,}$/i.test(fingerprint)) return false;
  const octets = fingerprint.split(':').map((pair) => Number.parseInt(pair, 16));
  return octets.every((octet, i) => i === 0 || octet === (((octets[i - 1] ?? 0) + 1) & 255));
}

/** A fingerprint as people are shown it. */
export function shownFingerprint(fingerprint: string): string {
  return isStandIn(fingerprint) ? unlistedWord : fingerprint;
}

/** A value that is printed as JSON, with the word in place of each fingerprint that was made up. */
export function withoutStandIns<T>(value: T): T;
export function withoutStandIns(value: unknown): unknown {
  if (typeof value === 'string') return shownFingerprint(value);
  if (Array.isArray(value)) return value.map((each: unknown) => withoutStandIns(each));
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([key, each]) => [key, withoutStandIns<unknown>(each)]));
}
