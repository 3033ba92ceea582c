import { randomBytes } from 'node:crypto';
import { beforeAll, describe, expect, it } from 'vitest';
import { issueAuthority } from '../../../../src/provision/pki/authority.ts';
import { issue } from '../../../../src/provision/pki/issue.ts';
import { profiles } from '../../../../src/provision/pki/profiles.ts';
import { inspect } from '../../../../src/x509/inspect.ts';
import { workbench } from './workbench.ts';

const now = new Date('2026-11-20T12:00:00Z');
const random = (bytes: number): Uint8Array => randomBytes(bytes);

const mainCf = `compatibility_level = 3.6
myhostname = mx.example.com
mydestination = example.com
mynetworks = 127.0.0.0/8
relay_clientcerts = hash:/etc/postfix/relay_clientcerts
smtpd_relay_restrictions = permit_tls_clientcerts, defer_unauth_destination
smtpd_tls_CAfile = /etc/postfix/ca.pem
smtpd_tls_ask_ccert = yes
smtpd_tls_cert_file = /etc/postfix/mx.pem
smtpd_tls_key_file = /etc/postfix/mx.key
smtpd_tls_loglevel = 1
smtpd_tls_security_level = may
`;

// At log level 1 a server tells trust and no fingerprint.
const client = 'client.example.com[192.0.2.1]';
const log = [
  `connect from ${client}`,
  `Trusted TLS connection established from ${client}: TLSv1.3 with cipher TLS_AES_256_GCM_SHA384 (256/256 bits)`,
  `NOQUEUE: reject: RCPT from ${client}: 454 4.7.1 <a@outside.org>: Relay access denied; from=<root@client.example.com> to=<a@outside.org> proto=ESMTP helo=<client.example.com>`,
  `disconnect from ${client} ehlo=2 starttls=1 mail=1 rcpt=0/1 quit=1 commands=5/6`,
]
  .map((message) => `2026-11-20T12:00:00.000000+00:00 mx postfix/smtpd[7]: ${message}\n`)
  .join('');

describe('certificates among what was given', () => {
  const bench = workbench({ 'main.cf': mainCf, 'mail.log': log });
  let fingerprint = '';

  beforeAll(async () => {
    const { authority } = await issueAuthority({ name: 'lab', keyType: 'ec-p256', now, random });
    const options = { keyType: 'ec-p256', now, random } as const;
    const own = await issue(profiles.client, { name: 'client.example.com' }, authority, options);
    const server = await issue(profiles.server, { name: 'mx.example.com' }, authority, options);
    bench.write('client.pem', own.certificatePem);
    bench.write('mx.pem', server.certificatePem);
    bench.write('mx.key', server.keyPem);
    bench.write('wrong/mx.key', own.keyPem);
    fingerprint = inspect(Buffer.from(own.certificatePem), 'client.pem').certificates[0]?.fingerprint.sha256 ?? '';
  });

  it("the client's tells what the log leaves out", async () => {
    bench.write('relay_clientcerts', `${fingerprint} client.example.com\n`);
    const listed = await bench.explain(['main.cf', 'mail.log', 'client.pem'], { postfix: '3.7' });
    expect(listed.out).toContain('assumed: the client showed the certificate in client.pem');
    // That certificate would be let in: the log's reply was another one's, or another configuration's.
    expect(listed.out).toContain('the simulator gets another answer:\npermit: 250 2.1.5');

    const other = `${fingerprint.slice(0, -2)}${fingerprint.endsWith('00') ? '11' : '00'}`;
    bench.write('relay_clientcerts', `${other} client.example.com\n`);
    const stranger = await bench.explain(['main.cf', 'mail.log', 'client.pem'], { postfix: '3.7' });
    expect(stranger.out).toContain('; the simulator agrees');
    expect(stranger.out).not.toContain('lists it');
    expect(stranger.code).toBe(5);
  });

  it("the server's and its key, which do not fit", async () => {
    const ids = async (key: string) => {
      const { findings } = await bench.document(['main.cf', 'mail.log', 'mx.pem', key], { postfix: '3.7' });
      return findings.map(({ id }) => id);
    };
    expect(await ids('mx.key')).not.toContain('key-mismatch');
    expect(await ids('wrong/mx.key')).toContain('key-mismatch');
  });

  it('a private key is never shown', async () => {
    const { out, err } = await bench.explain(['main.cf', 'mail.log', 'mx.pem', 'mx.key', 'wrong/mx.key'], {
      explain: 'full',
    });
    expect(`${out}${err}`).not.toMatch(/PRIVATE KEY|BEGIN /);
    expect(out).not.toBe('');
  });
});
