import { describe, expect, it } from 'vitest';
import { type AnswerSources, type Answers, readAnswers } from '../../../src/provision/settings/answers.ts';
import type { Inventory } from '../../../src/provision/settings/types.ts';

const presets = [
  { name: 'centos7', version: '2.10.1', tableType: 'hash' },
  { name: 'debian12', version: '3.7', tableType: 'hash' },
];

function answer(flags: AnswerSources['flags'], more: Partial<AnswerSources> = {}): Answers {
  return readAnswers({
    flags,
    presets,
    read: (path) => {
      throw new Error(`nothing should read ${path}`);
    },
    ...more,
  });
}

const named = { server: ['server.example.com'], client: ['client.example.com'] };

function complete(answers: Answers): Inventory {
  if (answers.kind !== 'complete') throw new Error(answers.problems.map(({ message }) => message).join('; '));
  return answers.inventory;
}

const refusals = (answers: Answers) => (answers.kind === 'refused' ? answers.problems.map(({ code }) => code) : []);
const messages = (answers: Answers) =>
  answers.kind === 'refused'
    ? answers.problems.map(({ message, hint }) => `${message} | ${hint ?? ''}`).join('\n')
    : '';
const noted = (answers: Answers) => answers.notes.map(({ code }) => code);

describe('the shortest answers', () => {
  it('make a complete inventory of defaults', () => {
    expect(complete(answer({ ...named, permitSasl: true, yes: true }))).toEqual({
      schema: 'certrelay/inventory@1',
      authority: {
        name: 'certrelay authority of server.example.com',
        keyType: 'ec-p256',
        days: 3650,
        constrain: [],
      },
      settings: {
        postfix: '3.11',
        clientPostfix: '3.11',
        relayPort: 25,
        digest: 'sha1',
        keyType: 'ec-p256',
        days: 397,
        policy: 'relay',
        unauthorized: 'defer',
        permitSasl: true,
        clientLevel: 'secure',
        pin: 'certificate',
        serverCert: 'internal',
        installDir: '/etc/postfix/certrelay',
      },
      servers: [{ name: 'server.example.com' }],
      clients: [{ name: 'client.example.com' }],
    });
  });

  it('say which version was assumed, and prefer that of this machine', () => {
    expect(noted(answer(named))).toEqual(['postfix-assumed']);
    const here = answer(named, { detected: '3.7.11' });
    expect(complete(here).settings).toMatchObject({ postfix: '3.7.11', clientPostfix: '3.7.11' });
    expect(noted(here)).toEqual(['postfix-detected']);
    expect(noted(answer({ ...named, postfix: '3.5', clientPostfix: '3.5' }, { detected: '3.7.11' }))).toEqual([]);
  });

  it('name both options when nothing is given', () => {
    const answers = answer({});
    expect(answers).toMatchObject({ kind: 'refused', missing: ['server', 'client'] });
    expect(messages(answers)).toContain('--server NAME');
    expect(messages(answers)).toContain('--client NAME');
  });

  it('allow one name on both sides', () => {
    const inventory = complete(answer({ server: ['relay.example.com'], client: ['relay.example.com'] }));
    expect([inventory.servers, inventory.clients]).toEqual([
      [{ name: 'relay.example.com' }],
      [{ name: 'relay.example.com' }],
    ]);
  });
});

