import type { Problem } from '../lib/problem.ts';

/**
 * Reads a value for mynetworks (postconf(5)): networks and addresses, separated by commas or blanks, `!` before
 * those to leave out. Names, files and tables, which Postfix takes too, are refused: what they let in cannot be told from
 * here, and this list is about who relays without any certificate. The result has the elements joined by `, `.
 */
export function readNetworkList(text: string): string | Problem {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what is refused
  if (/[\u0000-\u0008\u000a-\u001f\u007f]/.test(text)) {
    return { code: 'networks-control', message: 'mynetworks holds a line break or another control character' };
  }
  const elements = text.split(/[\s,]+/).filter((element) => element !== '');
  for (const element of elements) {
    const wrong = refuseElement(element.replace(/^!+/, ''));
    if (wrong !== undefined) {
      const [says, hint] = wrong;
      return {
        code: 'networks-element',
        message: `${JSON.stringify(element.slice(0, 80))} ${says}`,
        hint,
      };
    }
  }
  return elements.join(', ');
}

const ipv4Hint = 'write a network such as 192.168.1.0/24, or a single address';
const ipv6Hint = 'write an IPv6 network as [2001:db8::]/32, in brackets';

function refuseElement(element: string): readonly [says: string, hint: string] | undefined {
  const v6 = /^\[([0-9a-f:.]+)(?:\]\/([0-9]{1,3})|\/([0-9]{1,3})\]|\])$/i.exec(element);
  if (v6 !== null) return refuseV6(v6[1] ?? '', v6[2] ?? v6[3]);
  const v4 = /^([0-9]+(?:\.[0-9]+)*)(?:\/([0-9]{1,3}))?$/.exec(element);
  if (v4 !== null) return refuseV4(v4[1] ?? '', v4[2]);
  if (/^[0-9.]+\/[0-9.]+$/.test(element)) return ['has a netmask, which Postfix does not take', ipv4Hint];
  if (/^[0-9a-f]*:[0-9a-f:.]*(?:\/[0-9]+)?$/i.test(element)) {
    return ['is an IPv6 address without brackets, which Postfix takes for a table', ipv6Hint];
  }
  return ['is no network', `${ipv4Hint}; host names, files and tables are not taken here`];
}

type Refusal = ReturnType<typeof refuseElement>;

function refuseV4(address: string, length: string | undefined): Refusal {
  const octets = address.split('.');
  if (octets.length !== 4 || octets.some((octet) => !/^(?:0|[1-9][0-9]{0,2})$/.test(octet) || Number(octet) > 255)) {
    return ['is no IPv4 address', ipv4Hint];
  }
  const bits = octets.map((octet) => Number(octet).toString(2).padStart(8, '0')).join('');
  return refuseBits(bits, length, ipv4Hint);
}

function refuseV6(address: string, length: string | undefined): Refusal {
  const bits = bitsOfV6(address);
  return bits === undefined ? ['is no IPv6 address', ipv6Hint] : refuseBits(bits, length, ipv6Hint);
}

function refuseBits(bits: string, length: string | undefined, hint: string): Refusal {
  if (length === undefined) return undefined;
  const prefix = Number(length);
  if (prefix > bits.length) return [`has a prefix length above ${bits.length}`, hint];
  if (prefix === 0) return ['is the whole Internet: an open relay', hint];
  // Postfix does not mask them off: the whole list becomes a lookup failure (cidr_match(3)).
  if (bits.slice(prefix).includes('1')) return ['has bits set beyond its prefix length, which Postfix refuses', hint];
  return undefined;
}

/** The 128 bits of an IPv6 address (RFC 4291 section 2.2), or nothing when it is none. */
function bitsOfV6(address: string): string | undefined {
  const dotted = /^(.*:)([0-9]+(?:\.[0-9]+){3})$/.exec(address);
  if (dotted !== null) {
    const octets = (dotted[2] ?? '').split('.');
    if (octets.some((octet) => !/^(?:0|[1-9][0-9]{0,2})$/.test(octet) || Number(octet) > 255)) return undefined;
    const [a = 0, b = 0, c = 0, d = 0] = octets.map(Number);
    return bitsOfV6(`${dotted[1]}${(a * 256 + b).toString(16)}:${(c * 256 + d).toString(16)}`);
  }
  const halves = address.split('::');
  if (halves.length > 2) return undefined;
  const [head = [], tail = []] = halves.map((half) => (half === '' ? [] : half.split(':')));
  const missing = 8 - head.length - tail.length;
  if (halves.length === 2 ? missing < 1 : missing !== 0) return undefined;
  const groups = [...head, ...Array.from({ length: missing }, () => '0'), ...tail];
  if (groups.some((group) => !/^[0-9a-f]{1,4}$/i.test(group))) return undefined;
  return groups.map((group) => Number.parseInt(group, 16).toString(2).padStart(16, '0')).join('');
}
