import { type Address, maskIpv6, parseAddress } from '../../../lib/ip.ts';
import { parseNetwork } from '../../postfix/matching/address-pattern.ts';

/** An interval of addresses of one family; `end` is exclusive, and for IPv6 may lie behind all addresses. */
export type Block =
  | { readonly family: 4; readonly start: number; readonly end: number }
  | { readonly family: 6; readonly start: string; readonly end: string };

/** Behind every IPv6 address: longer than any, and as great in every unit. */
const behindAll = '\uffff'.repeat(9);

/** The first address behind the network of so many bits. */
function behind(key: string, length: number): string {
  const units = Array.from(key, (unit) => unit.charCodeAt(0));
  if (length === 0) return behindAll;
  let at = (length - 1) >> 4;
  let add = 1 << (15 - ((length - 1) & 15));
  for (; at >= 0; at--) {
    const sum = (units[at] ?? 0) + add;
    units[at] = sum & 0xffff;
    if (sum <= 0xffff) return String.fromCharCode(...units);
    add = 1;
  }
  return behindAll;
}

/** The network of an address and a prefix length; host bits do not matter. */
export function blockOf({ family, key }: Address, length: number): Block {
  return family === 4
    ? { family, start: key, end: key + 2 ** (32 - length) }
    : { family, start: maskIpv6(key, length), end: behind(key, length) };
}

/**
 * The addresses that a key of a table or a pattern of a list stands for: an address, a network in CIDR notation, or the
 * first octets or groups of an address (access(5)), which for a number may be either. None for what is no address pattern.
 */
export function blocksOfKey(key: string): readonly Block[] {
  const prefixes = [...octetPrefix(key), ...groupPrefix(key)];
  if (prefixes.length > 0) return prefixes;
  if (!/^[0-9a-f.:[\]/]+$/i.test(key)) return [];
  const network = parseNetwork(key);
  return 'message' in network ? [] : [blockOf(network.address, network.length)];
}

function octetPrefix(key: string): readonly Block[] {
  if (!/^\d{1,3}(\.\d{1,3}){0,2}$/.test(key)) return [];
  const octets = key.split('.');
  const address = parseAddress([...octets, ...Array(4 - octets.length).fill('0')].join('.'));
  return address === undefined ? [] : [blockOf(address, 8 * octets.length)];
}

function groupPrefix(key: string): readonly Block[] {
  if (!isGroupPrefix(key)) return [];
  const groups = key.split(':');
  const address = parseAddress([...groups, ...Array(8 - groups.length).fill('0')].join(':'));
  return address === undefined ? [] : [blockOf(address, 16 * groups.length)];
}

/** The first groups of an IPv6 address: with none of them zero, they are the same in every spelling of the address. */
function isGroupPrefix(key: string): boolean {
  return /^[1-9a-f][0-9a-f]{0,3}(:[1-9a-f][0-9a-f]{0,3}){0,6}$/.test(key);
}

/**
 * True for a key that stands for addresses by how they are spelled, not by their value: a part of an IPv6 address with a
 * group that is zero, which `::` may swallow, or with a colon at its end; the empty key is what is before the first colon of
 * an address like `::1`.
 */
export function isSpelling(key: string): boolean {
  if (key === '') return true;
  const spelled = /^[0-9a-f]{0,4}(:[0-9a-f]{0,4}){1,8}$/i.test(key);
  return spelled && parseAddress(key) === undefined && !isGroupPrefix(key);
}
