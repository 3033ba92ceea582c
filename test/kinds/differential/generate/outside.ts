import { policyServices } from '../stand-ins.ts';
import type { Draw } from './draw.ts';
import type { Tables } from './tables.ts';
import { dnsLists } from './words.ts';

const domains = [
  'reject_unknown_sender_domain',
  'reject_unknown_recipient_domain',
  'reject_unknown_helo_hostname',
  'reject_unknown_hostname',
  'reject_unknown_address',
] as const;

const addressLists = ['reject_rbl_client', 'reject_rbl_client', 'reject_rbl', 'permit_dnswl_client'] as const;
const nameLists = [
  'reject_rhsbl_client',
  'reject_rhsbl_reverse_client',
  'reject_rhsbl_helo',
  'reject_rhsbl_sender',
  'reject_rhsbl_recipient',
  'permit_rhswl_client',
] as const;

/** An element of a list for which the server asks somebody else. */
export function outside(draw: Draw, tables: Tables): string {
  return draw.weighted<string>([
    [4, () => draw.cased(draw.one(domains))],
    [4, () => `${draw.cased(draw.one(addressLists))} ${list(draw)}`],
    [3, () => `${draw.cased(draw.one(nameLists))} ${list(draw)}`],
    [1, () => 'reject_maps_rbl'],
    [5, () => `${draw.cased(serverCheck(draw))} ${tables.access('server')}`],
    [2, () => draw.cased('permit_mx_backup')],
    [3, () => draw.cased(draw.one(['reject_unverified_sender', 'reject_unverified_recipient'] as const))],
    [3, () => `${draw.cased('check_policy_service')} ${service(draw)}`],
  ]);
}

function serverCheck(draw: Draw): string {
  const party = draw.one(['client', 'reverse_client_hostname', 'helo', 'sender', 'sender', 'recipient'] as const);
  return `check_${party}_${draw.one(['mx', 'mx', 'ns', 'a'] as const)}_access`;
}

/** A DNS list, sometimes with the answers that count. */
function list(draw: Draw): string {
  const domain = draw.one(dnsLists);
  return draw.weighted<string>([
    [10, () => domain],
    [
      6,
      () =>
        `${domain}=${draw.one([
          '127.0.0.2',
          '127.0.0.[2..4]',
          '127.0.0.[1;3;10..20]',
          '127.0.[0..1].2',
          '[127.0.0.2]',
          '127.[0].0.[4]',
        ] as const)}`,
    ],
    [
      draw.chance(15) ? 4 : 0,
      () =>
        `${domain}=${draw.one(['', '127.0.0', '127.0.0.[4..2]', '127.0.0.256', '127.0.0.x', '127.0.0.2 '] as const)}`,
    ],
  ]);
}

function service(draw: Draw): string {
  const endpoint = draw.one(policyServices);
  return draw.weighted<string>([
    [8, () => endpoint],
    [2, () => `{ ${endpoint} }`],
    [1, () => `{ ${endpoint}, default_action = ${draw.one(['DUNNO', 'REJECT', 'OK'] as const)} }`],
    [1, () => `{ ${endpoint}, timeout=10s, { default_action = DEFER later } }`],
    [1, () => `{ ${endpoint}, { policy_context = lab } }`],
  ]);
}
