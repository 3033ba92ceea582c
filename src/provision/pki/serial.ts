/**
 * A serial number of 128 random bits as the contents of a DER INTEGER: positive, non-zero, no superfluous zero octets,
 * at most 17 of the 20 octets that RFC 5280, section 4.1.2.2 grants.
 */
export function newSerial(random: (bytes: number) => Uint8Array): Uint8Array<ArrayBuffer> {
  const octets = random(16);
  const first = octets.findIndex((octet) => octet !== 0);
  if (octets.length !== 16 || first === -1) throw new Error('the source of randomness does not work');
  const value = octets.subarray(first);
  // A leading one bit would make the integer negative.
  return Uint8Array.from((value[0] ?? 0) > 0x7f ? [0, ...value] : value);
}

/** A serial number as inventory and ledger write it: lower-case hexadecimal pairs without the sign octet. */
export function serialHex(contents: Uint8Array): string {
  const value = contents.length > 1 && contents[0] === 0 ? contents.subarray(1) : contents;
  return Buffer.from(value).toString('hex');
}
