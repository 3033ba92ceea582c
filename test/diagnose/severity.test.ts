import { randomBytes } from 'node:crypto';
import { beforeAll, describe, expect, it } from 'vitest';
import { diagnose } from '../../src/diagnose/findings/diagnose.ts';
import type { Finding } from '../../src/diagnose/findings/finding.ts';
import { type CertificatePool, makeCertificates } from '../kinds/differential/certificates.ts';
import { credentialsOf } from './credentials.ts';
import { evidenceOf } from './evidence-of.ts';
import { fixtures, type Part } from './fixture.ts';
import { namedFingerprints } from './named-fingerprints.ts';

const now = new Date();
let pool: CertificatePool;

beforeAll(async () => {
  pool = await makeCertificates(now);
});

/** What is found with the base, and these parts of a fixture over it. */
async function found(over: Partial<Part>): Promise<readonly Finding[]> {
  const [some] = fixtures();
  if (some === undefined) throw new Error('there are no fixtures');
  const plain: Part = { ...some.parts.repaired, mainCf: '', certificates: [] };
  const evidence = await evidenceOf(
    { ...plain, ...over },
    (text) => namedFingerprints(text, pool),
    (lines) => credentialsOf(lines, pool, now, (bytes) => randomBytes(bytes)),
    now,
  );
  return diagnose(evidence);
}

function graves(findings: readonly Finding[]): readonly (readonly [string, string])[] {
  return findings.map(({ id, severity }) => [id, severity]);
}

const all = 'smtpd_relay_restrictions = permit_mynetworks, permit_tls_all_clientcerts, defer_unauth_destination\n';

describe('severity of a finding', () => {
  it('hangs for a certificate on what the server goes by', async () => {
    const tables = { '/etc/postfix/relay_clientcerts': '@CERT:serverish:sha256@ serverish.example.com\n' };
    const certificates = ['client.pem pool=serverish'];
    // A listed fingerprint lets it in, whatever the certificate is for.
    expect(graves(await found({ tables, certificates }))).toEqual([['certificate-usage', 'note']]);
    expect(graves(await found({ tables, certificates, mainCf: all }))).toEqual([['certificate-usage', 'error']]);
  });

  it('is higher for a client that never starts TLS than for one that may go without', async () => {
    const may = await found({ clientMainCf: 'smtp_tls_security_level = may\n' });
    const never = await found({ clientMainCf: '- smtp_tls_security_level\n' });
    expect(graves(may)).toEqual([['client-plain-text', 'warning']]);
    expect(graves(never)).toEqual([['client-plain-text', 'error']]);
  });

  it('is less for a service that no session is about', async () => {
    const submission = [
      'smtp inet n - y - - smtpd',
      'submission inet n - y - - smtpd',
      '  -o smtpd_relay_restrictions=permit_sasl_authenticated,reject',
    ].join('\n');
    const [other] = await found({ masterCf: `${submission}\n` });
    expect([other?.id, other?.severity, other?.service]).toEqual(['override-hides-main-cf', 'note', 'submission']);
  });

  it('is the whole table for a texthash table with a key twice', async () => {
    const tables = { '/etc/postfix/relay_clientcerts': '@CERT:good:sha256@ a\n@CERT:good:sha256@ b\n' };
    const mainCf = 'relay_clientcerts = texthash:/etc/postfix/relay_clientcerts\n';
    expect(graves(await found({ tables, mainCf }))).toEqual([['map-duplicate-key', 'error']]);
    expect(graves(await found({ tables }))).toEqual([['map-duplicate-key', 'warning']]);
  });
});

describe('what made a session fail', () => {
  const line = (text: string) => `Nov 22 10:00:00 mx postfix/smtpd[42]: ${text}\n`;
  const log = [
    'connect from client.example.com[203.0.113.9]',
    'client.example.com[203.0.113.9]: Untrusted: subject_CN=good.example.com, issuer=lab authority, fingerprint=@CERT:good:sha256@, pkey_fingerprint=@KEY:good:sha256@',
    'Untrusted TLS connection established from client.example.com[203.0.113.9]: TLSv1.3 with cipher TLS_AES_256_GCM_SHA384 (256/256 bits)',
    'NOQUEUE: reject: RCPT from client.example.com[203.0.113.9]: 454 4.7.1 <someone@outside.example>: Relay access denied; from=<a@client.example.com> to=<someone@outside.example> proto=ESMTP helo=<client.example.com>',
    'disconnect from client.example.com[203.0.113.9]',
  ].map(line);

  it('comes before other errors', async () => {
    const findings = await found({
      mainCf:
        '- smtpd_relay_restrictions\nsmtpd_recipient_restrictions = permit_tls_clientcerts, reject_unauth_destination\n',
      clientMainCf: 'relayhost = [mx.example.com]:465\n',
      log: log.join(''),
    });
    const errors = findings.filter(({ severity }) => severity === 'error');
    expect(errors.map(({ id, decisive }) => [id, decisive === true])).toEqual([
      ['relay-list-default', true],
      ['client-wrapper-mode', false],
    ]);
  });

  it('is that the certificate it showed is not listed', async () => {
    const tables = { '/etc/postfix/relay_clientcerts': '@CERT:rsa:sha256@ good.example.com\n' };
    const [first] = await found({ tables, log: log.join('') });
    expect([first?.id, first?.decisive]).toEqual(['certificate-not-listed', true]);
    expect(first?.why).toContain('line 1 lists another one for that name');
  });
});
