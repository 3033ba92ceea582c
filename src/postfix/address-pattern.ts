import { type Address, maskAddress, parseAddress } from '../lib/ip.ts';

/** A network in CIDR notation whose host bits are zero. */
export interface NetworkPattern {
  readonly address: Address;
  readonly length: number;
}

/**
 * Reads `address`, `address/len`, `[address]`, `[address]/len` and `[address/len]` as Postfix does, or says what
 * Postfix says is wrong with it.
 */
export function parseNetwork(
  text: string,
  options: { readonly bracketsAroundAll: boolean },
): NetworkPattern | { readonly message: string } {
  let address = text;
  let mask: string | undefined;
  if (text.startsWith('[')) {
    const close = text.indexOf(']');
    if (close < 0) return { message: `missing ']' character after "[" in "${text}"` };
    const after = text.slice(close + 1);
    address = text.slice(1, close);
    if (after !== '') {
      if (!after.startsWith('/')) return { message: `garbage after "]": "${text}"` };
      mask = after.slice(1);
    }
  }
  const slash = address.indexOf('/');
  if (slash >= 0 && mask === undefined && (!text.startsWith('[') || options.bracketsAroundAll)) {
    mask = address.slice(slash + 1);
    address = address.slice(0, slash);
  }
  const parsed = parseAddress(address);
  if (parsed === undefined) return { message: `bad address pattern: "${text}"` };
  const bits = parsed.family === 4 ? 32 : 128;
  if (mask === undefined) return { address: parsed, length: bits };
  if (!/^[0-9]+$/.test(mask)) return { message: `bad mask value in "${text}"` };
  if (Number(mask) > bits) return { message: `bad mask length in "${text}"` };
  const length = Number(mask);
  const masked = maskAddress(parsed, length);
  if (masked.key !== parsed.key) {
    return {
      message: `non-null host address bits in "${text}", perhaps you should use "${masked.text}/${length}" instead`,
    };
  }
  return { address: parsed, length };
}

/** True when the address lies in the network; another address family never does. */
export function inNetwork(pattern: NetworkPattern, address: Address): boolean {
  return pattern.address.family === address.family && maskAddress(address, pattern.length).key === pattern.address.key;
}
