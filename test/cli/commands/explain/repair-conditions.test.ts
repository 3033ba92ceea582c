import { describe, expect, it } from 'vitest';
import { workbench } from './workbench.ts';

const fingerprint = Array.from({ length: 32 }, () => 'AB').join(':');

/** A server whose recipient list means to let a client in, behind an element of which nobody can say what it answers. */
function mainCf(element: string): string {
  return `compatibility_level = 3.6
mydestination = localhost
myhostname = mx.example.com
mynetworks = 127.0.0.0/8
relay_clientcerts = hash:/etc/postfix/relay_clientcerts
smtpd_recipient_restrictions = ${element}, permit_mynetworks, permit_tls_clientcerts, reject_unauth_destination
smtpd_tls_ask_ccert = yes
smtpd_tls_cert_file = /etc/postfix/mx.pem
smtpd_tls_fingerprint_digest = sha256
smtpd_tls_loglevel = 1
smtpd_tls_security_level = may
`;
}

async function explained(element: string) {
  const bench = workbench({ 'main.cf': mainCf(element), relay_clientcerts: `${fingerprint} client.example.com\n` });
  return bench.explain(['main.cf', 'relay_clientcerts'], { postfix: '3.7' });
}

describe('a repair whose proof hangs on what is not in any file', () => {
  it.each([
    ['check_policy_service inet:127.0.0.1:10023', 'the policy service inet:127.0.0.1:10023 lets it pass'],
    ['check_policy_service { unix:private/spf, timeout=5s }', 'the policy service unix:private/spf lets it pass'],
    ['check_client_access mysql:/etc/postfix/access.cf', 'mysql:/etc/postfix/access.cf lists nothing about it'],
    ['reject_unknown_sender_domain', 'DNS has nothing against it'],
  ])('is offered behind %s, with what it hangs on', async (element, condition) => {
    const { code, out } = await explained(element);
    expect(code).toBe(5);
    expect(out).toContain(
      "postconf -e 'smtpd_relay_restrictions = permit_mynetworks, permit_sasl_authenticated, permit_tls_clientcerts, defer_unauth_destination'",
    );
    expect(out).toContain(`proved: if ${condition}, `);
    expect(out).toContain('gets 250 2.1.5');
  });

  it('names no condition where nothing hangs on one', async () => {
    const { out } = await explained('permit_sasl_authenticated');
    expect(out).toMatch(/proved: (?!if)/);
    expect(out).not.toContain('lets it pass');
  });

  it('is not offered where such an element refuses a client whatever it is', async () => {
    const { out } = await explained('reject_unauth_destination, check_policy_service inet:127.0.0.1:10023');
    expect(out).toMatch(/smtpd_recipient_restrictions = .*permit_tls_clientcerts.*reject_unauth_destination/);
  });
});
