import { usage } from '../../lib/problem.ts';
import { isBefore } from '../settings/postfix-version.ts';
import { type Base, listOf } from './base.ts';
import { masterEntry } from './master-entry.ts';
import type { Assignment, ServiceView } from './view.ts';

export interface OwnTransport {
  readonly set: readonly Assignment[];
  readonly reason: readonly string[];
  readonly services: readonly ServiceView[];
}

const name = 'certrelay';
const plain = 'smtp';

/** True when the host also delivers directly, so that a global certificate would be shown to strangers. */
export function deliversDirectly(base: Base | undefined): boolean {
  if (base === undefined) return false;
  return ['transport_maps', 'sender_dependent_relayhost_maps', 'sender_dependent_default_transport_maps'].some(
    (parameter) => base.get(parameter) !== '',
  );
}

/**
 * A transport beside the host's own `smtp` that alone shows the certificate; its TLS settings are `-o` of its entry
 * in master.cf, and default_transport sends to it what no table of the host sends elsewhere. Senders with a relay
 * host of their own keep the plain transport: an SMTP client shows one certificate to every server it talks to.
 */
export function ownTransport(version: string, base: Base | undefined, settings: readonly Assignment[]): OwnTransport {
  return {
    set: [{ name: 'default_transport', value: name }, ...(base === undefined ? [] : senderTransport(version, base))],
    reason: deliversDirectly(base)
      ? [
          'This host also delivers directly. Its certificate is for the relay server alone, so',
          'mail goes there through a transport of its own, whose entry in master.cf has the rest.',
        ]
      : [
          'The certificate is for the relay server alone: mail goes there through a transport of',
          'its own, whose entry in master.cf has the rest.',
        ],
    services: [
      masterEntry(
        {
          name,
          type: 'unix',
          program: 'smtp',
          reason: ["The transport that alone shows this host's client certificate."],
        },
        settings,
      ),
    ],
  };
}

function senderTransport(version: string, base: Base): readonly Assignment[] {
  const parameter = 'sender_dependent_default_transport_maps';
  const tables = listOf(base, 'sender_dependent_relayhost_maps');
  if (tables.length === 0) return [];
  const value = tables.map((table) => `pipemap:{${table},static:${plain}}`).join(', ');
  const present = listOf(base, parameter).join(', ');
  if (isBefore(version, '3.0') || (present !== '' && present !== value)) {
    throw usage(
      'sender-relayhosts',
      'the host chooses relay hosts by sender, and certrelay cannot keep its certificate from them here',
      `send those senders through the smtp transport with ${parameter}, and take sender_dependent_relayhost_maps out`,
    );
  }
  return [{ name: parameter, value }];
}
