import { fc, test as property } from '@fast-check/vitest';
import { describe, expect, it } from 'vitest';
import { CertrelayError } from '../../../src/lib/problem.ts';
import { foldLedger } from '../../../src/provision/ledger/fold-ledger.ts';
import { plan, type RenderInput } from '../../../src/provision/render/plan.ts';
import type { LedgerEvent, Settings } from '../../../src/provision/settings/types.ts';
import { eventsOf, inputOf, settings, templates } from './world.ts';

/** Texts that would do harm if they came through: line ends of every kind, comments, quotes, expansions, blanks. */
const nasty = fc.oneof(
  fc.string({ unit: 'binary', maxLength: 40 }),
  fc.string({
    unit: fc.constantFrom(
      '\n',
      '\r',
      '\0',
      '\u2028',
      '\u0085',
      ' ',
      '#',
      '=',
      '$',
      '{',
      '}',
      "'",
      '"',
      '`',
      '\\',
      '/',
      '.',
      ',',
      ':',
      'a',
      'A',
      '1',
    ),
  }),
  fc.constantFrom(
    'client.example.com\nsmtpd_relay_restrictions = permit',
    '/etc/postfix\nmynetworks = 0.0.0.0/0',
    'hash\u0000',
    "x'; rm -rf /; '",
    '$(reboot)',
    '..',
    '/etc/../root',
    'sha256\r',
    '127.0.0.0/8\n 0.0.0.0/0',
    'permit_mynetworks,\n permit',
  ),
);

const server = 'server.example.com';
const client = 'client.example.com';
type Kind = readonly [what: string, make: (text: string) => RenderInput];

const inSettings = (change: (text: string) => Record<string, unknown>) => (text: string) =>
  inputOf([server], [client], change(text) as Partial<Settings>);

function inLedger(change: (text: string) => Record<string, unknown>): Kind[1] {
  return (text) => {
    const events = eventsOf([
      { holder: server, role: 'server' },
      { holder: client, role: 'client', serial: 'c1' },
    ]).map((event) =>
      event.event === 'issued' && event.role === 'client' ? ({ ...event, ...change(text) } as LedgerEvent) : event,
    );
    const admitted = events.map((event) =>
      event.event === 'admitted' && event.holder === client
        ? { ...event, serial: String(change(text).serial ?? event.serial) }
        : event,
    );
    return { ...inputOf([server], [client]), ledger: foldLedger(admitted) };
  };
}

const places: readonly Kind[] = [
  ['a server', (text) => inputOf([text], [client])],
  ['a client', (text) => inputOf([server], [text])],
  ['the folder', inSettings((installDir) => ({ installDir }))],
  ['the table type', inSettings((tableType) => ({ tableType }))],
  ['the networks', inSettings((mynetworks) => ({ mynetworks }))],
  ['the digest', inSettings((digest) => ({ digest }))],
  ['the client level', inSettings((clientLevel) => ({ clientLevel }))],
  ['the version', inSettings((postfix) => ({ postfix }))],
  ['the clients’ version', inSettings((clientPostfix) => ({ clientPostfix }))],
  ['the port', inSettings((relayPort) => ({ relayPort }))],
  ['the policy', inSettings((policy) => ({ policy }))],
  ['the refusal', inSettings((unauthorized) => ({ unauthorized }))],
  ['the pin', inSettings((pin) => ({ pin }))],
  ['the key type', inSettings((keyType) => ({ keyType }))],
  ['the operating system', inSettings((os) => ({ os }))],
  ['the serial number', inLedger((serial) => ({ serial }))],
  ['the expiry', inLedger((notAfter) => ({ notAfter }))],
  ['the fingerprint', inLedger((text) => ({ fingerprint: { sha1: text, sha256: text, sha384: text, sha512: text } }))],
  ['the base main.cf', inSettings((baseMainCf) => ({ baseMainCf }))],
  [
    'the recipient list',
    inSettings((text) => ({ baseMainCf: `smtpd_recipient_restrictions = ${text} reject_unauth_destination\n` })),
  ],
  ['the relay list', inSettings((text) => ({ baseMainCf: `smtpd_relay_restrictions = ${text} reject\n` }))],
  [
    'the policy maps',
    (text) =>
      inputOf([server, 'two.example.com'], ['two.example.com'], { baseMainCf: `smtp_tls_policy_maps = ${text}\n` }),
  ],
];

