import { parseAddress } from '../../../lib/ip.ts';
import type { PostfixConfig } from '../../postfix/config.ts';
import type { Trail } from './trail.ts';

/** The address in `[a.b.c.d]` or `[IPv6:…]`, canonical; undefined when it is no address literal (RFC 5321, 4.1.3). */
export function literalAddress(literal: string): string | undefined {
  if (!literal.startsWith('[') || !literal.endsWith(']')) return undefined;
  return mailHostAddress(literal.slice(1, -1));
}

/** An address as mail knows it: IPv6 only with its tag. */
export function mailHostAddress(text: string): string | undefined {
  if (/^ipv6:/i.test(text)) {
    const inner = text.slice(5);
    return inner.includes(':') ? parseAddress(inner)?.text : undefined;
  }
  return text.includes(':') ? undefined : parseAddress(text)?.text;
}

/** Whether a text is `[a.b.c.d]` or `[IPv6:…]` with an address inside. */
export function validAddressLiteral(literal: string): boolean {
  return literalAddress(literal) !== undefined;
}

const loopback = ['127.0.0.1', '::1'];

/**
 * True when an address literal names this server: one of the addresses that inet_interfaces or proxy_interfaces
 * name. Which addresses `all` stands for is not in the configuration.
 */
export function isOwnAddress(config: PostfixConfig, domain: string, trail: Trail): boolean {
  const address = literalAddress(domain);
  return address !== undefined && isInterface(config, address, trail);
}

/** As above, for an address without brackets; permit_inet_interfaces knows nothing of proxies. */
export function isInterface(
  config: PostfixConfig,
  address: string,
  trail: Trail,
  parameters: readonly string[] = ['inet_interfaces', 'proxy_interfaces'],
): boolean {
  for (const parameter of parameters) {
    for (const word of config.get(parameter).split(/[\s,]+/)) {
      const name = word.toLowerCase();
      if (name === 'all' || name === 'loopback-only' || name === 'localhost') {
        if (loopback.includes(address)) return true;
        if (name === 'all' && trail.suppose(`own address ${address}`, [false, true])) return true;
      } else if (name !== '') {
        const given = parseAddress(name.replace(/^\[(.*)\]$/, '$1'))?.text;
        if (given === address) return true;
        // A host name stands for addresses that only its DNS knows.
        if (given === undefined && trail.suppose(`own address ${address}`, [false, true])) return true;
      }
    }
  }
  return false;
}

/** The addresses that can be told to be this server's, or not: loopback, and what the configuration writes out. */
export function interfaceWords(config: PostfixConfig): readonly string[] {
  const words = ['inet_interfaces', 'proxy_interfaces'].flatMap((name) => config.get(name).split(/[\s,]+/));
  return [...loopback, ...words.map((word) => word.replace(/^\[(.*)\]$/, '$1'))];
}
