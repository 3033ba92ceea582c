import { describe, expect, it } from 'vitest';
import { readConfig } from '../../../src/policy/postfix/read-config.ts';

const fatal = (mainCf: Record<string, string>, version = '3.7.11', tables: Record<string, string> = {}) =>
  readConfig({ version, mainCf: { compatibility_level: '3.6', ...mainCf }, tables }).fatal;

// Each line was logged by smtpd of Postfix 3.7.11, started with that setting.
describe('what smtpd dies of while it starts', () => {
  it.each([
    ['myhostname', '', 'bad string length 0 < 1: myhostname = '],
    ['smtpd_banner', '', 'bad string length 0 < 1: smtpd_banner = '],
    ['default_rbl_reply', '', 'bad string length (0 < 1): default_rbl_reply = '],
    ['access_map_reject_code', '1x', 'bad numerical configuration: access_map_reject_code = 1x'],
    ['smtpd_recipient_limit', '5000000000', 'bad numerical configuration: smtpd_recipient_limit = 5000000000'],
    ['smtpd_recipient_limit', '0', 'invalid smtpd_recipient_limit parameter value 0 < 1'],
    ['unverified_sender_defer_code', '500', 'invalid unverified_sender_defer_code parameter value 500 > 499'],
    ['message_size_limit', 'x', 'bad numerical configuration: message_size_limit = x'],
    ['smtpd_delay_reject', 'maybe', 'bad boolean configuration: smtpd_delay_reject = maybe'],
    ['smtpd_delay_reject', '', 'bad boolean configuration: smtpd_delay_reject = '],
    ['smtpd_timeout', '5q', 'parameter smtpd_timeout: bad time value or unit: 5q'],
    ['smtpd_timeout', '', 'parameter smtpd_timeout: bad time value or unit: '],
    ['smtpd_timeout', '-1', 'parameter smtpd_timeout: bad time value or unit: -1'],
    ['smtpd_timeout', '99999999999', 'parameter smtpd_timeout: bad time value or unit: 99999999999'],
    ['smtpd_timeout', '0', 'invalid smtpd_timeout: 0 (min 1)'],
    ['compatibility_level', 'x', 'malformed compatibility level syntax: "x"'],
    ['mynetworks', '::1/128', 'open dictionary: expecting "type:name" form instead of "::1/128"'],
    ['mynetworks', '!', "smtpd_client_event_limit_exceptions: no pattern after '!'"],
    ['mynetworks', '$', 'dictionary mail_dict: macro processing error'],
    ['mynetworks', '$mynetworks', 'dictionary mail_dict: macro processing error'],
  ])('%s = %s', (name, value, expected) => {
    expect(fatal({ [name]: value })).toBe(expected);
  });

  it.each([
    ['access_map_reject_code', '-1'],
    ['access_map_reject_code', ' 5 '],
    ['smtpd_delay_reject', ' YES'],
    ['relay_clientcerts', 'hash:/nonexistent'],
    ['relay_clientcerts', 'inline:{'],
    ['relay_clientcerts', 'static:{a'],
    ['relay_domains', 'foo:bar'],
    ['relay_domains', '#x y'],
    ['mynetworks', '/nonexistent'],
    ['mynetworks', '127.0.0.1/8'],
    ['some_name_of_my_own', '$'],
    ['smtp_bind_address', '$'],
    ['smtp_destination_rate_delay', 'never'],
  ])('%s = %s is survived', (name, value) => {
    expect(fatal({ [name]: value })).toBeUndefined();
  });

  it('takes levels as each release does', () => {
    expect(fatal({ compatibility_level: '3.6' }, '3.5.10')).toBe(
      'bad numerical configuration: compatibility_level = 3.6',
    );
    expect(readConfig({ version: '3.5.11', mainCf: { compatibility_level: '3.6' } }).compatibilityLevel).toEqual([
      3, 0, 0,
    ]);
    expect(readConfig({ version: '3.6', mainCf: { compatibility_level: '3.10.1' } }).compatibilityLevel).toEqual([
      3, 10, 1,
    ]);
    expect(fatal({ compatibility_level: 'anything' }, '2.11')).toBeUndefined();
  });

  const tableFatal = (
    spec: string,
    version = '3.7.11',
    mainCf: Record<string, string> = {},
    tables: Record<string, string> = {},
  ) =>
    readConfig({ version, mainCf: { relay_clientcerts: spec, ...mainCf }, tables }).tables('relay_clientcerts')[0]
      ?.fatal;

  it.each([
    ['foo', 'open dictionary: expecting "type:name" form instead of "foo"'],
    ['hash:', 'open dictionary: expecting "type:name" form instead of "hash:"'],
    ['proxy:hash:/x', 'proxymap service is not configured for table "hash:/x"'],
    ['hash:/nonexistent', undefined],
    ['foo:bar', undefined],
    ['inline:{', undefined],
  ])('table %s: %s', (spec, expected) => {
    expect(tableFatal(spec)).toBe(expected);
  });

  it('serves by proxy what proxy_read_maps names, and nothing else', () => {
    const settings = { proxy_read_maps: '$relay_clientcerts' };
    expect(tableFatal('proxy:hash:/x', '3.7.11', settings)).toBeUndefined();
    const config = readConfig({
      version: '3.7',
      mainCf: { smtpd_client_restrictions: 'check_client_access proxy:hash:/x' },
    });
    expect(config.table('proxy:hash:/x').fatal).toBeUndefined();
  });

  it('dies of a texthash with two equal keys up to 2.11, and cannot use it later', () => {
    const tables = { '/t': 'A x\na y\n' };
    expect(tableFatal('texthash:/t', '2.10', {}, tables)).toBe('/t, line 2: duplicate entry: "a"');
    expect(tableFatal('texthash:/t', '3.7', {}, tables)).toBeUndefined();
  });

  it('dies of a missing table when told so', () => {
    const settings = { daemon_table_open_error_is_fatal: 'yes' };
    expect(tableFatal('hash:/t', '3.7', settings)).toBe('open database /t.db: No such file or directory');
  });
});
