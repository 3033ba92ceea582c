import { describe, expect, it } from 'vitest';
import { exposure } from '../../src/diagnose/repair/exposure.ts';
import type { ConfigSources } from '../../src/policy/postfix/config.ts';
import { workbench } from '../cli/commands/explain/workbench.ts';

const fingerprint = Array.from({ length: 32 }, () => 'AB').join(':');

function mainCf(list: string): string {
  return `compatibility_level = 3.6
mydestination = localhost
myhostname = mx.example.com
mynetworks = 127.0.0.0/8
relay_clientcerts = hash:/etc/postfix/relay_clientcerts
smtpd_recipient_restrictions = ${list}
smtpd_tls_ask_ccert = yes
smtpd_tls_cert_file = /etc/postfix/mx.pem
smtpd_tls_fingerprint_digest = sha256
smtpd_tls_loglevel = 1
smtpd_tls_security_level = may
`;
}

const map = { '/etc/postfix/relay_clientcerts': `${fingerprint} client.example.com\n` };
const list = 'permit_mynetworks, permit_tls_clientcerts, reject_unauth_destination';
const before: ConfigSources = { version: '3.7', mainCf: mainCf(list), tables: map };
const relay = 'permit_mynetworks, permit_tls_clientcerts, defer_unauth_destination';
const after: ConfigSources = { ...before, mainCf: `${mainCf(list)}smtpd_relay_restrictions = ${relay}\n` };

const tables = (count: number) =>
  Array.from({ length: count }, (_, index) => `check_sender_access hash:/etc/postfix/t${index}`).join(', ');

describe('whom a repair lets in', () => {
  it('is known where every way was followed', () => {
    expect(exposure(before, after, [])).toMatchObject({ letsIn: [], complete: true });
  });

  it('is not known where there are more ways than are followed', () => {
    const { complete, how } = exposure(before, after, [], 1);
    expect(complete).toBe(false);
    expect(how).toMatch(/^the first 1 ways through both configurations followed, which are not all/);
  });

  it('is not known where more tables were not given than are looked at', () => {
    const many = (text: string) => text.replace(list, `${tables(14)}, ${list}`);
    const [old, now] = [before, after].map((each) => ({ ...each, mainCf: many(String(each.mainCf)) }));
    if (old === undefined || now === undefined) throw new Error('there are two');
    const { complete, how } = exposure(old, now, []);
    expect(complete).toBe(false);
    expect(how).toMatch(/; not looked at: what 2 more tables list that were not given$/);
  });

  it('is not known where the server does not start', () => {
    const dead = { ...before, mainCf: `${mainCf('permit_mynetworks')}smtpd_relay_restrictions = permit_mynetworks\n` };
    expect(exposure(dead, after, []).complete).toBe(false);
  });
});

it.each([
  [3, 'proved: '],
  [14, 'shown, not proved: '],
])('a repair of a server with %d tables that were not given is %s', async (count, words) => {
  const bench = workbench({
    'main.cf': mainCf(`permit_mynetworks, permit_tls_clientcerts, ${tables(count)}, reject_unauth_destination`),
    relay_clientcerts: `${fingerprint} client.example.com\n`,
  });
  const { out } = await bench.explain(['main.cf', 'relay_clientcerts'], { postfix: '3.7' });
  expect(out).toContain(`     ${words}`);
  expect(out.includes('lets in nobody else')).toBe(count === 3);
});