/** Parameters that a set-up without surprises may set, whatever the base. */
const usual = new Set([
  ...['security_level', 'ask_ccert', 'loglevel', 'CAfile', 'chain_files', 'cert_file', 'key_file', 'eccert_file'].map(
    (name) => `smtpd_tls_${name}`,
  ),
  ...['eckey_file', 'dcert_file', 'dkey_file', 'fingerprint_digest', 'protocols', 'mandatory_protocols', 'ciphers'].map(
    (name) => `smtpd_tls_${name}`,
  ),
  ...['security_level', 'policy_maps', 'loglevel', 'CAfile', 'chain_files', 'cert_file', 'key_file', 'eccert_file'].map(
    (name) => `smtp_tls_${name}`,
  ),
  ...['eckey_file', 'dcert_file', 'dkey_file', 'fingerprint_digest', 'mandatory_protocols'].map(
    (name) => `smtp_tls_${name}`,
  ),
  ...['relay_clientcerts', 'smtpd_relay_restrictions', 'smtpd_recipient_restrictions', 'mynetworks', 'relayhost'],
  ...['smtp_tls_CApath', 'smtp_tls_trust_anchor_file', 'tls_append_default_CA'],
  ...['default_transport', 'sender_dependent_default_transport_maps'],
]);

/** Every line of every file but install.sh, which has a test of its own, is of the one form that its file knows. */
function expectOnlyKnownLines(input: RenderInput): void {
  const planned = plan(input, templates);
  expect(planned.outputs.length).toBeGreaterThan(4);
  for (const { to, content } of planned.outputs) {
    expect(content, to).not.toMatch(/[\0\r\u0085\u2028\u2029]/);
    expect(to).toMatch(/^hosts\/[a-z0-9.-]+\/(?:main\.cf|master\.cf|relay_clientcerts|tls_policy|install\.sh)$/);
    const lines = content.split('\n').filter((line) => line !== '' && !line.startsWith('#'));
    if (to.endsWith('/main.cf')) for (const line of lines) expect(usual, line).toContain(line.split(' =')[0]);
    if (to.endsWith('/relay_clientcerts'))
      for (const line of lines) expect(line).toMatch(/^(?:[0-9A-F]{2}:){19,63}[0-9A-F]{2} [a-z0-9.-]+$/);
    if (to.endsWith('/relay_clientcerts')) expect(lines.length).toBeLessThanOrEqual(2);
    if (to.endsWith('/tls_policy')) expect(lines).toHaveLength(1);
    if (to.endsWith('/tls_policy'))
      expect(lines[0]).toMatch(
        /^\[[a-z0-9.-]+\]:\d+ (?:secure match=[a-z0-9.-]+|encrypt|verify match=[a-z0-9.-]+|fingerprint match=[0-9A-F:|]+)$/,
      );
  }
}

describe('whatever text gets to a plan', () => {
  for (const [what, make] of places) {
    property.prop([nasty])(`as ${what}: a problem, or only lines of the known forms`, (text) => {
      try {
        expectOnlyKnownLines(make(text));
      } catch (error) {
        if (!(error instanceof CertrelayError)) throw error;
        expect(error.exit).toBe('usage');
        for (const { message } of error.problems) expect(message).not.toMatch(/[\0\n\r]/);
      }
    });
  }

  it('renders what is in order, so that the property is not about problems only', () => {
    for (const input of [inputOf([server], [client]), inputOf([server], [client], { ...settings, baseMainCf: '' })]) {
      expectOnlyKnownLines(input);
    }
  });
});
