import { describe, expect, it } from 'vitest';
import { plan } from '../../../../src/provision/render/plan.ts';
import { inputOf, settingsOf, templates } from '../../../provision/render/world.ts';
import { workbench } from './workbench.ts';

const server = 'server.example.com';
const client = 'client.example.com';
const peer = `${client}[192.0.2.2]`;

/** What a set-up renders for the server, and the fingerprint that its map lists. */
function rendered(service: Readonly<Record<string, number>>) {
  const { outputs } = plan(inputOf([server], [client], settingsOf('3.7', { digest: 'sha1', ...service })), templates);
  const text = (file: string) => outputs.find(({ to }) => to === `hosts/${server}/${file}`)?.content ?? '';
  const map = text('relay_clientcerts');
  const base = 'compatibility_level = 3.6\nmyhostname = server.example.com\nmynetworks = 127.0.0.0/8\n';
  const own = 'smtpd_tls_cert_file = /etc/ssl/own.pem\nsmtpd_tls_security_level = may\n';
  return {
    map,
    fingerprint: /^[0-9A-F:]{59}/m.exec(map)?.[0] ?? '',
    'main.cf': `${base}${service.service === undefined ? '' : own}${text('main.cf')}`,
    'master.cf': `smtp inet n - y - - smtpd\n${text('master.cf')}`,
  };
}

const logOf = (program: string, fingerprint: string) =>
  [
    `connect from ${peer}`,
    `${peer}: Trusted: subject_CN=${client}, issuer=certrelay, fingerprint=${fingerprint}, pkey_fingerprint=${fingerprint.replace(/^../, '00')}`,
    `Trusted TLS connection established from ${peer}: TLSv1.3 with cipher TLS_AES_256_GCM_SHA384 (256/256 bits)`,
    `NOQUEUE: reject: RCPT from ${peer}: 454 4.7.1 <someone@outside.example>: Relay access denied; from=<root@${client}> to=<someone@outside.example> proto=ESMTP helo=<${client}>`,
    `disconnect from ${peer} ehlo=2 starttls=1 mail=1 rcpt=0/1 quit=1 commands=5/6`,
  ]
    .map((line) => `Nov 22 19:00:00 server ${program}/smtpd[123]: ${line}\n`)
    .join('');

describe('explain', () => {
  it.each([
    ['a dedicated service', { dedicatedPort: 2525 }, 'postfix/certrelay', '2525'],
    ['the usual service', {}, 'postfix', 'smtp'],
  ] as const)('knows the table, the lists and the log of %s', async (_, settings, program, service) => {
    const { map, fingerprint, ...files } = rendered(settings);
    const bench = workbench({
      ...files,
      // The list of another day, and the log of a client that is not on it.
      relay_clientcerts: map.replaceAll(fingerprint, fingerprint.replace(/^../, '5A')),
      log: logOf(program, fingerprint),
    });
    const given = ['main.cf', 'master.cf', 'relay_clientcerts', 'log'];
    const { sessions, findings, problems } = await bench.document(given, { postfix: '3.7' });
    expect(problems).toEqual([]);
    expect(sessions).toMatchObject([{ service, verdict: 'reject', agreement: 'same', logged: { code: 454 } }]);
    expect(findings.filter(({ decisive }) => decisive).map(({ id }) => id)).toEqual(['certificate-not-listed']);
  });
});
