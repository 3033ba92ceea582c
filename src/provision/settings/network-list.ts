import { maskAddress, parseAddress } from '../../lib/ip.ts';
import type { Problem } from '../../lib/problem.ts';

/**
 * Reads a value for mynetworks (postconf(5)): networks and addresses, separated by commas or blanks, `!` before
 * those to leave out. Names, files and tables, which Postfix takes too, are refused: what they let in cannot be told from
 * here, and this list is about who relays without any certificate. The result has the elements joined by `, `.
 */
export function readNetworkList(text: string): string | Problem {
  if (/(?!\t)\p{Cc}/u.test(text)) {
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

/** Registries gave out no larger blocks (RFC 7020). */
const widest = { 4: 8, 6: 16 } as const;

const ipv4Hint = 'write a network such as 192.168.1.0/24, or a single address';
const ipv6Hint = 'write an IPv6 network as [2001:db8::]/32, in brackets';

type Refusal = readonly [says: string, hint: string] | undefined;

function refuseElement(element: string): Refusal {
  const v6 = /^\[([^\]/]*)(?:\]\/([0-9]{1,3})|\/([0-9]{1,3})\]|\])$/.exec(element);
  if (v6 !== null) return refuseNetwork(v6[1] ?? '', v6[2] ?? v6[3], ipv6Hint);
  const v4 = /^([0-9]+(?:\.[0-9]+)*)(?:\/([0-9]{1,3}))?$/.exec(element);
  if (v4 !== null) return refuseNetwork(v4[1] ?? '', v4[2], ipv4Hint);
  if (/^[0-9.]+\/[0-9.]+$/.test(element)) return ['has a netmask, which Postfix does not take', ipv4Hint];
  if (/^[0-9a-f]*:[0-9a-f:.]*(?:\/[0-9]+)?$/i.test(element)) {
    return ['is an IPv6 address without brackets, which Postfix takes for a table', ipv6Hint];
  }
  return ['is no network', `${ipv4Hint}; host names, files and tables are not taken here`];
}

function refuseNetwork(text: string, length: string | undefined, hint: string): Refusal {
  const address = parseAddress(text);
  if (address === undefined) return ['is no address', hint];
  if (length === undefined) return undefined;
  const longest = address.family === 4 ? 32 : 128;
  const prefix = Number(length);
  if (prefix > longest) return [`has a prefix length above ${longest}`, hint];
  if (prefix === 0) return ['is the whole Internet: an open relay', hint];
  if (prefix < widest[address.family]) return ['is a large part of the Internet, and nobody owns that much', hint];
  // Postfix does not mask them off: the whole list becomes a lookup failure (cidr_match(3)).
  if (maskAddress(address, prefix).key !== address.key) {
    return ['has bits set beyond its prefix length, which Postfix refuses', hint];
  }
  return undefined;
}
