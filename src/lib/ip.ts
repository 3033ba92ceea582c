/**
 * An Internet address, parsed. IPv4 is one number below 2^32; IPv6 is a string of eight UTF-16 units, one for each
 * group, which compares in address order and needs no big integers.
 */
export type Address =
  | { readonly family: 4; readonly key: number; readonly text: string }
  | { readonly family: 6; readonly key: string; readonly text: string };

/** Dotted quad as inet_pton(3) takes it: four decimal octets without leading zeros. */
export function parseIpv4(text: string): number | undefined {
  let value = 0;
  let octet = -1;
  let octets = 1;
  for (let i = 0; i < text.length; i++) {
    const code = text.charCodeAt(i);
    if (code >= 48 && code <= 57) {
      if (octet === 0) return undefined;
      octet = (octet < 0 ? 0 : octet * 10) + code - 48;
      if (octet > 255) return undefined;
    } else if (code === 46) {
      if (octet < 0 || octets === 4) return undefined;
      value = value * 256 + octet;
      octet = -1;
      octets++;
    } else {
      return undefined;
    }
  }
  return octet < 0 || octets < 4 ? undefined : value * 256 + octet;
}

/** IPv6 as inet_pton(3) takes it: RFC 4291 section 2.2 with at most one `::`, no zone; the eight groups as units. */
export function parseIpv6(text: string): string | undefined {
  const halves = text.split('::');
  if (halves.length > 2 || text.length > 45) return undefined;
  const head = groups(halves[0] ?? '', halves.length === 1);
  if (head === undefined) return undefined;
  if (halves.length === 1) return head.length === 8 ? head : undefined;
  const tail = groups(halves[1] ?? '', true);
  if (tail === undefined || head.length + tail.length > 7) return undefined;
  return head + '\0'.repeat(8 - head.length - tail.length) + tail;
}

/** Colon-separated groups, the last possibly a dotted quad. */
function groups(text: string, atEnd: boolean): string | undefined {
  if (text === '') return '';
  let units = '';
  const parts = text.split(':');
  for (const [index, part] of parts.entries()) {
    if (/^[0-9a-fA-F]{1,4}$/.test(part)) {
      units += String.fromCharCode(Number.parseInt(part, 16));
      continue;
    }
    const quad = atEnd && index === parts.length - 1 ? parseIpv4(part) : undefined;
    if (quad === undefined) return undefined;
    units += String.fromCharCode(quad >>> 16, quad & 0xffff);
  }
  return units.length > 8 ? undefined : units;
}

/** The four octets in decimal. */
export function formatIpv4(value: number): string {
  return `${value >>> 24}.${(value >>> 16) & 255}.${(value >>> 8) & 255}.${value & 255}`;
}

/** The canonical text as inet_ntop(3) prints it: lower case, the longest run of zero groups as `::`. */
export function formatIpv6(key: string): string {
  let best = -1;
  let length = 0;
  for (let i = 0; i < 8; i++) {
    let end = i;
    while (end < 8 && key.charCodeAt(end) === 0) end++;
    if (end - i > 1 && end - i > length) {
      best = i;
      length = end - i;
    }
    if (end > i) i = end;
  }
  // By code units: two groups that are a surrogate pair (d800:dc00) are one element to an iterator.
  const groupTexts = Array.from({ length: 8 }, (_, i) => key.charCodeAt(i).toString(16));
  const hex = (from: number, to: number) => groupTexts.slice(from, to).join(':');
  const embedded = best === 0 && (length === 6 || (length === 5 && key.charCodeAt(5) === 0xffff));
  if (embedded) {
    const quad = formatIpv4(key.charCodeAt(6) * 65536 + key.charCodeAt(7));
    return length === 6 ? `::${quad}` : `::ffff:${quad}`;
  }
  return best < 0 ? hex(0, 8) : `${hex(0, best)}::${hex(best + length, 8)}`;
}

/** An IPv4 or IPv6 address without brackets, or undefined when the text is neither. */
export function parseAddress(text: string): Address | undefined {
  const v4 = parseIpv4(text);
  if (v4 !== undefined) return { family: 4, key: v4, text: formatIpv4(v4) };
  const v6 = text.includes(':') ? parseIpv6(text) : undefined;
  return v6 === undefined ? undefined : { family: 6, key: v6, text: formatIpv6(v6) };
}

const mappedPrefix = '\0\0\0\0\0\uffff';

/** An IPv4-mapped IPv6 address as the IPv4 address it stands for; others as they are (the SMTP server does this). */
export function unmapped(address: Address): Address {
  if (address.family === 4 || !address.key.startsWith(mappedPrefix)) return address;
  const key = address.key.charCodeAt(6) * 65536 + address.key.charCodeAt(7);
  return { family: 4, key, text: formatIpv4(key) };
}

/** The first `length` bits of an IPv4 address, the others zero. */
function maskIpv4(key: number, length: number): number {
  return length === 0 ? 0 : (key & (0xffffffff << (32 - length))) >>> 0;
}

/** The first `length` bits of an IPv6 address, the others zero. */
export function maskIpv6(key: string, length: number): string {
  const whole = length >> 4;
  if (whole === 8) return key;
  const rest = length & 15;
  const partial = String.fromCharCode(key.charCodeAt(whole) & (0xffff << (16 - rest)) & 0xffff);
  return key.slice(0, whole) + partial + '\0'.repeat(7 - whole);
}

/** The address with all but the first `length` bits zero. */
export function maskAddress(address: Address, length: number): Address {
  if (address.family === 4) {
    const key = maskIpv4(address.key, length);
    return { family: 4, key, text: formatIpv4(key) };
  }
  const key = maskIpv6(address.key, length);
  return { family: 6, key, text: formatIpv6(key) };
}

/** An address as HELO has it where a client has no name (RFC 5321, section 4.1.3): `[192.0.2.1]`, `[IPv6:2001:db8::1]`. */
export function addressLiteral(address: string): string {
  return address.includes(':') ? `[IPv6:${address}]` : `[${address}]`;
}