describe('precedence', () => {
  const config = (values: unknown) => ({ config: { file: 'etc/setup.yaml', values } });

  it('is flags, config file, existing inventory, preset, default', () => {
    const existing = complete(answer({ ...named, relayPort: '26', digest: 'sha512', days: '30', pin: 'both' }));
    const inventory = complete(
      answer({ relayPort: '587' }, { existing, ...config({ 'relay-port': 588, digest: 'sha256' }) }),
    );
    expect(inventory.settings).toMatchObject({
      relayPort: 587,
      digest: 'sha256',
      days: 30,
      pin: 'both',
      keyType: 'ec-p256',
    });
  });

  it('lets a version outrank the preset beside it', () => {
    const { settings } = complete(answer({ ...named, os: 'centos7', postfix: '2.10.10', clientOs: 'debian12' }));
    expect(settings).toMatchObject({ os: 'centos7', postfix: '2.10.10', clientOs: 'debian12', clientPostfix: '3.7' });
  });

  it('lets a preset named now outrank the version of an earlier run', () => {
    const existing = complete(answer({ ...named, postfix: '3.11' }));
    expect(complete(answer({ os: 'centos7' }, { existing })).settings).toMatchObject({
      os: 'centos7',
      postfix: '2.10.1',
    });
    const preset = complete(answer({ ...named, os: 'centos7' }));
    expect(complete(answer({}, { existing: preset, detected: '3.7.11' })).settings.postfix).toBe('2.10.1');
  });

  it('takes permit-sasl off by flag and on by config file, and keeps it otherwise', () => {
    const existing = complete(answer({ ...named, permitSasl: false }));
    expect(existing.settings.permitSasl).toBe(false);
    expect(complete(answer({ permitSasl: true }, { existing })).settings.permitSasl).toBe(false);
    expect(
      complete(answer({ permitSasl: true }, { existing, ...config({ 'permit-sasl': true }) })).settings.permitSasl,
    ).toBe(true);
  });

  it('reads paths of the config file relative to its folder', () => {
    const read = (path: string) => (path === 'etc/clients.txt' ? 'b.example.com\n' : '');
    const inventory = complete(
      answer({ server: 'a.example.com' }, { read, ...config({ 'clients-file': 'clients.txt' }) }),
    );
    expect(inventory.clients).toEqual([{ name: 'b.example.com' }]);
  });

  it('reports what a config file has wrong, with the nearest known key', () => {
    const wrong = answer(
      named,
      config({ 'relay-prot': 587, relayPort: 1, postfix: 3.1, 'permit-sasl': 'yes', server: [1] }),
    );
    expect(refusals(wrong)).toEqual([
      'config-key-unknown',
      'config-key-unknown',
      'config-value-kind',
      'config-value-kind',
      'config-value-kind',
    ]);
    expect(messages(wrong)).toContain('did you mean "relay-port"?');
    expect(messages(wrong)).toContain('put it in quotes');
    for (const values of [null, [], 'text', 7])
      expect(refusals(answer(named, config(values)))).toEqual(['config-shape']);
  });
});

describe('a second init', () => {
  const existing = complete(answer({ ...named, constrain: ['example.com', 'example.org'], caDays: '1000' }));

  it('changes nothing when the same is said again, or nothing at all', () => {
    expect(
      complete(answer({ ...named, caDays: '1000', constrain: ['example.org', 'example.com'] }, { existing })),
    ).toEqual(existing);
    expect(complete(answer({}, { existing, detected: '2.9' }))).toEqual(existing);
  });

  it('adds names and removes none', () => {
    const { clients, servers } = complete(answer({ client: ['z.example.com', 'a.example.com'] }, { existing }));
    expect(clients.map(({ name }) => name)).toEqual(['client.example.com', 'z.example.com', 'a.example.com']);
    expect(servers).toEqual(existing.servers);
  });

  it.each([
    ['caName', 'another', '--ca-name'],
    ['caDays', '999', '--ca-days'],
    ['constrain', ['example.net'], '--constrain'],
  ])('refuses another %s and says what to use', (key, value, flag) => {
    const wrong = answer({ [key]: value }, { existing });
    expect(refusals(wrong)).toEqual(['authority-exists']);
    expect(messages(wrong)).toContain(`certrelay rotate --authority ${flag}`);
  });

  it('keeps the key type of the authority and says so', () => {
    const later = answer({ keyType: 'rsa-2048' }, { existing });
    expect(complete(later).authority.keyType).toBe('ec-p256');
    expect(complete(later).settings.keyType).toBe('rsa-2048');
    expect(noted(later)).toEqual(['authority-keeps-key-type']);
  });

  it('refuses a version that cannot check the authority', () => {
    const ed25519 = complete(answer({ ...named, keyType: 'ed25519' }));
    expect(refusals(answer({ clientPostfix: '2.10', keyType: 'ec-p256' }, { existing: ed25519 }))).toEqual([
      'authority-key-type-needs-version',
    ]);
  });

  it('refuses new names outside the constraints', () => {
    expect(refusals(answer({ client: ['client.example.net'] }, { existing }))).toEqual(['constrain-excludes']);
  });

  it('knows the authority by the ledger when no inventory was written', () => {
    const authority = {
      holder: 'old authority',
      keyType: 'ec-p384' as const,
      notBefore: '2026-01-01T00:00:00Z',
      notAfter: '2027-01-01T00:05:00Z',
    };
    expect(complete(answer(named, { authority })).authority).toEqual({
      name: 'old authority',
      keyType: 'ec-p384',
      days: 365,
      constrain: [],
    });
    expect(refusals(answer({ ...named, caName: 'new authority' }, { authority }))).toEqual(['authority-exists']);
  });
});

