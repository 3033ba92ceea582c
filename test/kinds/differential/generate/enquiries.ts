import type { Draw } from './draw.ts';
import { domainList, networks } from './places.ts';
import { type Setting, Settings } from './setting.ts';
import type { Tables } from './tables.ts';
import { dnsLists, domains } from './words.ts';

/** What decides how the answers of DNS lists, probes, policy services and enquiries become replies. */
export function enquiries(draw: Draw, tables: Tables): Setting[] {
  const settings = new Settings(draw);
  const yesOrNo = () => draw.one(['yes', 'no'] as const);
  settings.add(25, 'maps_rbl_domains', () =>
    draw.several(1, 2, () => draw.one(dnsLists)).join(draw.one([', ', ' '] as const)),
  );
  settings.add(12, 'rbl_reply_maps', () => tables.map('list', replies));
  settings.add(8, 'default_rbl_reply', () => draw.one(replies));
  settings.add(5, 'maps_rbl_reject_code', () => draw.one(['450', '554', '521', '550'] as const));
  settings.add(5, 'smtpd_expansion_filter', () =>
    draw.one(['abcdefghijklmnopqrstuvwxyz.', '\\40\\60-\\71', ''] as const),
  );
  settings.add(14, 'permit_mx_backup_networks', () => networks(draw, tables));
  for (const party of ['sender', 'recipient'] as const) {
    settings.add(6, `unverified_${party}_reject_code`, () => draw.one(['550', '450', '250', '521'] as const));
    settings.add(6, `unverified_${party}_defer_code`, () => draw.one(['450', '250', '550', '421'] as const));
    settings.add(6, `unverified_${party}_reject_reason`, () => draw.one(['no such address', '<x> is "bad"'] as const));
    settings.add(6, `unverified_${party}_tempfail_action`, () => draw.one(tempfail));
  }
  settings.add(6, 'unknown_address_tempfail_action', () => draw.one(tempfail));
  settings.add(6, 'unknown_helo_hostname_tempfail_action', () => draw.one(tempfail));
  settings.add(7, 'smtpd_policy_service_default_action', () =>
    draw.one(['DUNNO', 'OK', 'REJECT 5.7.9 no policy', 'DEFER_IF_PERMIT later', '450 4.3.5 busy', 'nonsense'] as const),
  );
  settings.add(12, 'fast_flush_domains', () => domainList(draw, tables));
  settings.add(8, 'disable_vrfy_command', yesOrNo);
  settings.add(5, 'inet_protocols', () => draw.one(['all', 'ipv4, ipv6'] as const));
  settings.add(6, 'smtpd_reject_footer_maps', () => tables.map('reply', footers));
  settings.add(6, 'smtpd_reject_filter_maps', () => tables.map('reply', filtered));
  settings.add(6, 'address_verify_sender', () => draw.one(['<>', 'double-bounce', `probe@${domains[0]}`] as const));
  settings.add(6, 'smtpd_forbid_unauth_pipelining', yesOrNo);
  return settings.all;
}

const tempfail = ['defer_if_permit', 'defer', 'defer_if_reject', 'reject', 'permit', 'nonsense'] as const;

/** Templates of replies about DNS lists. */
const replies = [
  '$rbl_code 5.7.1 $rbl_class [$rbl_what] blocked by $rbl_domain$${rbl_reason?; $rbl_reason}',
  '$$rbl_code Service unavailable; $$rbl_class [$$rbl_what] blocked using $$rbl_domain$${rbl_reason?; $$rbl_reason}',
  // biome-ignore lint/suspicious/noTemplateCurlyInString: a reply template writes its conditions like this
  '$rbl_code Service unavailable; $rbl_class [$rbl_what] blocked using $rbl_domain${rbl_reason?; $rbl_reason}',
  '550 5.7.1 no',
  '450 4.7.1 later, $client_name',
  '$rbl_code 5.1.8 $rbl_txt',
  '521 go away',
  'no code at all',
  '250 fine',
  '$rbl_code',
  '554 $nonsense',
] as const;

const footers = ['call 555', '\\c; call $client_address', 'one\\ntwo', '', '${x'] as const;

const filtered = [
  '550 5.9.9 filtered',
  '450 4.9.9 filtered $client_name',
  '421 4.7.0 off',
  '521 5.7.0 off',
  '250 2.0.0 nonsense',
  '550',
  '550 no status',
  'nonsense',
  '451 5.7.1 odd',
  '599 5.1.1 odd',
  '550 4.1.1 odd',
] as const;
