/** Something encoded by the distinguished rules of X.690. */
export type Der = Uint8Array<ArrayBuffer>;

/** The few tags that are written or looked for by hand. */
export const tags = { integer: 0x02, bitString: 0x03, sequence: 0x30, explicit0: 0xa0, explicit3: 0xa3 } as const;

/** One DER element: tag, definite length, the contents one after the other. */
export function element(tag: number, ...contents: readonly Uint8Array[]): Der {
  const length = contents.reduce((sum, content) => sum + content.length, 0);
  const octets: number[] = [];
  if (length < 0x80) octets.push(length);
  else {
    for (let rest = length; rest > 0; rest >>>= 8) octets.unshift(rest & 0xff);
    octets.unshift(0x80 | octets.length);
  }
  const der = new Uint8Array(1 + octets.length + length);
  der[0] = tag;
  der.set(octets, 1);
  let at = 1 + octets.length;
  for (const content of contents) {
    der.set(content, at);
    at += content.length;
  }
  return der;
}

/**
 * How many octets the element at the start of `der` says it occupies, header included.
 * Undefined when the header is incomplete or the length is not definite.
 */
export function elementLength(der: Uint8Array): number | undefined {
  const first = der[1];
  if (first === undefined) return undefined;
  if (first < 0x80) return 2 + first;
  const count = first & 0x7f;
  if (count === 0 || count > 4 || der.length < 2 + count) return undefined;
  let length = 0;
  for (const octet of der.subarray(2, 2 + count)) length = length * 256 + octet;
  return 2 + count + length;
}