describe('values that are refused', () => {
  it.each([
    [{ days: '0' }, 'days-number'],
    [{ days: '-1' }, 'days-number'],
    [{ days: '1e9' }, 'days-number'],
    [{ days: '0x10' }, 'days-number'],
    [{ days: ' 5' }, 'days-number'],
    [{ days: '' }, 'days-number'],
    [{ days: '36501' }, 'days-number'],
    [{ caDays: '1.5' }, 'ca-days-number'],
    [{ relayPort: '65536' }, 'relay-port-number'],
    [{ relayPort: '0' }, 'relay-port-number'],
    [{ digest: 'md5' }, 'digest-unknown'],
    [{ keyType: 'dsa-1024' }, 'key-type-unknown'],
    [{ os: 'debian99' }, 'os-unknown'],
    [{ postfix: '2.8' }, 'version-unknown'],
    [{ postfix: '3.12' }, 'version-unknown'],
    [{ postfix: '3' }, 'version-syntax'],
    [{ clientPostfix: '3.7.11-rc1' }, 'version-syntax'],
    [{ caName: 'a\nb' }, 'ca-name-form'],
    [{ caName: '' }, 'ca-name-form'],
    [{ caName: 'x'.repeat(65) }, 'ca-name-form'],
    [{ caName: '$(id)' }, 'ca-name-form'],
    [{ tableType: 'mysql' }, 'table-type-unfit'],
    [{ tableType: 'pgsql' }, 'database-missing'],
    [{ tableType: 'cidr' }, 'table-type-unfit'],
    [{ tableType: 'hsah' }, 'table-type-unknown'],
    [{ tableType: 'constructor' }, 'table-type-unknown'],
    [{ installDir: 'etc/certrelay' }, 'install-dir-form'],
    [{ installDir: '/etc/post fix' }, 'install-dir-form'],
    [{ installDir: '/etc/../root/x' }, 'install-dir-form'],
    [{ installDir: '/etc/postfix' }, 'install-dir-form'],
    [{ installDir: '/' }, 'install-dir-form'],
    [{ installDir: '/etc/$x/y' }, 'install-dir-form'],
    [{ mynetworks: 'example.com' }, 'networks-element'],
    [{ policy: 'none' }, 'policy-unknown'],
    [{ serverCa: '' }, 'path-empty'],
    [{ server: ['a b'] }, 'host-name-space'],
    [{ client: ['c.example.com', 'C.example.com.'] }, 'host-name-twice'],
    [{ constrain: ['*.example.com'] }, 'host-name-wildcard'],
  ])('%j', (flags, code) => {
    expect(refusals(answer({ ...named, ...flags }))).toEqual([code]);
  });

  it('are told all at once', () => {
    expect(refusals(answer({ ...named, days: '0', digest: 'md5', relayPort: 'smtp' }))).toEqual([
      'relay-port-number',
      'digest-unknown',
      'days-number',
    ]);
  });
});

