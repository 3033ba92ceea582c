import { mkdirSync, writeFileSync } from 'node:fs';
import { beforeAll, describe, expect, it } from 'vitest';
import { workplace } from '../../setup/workplace.ts';

const shell = workplace();
const { at } = shell;

beforeAll(() => {
  mkdirSync(at('server'));
  writeFileSync(
    at('server/main.cf'),
    [
      ...[
        'compatibility_level = 3.6',
        'myhostname = mx.lab.test',
        'mydestination = lab.test',
        'local_recipient_maps =',
      ],
      ...['mynetworks = 127.0.0.0/8', 'relay_clientcerts = hash:/etc/postfix/certs', 'smtpd_tls_ask_ccert = yes'],
      ...['smtpd_tls_security_level = may', 'smtpd_tls_cert_file = /s.pem', 'smtpd_tls_fingerprint_digest = sha1'],
      'smtpd_sender_restrictions = reject_unknown_sender_domain',
      'smtpd_relay_restrictions = permit_mynetworks, permit_tls_clientcerts, check_policy_service inet:127.0.0.1:9, defer_unauth_destination',
      '',
    ].join('\n'),
  );
  writeFileSync(at('server/certs'), `${Array(20).fill('12').join(':')} client\n`);
});

async function expected(text: string) {
  writeFileSync(at('who.yaml'), text);
  const args = [
    'audit',
    '--main-cf',
    'server/main.cf',
    '--postfix',
    '3.7',
    '--expect',
    'who.yaml',
    '--severity',
    'error',
  ];
  const ran = await shell.certrelay(...args, '--json');
  const { expectations = [], errors = [] } = JSON.parse(ran.stdout);
  return { status: ran.status, expectations, errors, human: async () => (await shell.certrelay(...args)).stdout };
}

const strangers = 'clientAddress: "!127.0.0.0/8", certificate: "!listed", publicKey: "!listed", saslUser: none';

describe('expectations', () => {
  it('that are met leave nothing to say but what others may say', async () => {
    const { status, expectations } = await expected(
      `can:\n  - {name: clients, certificate: listed}\n  - {clientAddress: 127.0.0.1, to: remote}\n`,
    );
    expect(expectations.map(({ outcome }: { outcome: string }) => outcome)).toEqual(['met', 'met']);
    expect(expectations[0].unless.map(({ fact }: { fact: string }) => fact)).toContain(
      'dns <sender domain>/MX, A, AAAA',
    );
    // What is wrong beside that is left to its own exit code.
    expect([0, 5]).toContain(status);
  });

  it('that are not met have a counterexample, which the simulator confirms', async () => {
    const { status, expectations, human } = await expected(
      `{"can": [{"name": "everybody", "to": "remote"}], "cannot": [{"name": "this host", "clientAddress": "127.0.0.1"}]}`,
    );
    expect(status).toBe(3);
    expect(expectations).toMatchObject([
      { name: 'everybody', kind: 'can', outcome: 'broken' },
      { name: 'this host', kind: 'cannot', outcome: 'broken', counterexample: { confirmed: 'simulated' } },
    ]);
    expect(await human()).toContain('not met: can: everybody');
  });

  it('that hang on what others say are not known to be met', async () => {
    const { status, expectations } = await expected(`cannot: [{${strangers}}]`);
    expect([status, expectations[0].outcome, expectations[0].reason]).toEqual([
      4,
      'unknown',
      'it hangs on what others say',
    ]);
  });

  it('about nobody are not met by that', async () => {
    const { status, expectations } = await expected('cannot: [{clientAddress: 300.1.1.1}]');
    expect([status, expectations[0].reason]).toEqual([4, '"300.1.1.1" is no client address here']);
  });

  it.each([
    ['cannot: [{clientAdress: 10.0.0.1}]', 'expect-form'],
    ['can: 5', 'expect-form'],
    ['can: []', 'expect-empty'],
    ['can: [', 'expect-syntax'],
    ['', 'expect-form'],
  ])('%j is none', async (text, code) => {
    const { status, errors } = await expected(text);
    expect([status, errors[0]?.code]).toEqual([2, code]);
  });
});
