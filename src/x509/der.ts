import { AsnObjectIdentifierConverter } from '@peculiar/asn1-schema';

/** Something encoded by the distinguished rules of X.690. */
export type Der = Uint8Array<ArrayBuffer>;

/** The tags that are written or looked for by hand, for the parts that every single certificate has differently. */
export const tags = {
  boolean: 0x01,
  integer: 0x02,
  bitString: 0x03,
  octetString: 0x04,
  utf8String: 0x0c,
  utcTime: 0x17,
  generalizedTime: 0x18,
  sequence: 0x30,
  set: 0x31,
  dnsName: 0x82,
  explicit0: 0xa0,
  explicit3: 0xa3,
} as const;

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

/** What an element contains. */
export function contents(der: Uint8Array): Uint8Array {
  const length = elementLength(der);
  if (length === undefined || length > der.length) throw new Error('not an element of definite length');
  const second = der[1] ?? 0;
  return der.subarray(second < 0x80 ? 2 : 2 + (second & 0x7f), length);
}

/** An OBJECT IDENTIFIER from its dotted form. */
export function objectIdentifier(dotted: string): Der {
  return new Uint8Array(AsnObjectIdentifierConverter.toASN(dotted).toBER(false));
}

/** A text in ASCII or UTF-8 as the contents of a string type. */
export function textOctets(text: string): Uint8Array {
  return new TextEncoder().encode(text);
}
