import { type Address, maskAddress, parseAddress } from '../../../lib/ip.ts';

/** A network in CIDR notation whose host bits are zero. */
export interface NetworkPattern {
  readonly address: Address;
  readonly length: number;
}

/**
 * Reads `address`, `address/len`, `[address]`, `[address]/len` and `[address/len]`, or says what Postfix says is wrong
 * with it; its messages show the pattern without brackets.
 */
export function parseNetwork(text: string): NetworkPattern | { readonly message: string } {
  let shown = text;
  let network = text;
  let mask: string | undefined;
  if (text.startsWith('[')) {
    const close = text.indexOf(']');
    if (close < 0) return { message: `missing ']' character after "${text}"` };
    const after = text.slice(close + 1);
    network = text.slice(1, close);
    if (after !== '' && !after.startsWith('/')) return { message: `garbage after "[${network}]"` };
    if (after !== '') mask = after.slice(1);
    shown = network + after;
  }
  const slash = network.indexOf('/');
  if (slash >= 0 && mask === undefined) {
    mask = network.slice(slash + 1);
    network = network.slice(0, slash);
  }
  if (mask !== undefined && !/^[0-9]+$/.test(mask)) return { message: `bad mask value in "${shown}"` };
  const bits = network.includes(':') ? 128 : 32;
  if (mask !== undefined && Number(mask) > bits) return { message: `bad mask length in "${shown}"` };
  const address = parseAddress(network);
  if (address === undefined) {
    return { message: mask === undefined ? `bad address pattern: "${shown}"` : `bad network value in "${shown}"` };
  }
  if (mask === undefined) return { address, length: bits };
  const length = Number(mask);
  const masked = maskAddress(address, length);
  if (masked.key === address.key) return { address, length };
  const better = `${masked.text}/${length}`;
  return { message: `non-null host address bits in "${shown}", perhaps you should use "${better}" instead` };
}