describe('values that do not go together', () => {
  it.each([
    [{ postfix: '2.9', unauthorized: 'defer' }, ['unauthorized-needs-defer']],
    [{ postfix: '2.9', policy: 'relay', unauthorized: 'reject' }, ['policy-needs-relay-list']],
    [{ postfix: '2.10', keyType: 'ed25519' }, ['key-type-needs-version']],
    [{ postfix: '3.4', clientPostfix: '3.3', keyType: 'ed25519' }, ['key-type-needs-version']],
    [{ postfix: '2.9.5', pin: 'public-key', clientPostfix: '3.7' }, ['pin-needs-version']],
    [{ clientPostfix: '2.11', relayPort: '465' }, ['relay-port-needs-version']],
    [{ postfix: '2.10', tableType: 'lmdb' }, ['table-type-needs-version']],
    [{ serverCert: 'keep' }, ['keep-without-server-ca']],
    [{ constrain: ['example.org'] }, ['constrain-excludes']],
  ])('%j', (flags, codes) => {
    expect(refusals(answer({ ...named, ...flags }))).toEqual(codes);
  });

  it.each([
    [{ postfix: '2.9' }, { policy: 'recipient', unauthorized: 'reject' }],
    [
      { postfix: '3.11', policy: 'recipient' },
      { policy: 'recipient', unauthorized: 'reject' },
    ],
    [{ postfix: '3.11', policy: 'recipient', unauthorized: 'defer' }, { unauthorized: 'defer' }],
    [{ postfix: '3.4', clientPostfix: '3.4', keyType: 'ed25519' }, { keyType: 'ed25519' }],
    [{ postfix: '2.9.6', pin: 'both' }, { pin: 'both' }],
    [{ postfix: '2.9', pin: 'both' }, { pin: 'both' }],
    [{ clientPostfix: '3.0', postfix: '2.9', relayPort: '465' }, { relayPort: 465 }],
    [{ tableType: '$default_database_type' }, { policy: 'relay' }],
    [{ mynetworks: '127.0.0.0/8  [::1]/128,!10.1.1.1' }, { mynetworks: '127.0.0.0/8, [::1]/128, !10.1.1.1' }],
    [{ installDir: '/srv/certrelay/' }, { installDir: '/srv/certrelay' }],
    [{ constrain: ['.example.com'] }, { policy: 'relay' }],
  ])('but these do: %j', (flags, settings) => {
    expect(complete(answer({ ...named, ...flags })).settings).toMatchObject(settings);
  });

  it('tells that certificates end with the authority', () => {
    expect(noted(answer({ ...named, postfix: '3.7', clientPostfix: '3.7', caDays: '30' }))).toEqual([
      'days-beyond-authority',
    ]);
  });
});

describe('files that options name', () => {
  const reading = (text: string) => ({ read: () => text });
  const pem = '-----BEGIN CERTIFICATE-----\nMIIB\n-----END CERTIFICATE-----\n';

  it('keeps the certificates of an issuer and nothing around them', () => {
    const flags = { ...named, serverCert: 'keep', serverCa: 'ca.pem' };
    expect(complete(answer(flags, reading(`subject=x\n${pem}y\n${pem}`))).settings.serverCa).toBe(pem + pem);
    expect(refusals(answer(flags, reading('nothing')))).toEqual(['server-ca-pem']);
    expect(refusals(answer(flags, reading(`${pem}-----BEGIN EC PRIVATE KEY-----\n`)))).toEqual(['server-ca-private']);
    expect(refusals(answer({ ...named, serverCa: 'ca.pem' }, reading(pem)))).toEqual(['server-ca-without-keep']);
  });

  it('forgets the issuer when the server no longer keeps its certificate', () => {
    const existing = complete(answer({ ...named, serverCert: 'keep', serverCa: 'ca.pem' }, reading(pem)));
    expect(complete(answer({ serverCert: 'internal' }, { existing })).settings.serverCa).toBeUndefined();
  });

  it('keeps the base without passwords', () => {
    const base = 'smtp_sasl_password_maps = static:user:secret\nmydestination = $myhostname\n';
    const answers = answer({ ...named, baseMainCf: 'base.cf' }, reading(base));
    expect(complete(answers).settings.baseMainCf).toBe('smtp_sasl_password_maps =\nmydestination = $myhostname\n');
    expect(noted(answers)).toContain('base-main-cf-secrets');
    expect(refusals(answer({ ...named, baseMainCf: 'base.cf' }, reading('a = \0')))).toEqual(['base-main-cf-nul']);
    expect(refusals(answer({ ...named, baseMainCf: 'b' }, reading(`a = ${'x'.repeat(2 ** 20)}`)))).toEqual([
      'base-main-cf-large',
    ]);
  });

  it('names the line of a bad or repeated client', () => {
    const answers = answer(
      { server: ['s.example.com'], clientsFile: 'clients.txt' },
      reading('a.example.com\n# c\nb_b\nA.example.com\n'),
    );
    expect(
      answers.kind === 'refused' && answers.problems.map(({ code, where }) => [code, where?.file, where?.line]),
    ).toEqual([
      ['host-name-underscore', 'clients.txt', 3],
      ['host-name-twice', 'clients.txt', 4],
    ]);
  });

  it('refuses a clients file without clients', () => {
    expect(refusals(answer({ server: ['s'], clientsFile: 'c' }, reading('# none\n')))).toEqual(['clients-file-empty']);
  });
});
