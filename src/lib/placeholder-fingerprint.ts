/** Octets of each digest that a map may list certificates by. */
export const digestOctets: Readonly<Record<string, number>> = {
  md5: 16,
  sha1: 20,
  sha224: 28,
  sha256: 32,
  sha384: 48,
  sha512: 64,
};

/** What output shows, and input accepts, as the fingerprint of a certificate that no table lists. */
export const unlistedWord = 'unlisted';

/**
 * The fingerprint of a certificate that does not exist, `A0:A1:A2:…` from `first` on. Every made-up fingerprint has this
 * form, so that `isPlaceholder` detects it and no output shows it.
 */
export function placeholderFingerprint(digest: string, first: number): string {
  const length = digestOctets[digest] ?? 20;
  return Array.from({ length }, (_, i) => ((first + i) & 255).toString(16).toUpperCase().padStart(2, '0')).join(':');
}

/** Whether a fingerprint was made up: each octet is one more than that before it. */
export function isPlaceholder(fingerprint: string): boolean {
  if (!/^[0-9A-F]{2}(?::[0-9A-F]{2}){15,}$/i.test(fingerprint)) return false;
  const octets = fingerprint.split(':').map((pair) => Number.parseInt(pair, 16));
  return octets.every((octet, i) => i === 0 || octet === (((octets[i - 1] ?? 0) + 1) & 255));
}

/** A fingerprint as output shows it. */
export function shownFingerprint(fingerprint: string): string {
  return isPlaceholder(fingerprint) ? unlistedWord : fingerprint;
}

/** A value that is printed as JSON, with `unlisted` in place of each made-up fingerprint. */
export function withoutPlaceholders<T>(value: T): T;
export function withoutPlaceholders(value: unknown): unknown {
  if (typeof value === 'string') return shownFingerprint(value);
  if (Array.isArray(value)) return value.map((each: unknown) => withoutPlaceholders(each));
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([key, each]) => [key, withoutPlaceholders<unknown>(each)]));
}
