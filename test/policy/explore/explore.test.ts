import { describe, expect, it } from 'vitest';
import { explore } from '../../../src/policy/explore/explore.ts';
import { compile, configure } from '../../../src/policy/policy.ts';

const fingerprint = '12:34:56:78:9A:BC:DE:F0:12:34:56:78:9A:BC:DE:F0:12:34:56:78';

function ways(mainCf: Readonly<Record<string, string>>) {
  const config = configure({
    version: '3.7',
    mainCf: { mynetworks: '127.0.0.0/8 [::1]/128', mydestination: 'lab.test', relay_domains: '', ...mainCf },
    tables: {},
  });
  const { paths } = explore([compile(config)], { recipients: 'remote', limit: 10_000 });
  return paths.map(({ outcomes, conditions, witness }) => ({
    verdict: outcomes[0]?.verdict,
    conditions: Object.fromEntries(conditions.map(({ line, words }) => [line, words])),
    confirmed: witness.confirmed[0],
  }));
}

describe('who can relay', () => {
  it('by network, login and listed certificate, and nobody else', () => {
    const found = ways({
      smtpd_tls_security_level: 'may',
      smtpd_tls_ask_ccert: 'yes',
      smtpd_tls_cert_file: '/server.pem',
      smtpd_sasl_auth_enable: 'yes',
      smtpd_tls_fingerprint_digest: 'sha1',
      relay_clientcerts: `inline:{ ${fingerprint}=client }`,
      smtpd_relay_restrictions:
        'permit_mynetworks, permit_sasl_authenticated, permit_tls_clientcerts, reject_unauth_destination',
    });
    const permitted = found.filter(({ verdict }) => verdict === 'permit').map(({ conditions }) => conditions);
    expect(
      permitted.map((each) => each['client address']).filter((words) => words === '127.0.0.0/8, ::1'),
    ).toHaveLength(1);
    expect(permitted.some((each) => each.login === 'any login')).toBe(true);
    expect(permitted.some((each) => each.certificate?.startsWith(`certificate ${fingerprint}`))).toBe(true);
    expect(found.map(({ confirmed }) => confirmed)).toEqual(found.map(() => 'simulated'));
  });
});
