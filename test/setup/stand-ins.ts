/** Four octets or more that count up: what every fingerprint that certrelay makes up looks like, cut short as well. */
export function placeholdersOf(text: string): readonly string[] {
  return [...text.matchAll(/\b[0-9A-F]{2}(?::[0-9A-F]{2}){3,}/gi)]
    .map(([fingerprint]) => fingerprint)
    .filter((fingerprint) => {
      const octets = fingerprint.split(':').map((pair) => Number.parseInt(pair, 16));
      return octets.every((octet, i) => i === 0 || octet === (((octets[i - 1] ?? 0) + 1) & 255));
    });
}
