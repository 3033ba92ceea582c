import type { Problem } from '../../lib/problem.ts';

/**
 * Defaults a program works out when it starts, from facts of the host that no file holds (postconf(5): myhostname,
 * mydomain, mynetworks). What cannot be known is assumed, and the assumption is said.
 */
export interface HostDefaults {
  readonly myhostname: string;
  readonly mydomain: string;
}

const unknownHost = 'localhost';
const unknownDomain = 'localdomain';

/** Host name and domain: each from the other, as Postfix does; `localhost.localdomain` when neither is set. */
export function hostDefaults(set: { readonly myhostname?: string; readonly mydomain?: string }): HostDefaults {
  const domain = set.mydomain ?? (set.myhostname === undefined ? unknownDomain : domainOf(set.myhostname));
  return { myhostname: set.myhostname ?? `${unknownHost}.${domain}`, mydomain: domain };
}

function domainOf(hostName: string): string {
  const dot = hostName.indexOf('.');
  return dot < 0 ? unknownDomain : hostName.slice(dot + 1);
}

/** The part of the default mynetworks that every host has: its loopback networks. */
export function loopbackNetworks(style: string, protocols: string): string {
  const whole = style === 'host' ? ['127.0.0.1/32', '[::1]/128'] : ['127.0.0.0/8', '[::1]/128'];
  const [v4, v6] = whole;
  const words = protocols.toLowerCase().split(/[\s,]+/);
  const any = words.includes('all') || !words.some((word) => word === 'ipv4' || word === 'ipv6');
  return [any || words.includes('ipv4') ? v4 : '', any || words.includes('ipv6') ? v6 : ''].filter(Boolean).join(' ');
}

/** True when the default mynetworks holds networks of interfaces that only the host knows. */
export function knowsNotAllNetworks(style: string, interfaces: string): boolean {
  if (style === 'host') return false;
  const words = interfaces
    .toLowerCase()
    .split(/[\s,]+/)
    .filter(Boolean);
  const loopback = new Set(['loopback-only', 'localhost', '127.0.0.1', '::1', '[::1]']);
  return !words.every((word) => loopback.has(word));
}

/** What is said where a configuration leaves the name of its host to the host. */
export function hostNameAssumption(name: string): Problem {
  return {
    code: 'host-name-assumed',
    message: `myhostname is not set; "${name}" is assumed`,
    hint: 'set myhostname to the name of the host',
  };
}

/** What is said where mynetworks is worked out from interfaces (postconf(5), mynetworks_style). */
export function networksAssumption(style: string): Problem {
  return {
    code: 'networks-unknown',
    message: `mynetworks is not set; mynetworks_style "${style}" adds networks of the host's interfaces, which are not known`,
    hint: 'set mynetworks',
  };
}
