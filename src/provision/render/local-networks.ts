import { CertrelayError } from '../../lib/problem.ts';
import { readNetworkList } from '../settings/network-list.ts';
import { isBefore } from '../settings/postfix-version.ts';
import type { Base } from './base.ts';
import type { Assignment } from './view.ts';

export interface LocalNetworks {
  readonly set: readonly Assignment[];
  readonly reason: readonly string[];
  /** True when a mynetworks of the host's own is to stay. */
  readonly unlessSet: boolean;
}

const loopback = '127.0.0.0/8, [::1]/128';

/**
 * mynetworks, where somebody asked for it or where its default would let every neighbour on the server's networks
 * relay without a certificate: up to 2.11, and later below compatibility level 2, `mynetworks_style` is `subnet`.
 */
export function localNetworks(wanted: string | undefined, version: string, base: Base | undefined): LocalNetworks {
  if (wanted !== undefined) {
    const list = readNetworkList(wanted);
    if (typeof list !== 'string') throw new CertrelayError('usage', list);
    return {
      set: [{ name: 'mynetworks', value: list }],
      reason: ['Networks that relay without a certificate.'],
      unlessSet: false,
    };
  }
  const open =
    base === undefined
      ? isBefore(version, '3.0')
      : !base.isSet('mynetworks') && base.get('mynetworks_style').toLowerCase() !== 'host';
  if (!open) return { set: [], reason: [], unlessSet: false };
  return {
    set: [{ name: 'mynetworks', value: loopback }],
    reason: [
      'Left unset, it would be every network this host is attached to, and each machine',
      'there could relay without a certificate. install.sh keeps a value the host has.',
    ],
    unlessSet: true,
  };
}
