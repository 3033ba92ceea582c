import { beforeAll, describe, expect, it } from 'vitest';
import { CertrelayError } from '../../../src/lib/problem.ts';
import { issue } from '../../../src/provision/pki/issue.ts';
import { openAuthority } from '../../../src/provision/pki/open-authority.ts';
import { profiles } from '../../../src/provision/pki/profiles.ts';
import { certificateFacts } from '../../../src/x509/inspect.ts';
import { needs } from '../../needs.ts';
import { now, random, someAuthority } from './authorities.ts';
import { openssl, scratch } from './openssl.ts';

const file = scratch();
const day = 86_400_000;
const leaf = { keyType: 'ec-p256', now, random } as const;

/** The codes of the problems with which a promise is rejected. */
async function codes(promise: Promise<unknown>): Promise<readonly string[]> {
  const error = await promise.then(
    () => undefined,
    (reason: unknown) => reason,
  );
  if (!(error instanceof CertrelayError)) throw new Error(`no CertrelayError: ${String(error)}`);
  expect(error.exit).toBe('usage');
  return error.problems.map(({ code }) => code);
}

describe('a new authority', () => {
  it('is described by its facts', async () => {
    const { facts } = await someAuthority({ days: 10 });
    expect(facts).toMatchObject({ subject: 'test authority', issuer: 'test authority', isCA: true, selfSigned: true });
    expect(facts.extKeyUsage).toEqual([]);
    const start = Math.floor(now.getTime() / 1000) * 1000;
    expect(Date.parse(facts.notBefore)).toBe(start - 300_000);
    expect(Date.parse(facts.notAfter)).toBe(start + 10 * day);
  });

  it.each([
    ['', 'ca-name-empty'],
    ['x'.repeat(65), 'ca-name-long'],
    ['two\nlines', 'ca-name-characters'],
  ])('refuses the name %j', async (name, code) => {
    expect(await codes(someAuthority({ name }))).toEqual([code]);
  });

  it.each([0, -1, 1.5, Number.NaN, 1e9])('refuses a lifetime of %d days', async (days) => {
    expect(await codes(someAuthority({ days }))).toEqual(['days-invalid']);
  });

  it('keeps the letters of its name', async () => {
    const { facts } = await someAuthority({ name: 'Zertifikate für Müller, "Söhne" + Co = 1' });
    expect(certificateFacts(facts.der)?.subject).toBe('Zertifikate für Müller, "Söhne" + Co = 1');
  });
});

describe('an authority that is opened', () => {
  it('issues as it did when it was new', async () => {
    const { authority, certificatePem, keyPem } = await someAuthority({ constrain: ['example.com'] });
    const opened = await openAuthority(
      { file: 'ca.pem', text: certificatePem },
      { file: 'key.pem', text: keyPem },
      now,
    );
    expect(opened).toMatchObject({ ...authority, signer: { row: authority.signer.row } });
    const issued = await issue(profiles.client, { name: 'c.example.com' }, opened, leaf);
    expect(issued.facts.issuer).toBe('test authority');
  });

  it('takes from a bundle the certificate that its key belongs to', async () => {
    const [one, other] = [await someAuthority(), await someAuthority({ name: 'other' })];
    const bundle = { file: 'ca.pem', text: one.certificatePem + other.certificatePem };
    const opened = await openAuthority(bundle, { file: 'key.pem', text: other.keyPem }, now);
    expect(opened.facts.subject).toBe('other');
  });

  it('is refused with every reason', async () => {
    const [one, other] = [await someAuthority({ days: 2 }), await someAuthority()];
    const client = await issue(profiles.client, { name: 'c.example.com' }, one.authority, leaf);
    const open = (certificate: string, key: string, at = now) =>
      openAuthority({ file: 'ca.pem', text: certificate }, { file: 'key.pem', text: key }, at);
    expect(await codes(open(one.certificatePem, other.keyPem))).toEqual(['authority-key']);
    expect(await codes(open('', one.keyPem))).toEqual(['certificate-missing']);
    expect(await codes(open(one.keyPem, one.keyPem))).toEqual(['certificate-missing']);
    expect(await codes(open(one.certificatePem, one.certificatePem))).toEqual(['key-missing']);
    expect(await codes(open(one.certificatePem, one.keyPem.replace(/^.*END.*$/m, '')))).toEqual(['key-damaged']);
    expect(await codes(open(one.certificatePem, one.keyPem, new Date(now.getTime() + 3 * day)))).toEqual([
      'authority-expired',
    ]);
    expect(await codes(open(one.certificatePem, one.keyPem, new Date(now.getTime() - day)))).toEqual([
      'authority-not-yet-valid',
    ]);
    expect(await codes(open(client.certificatePem, client.keyPem))).toEqual(['authority-not-ca', 'authority-purpose']);
  });
});

describe.skipIf(needs('openssl'))('openssl and an authority', () => {
  let newest = 0;
  const verify = async (constrain: readonly string[], name: string) => {
    // The authority's own check is by-passed, for openssl is to be the judge here.
    const { authority, certificatePem } = await someAuthority({ constrain });
    const issued = await issue(profiles.client, { name }, { ...authority, constraints: { excluded: [] } }, leaf);
    const number = newest++;
    const [ca, pem] = [file(`${number}-ca.pem`, certificatePem), file(`${number}.pem`, issued.certificatePem)];
    return openssl(['verify', '-x509_strict', '-purpose', 'sslclient', '-CAfile', ca, pem]);
  };

  it.each(['example.com', 'a.example.com', 'other.org'])('honours name constraints: %s is permitted', async (name) => {
    expect(await verify(['.Example.com', 'other.org'], name)).toMatchObject({ status: 0 });
    const { authority } = await someAuthority({ constrain: ['example.com', 'other.org'] });
    await expect(issue(profiles.client, { name }, authority, leaf)).resolves.toBeDefined();
  });

  it.each(['example.org', 'notexample.com', 'com'])('honours name constraints: %s is refused', async (name) => {
    const verdict = await verify(['example.com', 'other.org'], name);
    expect(verdict).toMatchObject({ status: 2, text: expect.stringContaining('permitted subtree violation') });
    const { authority } = await someAuthority({ constrain: ['example.com', 'other.org'] });
    expect(await codes(issue(profiles.client, { name }, authority, leaf))).toEqual(['name-outside-constraints']);
  });

  describe('with a passphrase', () => {
    const passphrase = 'correct horse battery staple ü';
    let key: string;
    let texts: Awaited<ReturnType<typeof someAuthority>>;
    beforeAll(async () => {
      texts = await someAuthority({ passphrase });
      key = file('encrypted.pem', texts.keyPem);
    });

    it('opens its key', () => {
      const pass = file('passphrase', `${passphrase}\n`);
      const { status, text } = openssl(['pkey', '-in', key, '-passin', `file:${pass}`, '-pubout']);
      expect(status).toBe(0);
      expect(text).toBe(openssl(['x509', '-in', file('ca.pem', texts.certificatePem), '-pubkey', '-noout']).text);
    });

    it('shows PBES2 with 600,000 rounds of PBKDF2 and AES-256', () => {
      const { text } = openssl(['asn1parse', '-in', key]);
      for (const part of ['PBES2', 'PBKDF2', 'INTEGER           :0927C0', 'hmacWithSHA256', 'aes-256-cbc'])
        expect(text).toContain(part);
    });

    it('is opened by the passphrase, and by no other', async () => {
      const open = (given?: string) =>
        openAuthority(
          { file: 'ca.pem', text: texts.certificatePem },
          { file: 'key.pem', text: texts.keyPem },
          now,
          given,
        );
      await expect(open(passphrase)).resolves.toBeDefined();
      expect(await codes(open())).toEqual(['passphrase-missing']);
      expect(await codes(open('wrong'))).toEqual(['passphrase-wrong']);
      expect(await codes(open(''))).toEqual(['passphrase-wrong']);
    });

    it('never has a passphrase that is empty, or too long to be given again', async () => {
      expect(await codes(someAuthority({ passphrase: '' }))).toEqual(['passphrase-empty']);
      expect(await codes(someAuthority({ passphrase: 'ü'.repeat(512) }))).toEqual(['passphrase-long']);
      const longest = 'x'.repeat(1023);
      const { certificatePem, keyPem } = await someAuthority({ passphrase: longest });
      const opened = openAuthority(
        { file: 'ca.pem', text: certificatePem },
        { file: 'key.pem', text: keyPem },
        now,
        longest,
      );
      await expect(opened).resolves.toBeDefined();
      const pass = ['-passin', `file:${file('longest', longest)}`];
      expect(openssl(['pkey', '-in', file('longest.key', keyPem), ...pass, '-noout'])).toMatchObject({ status: 0 });
    });
  });

  it.each([
    ['an EC key of its own form', ['ecparam', '-name', 'secp384r1', '-genkey', '-noout']],
    ['an RSA key of PKCS#1', ['genrsa', '-traditional', '2048']],
    ['an Ed25519 key', ['genpkey', '-algorithm', 'ed25519']],
  ])('is replaced by one that openssl made: %s', { timeout: 60_000 }, async (_what, args) => {
    const keyText = openssl(args).text.replace(/^Generating.*$/gm, '');
    const key = file('made.key', keyText);
    const made = openssl([
      'req',
      '-x509',
      '-new',
      '-key',
      key,
      '-subj',
      '/O=Some Org/CN=made/OU=x',
      '-days',
      '30',
    ]).text;
    const opened = await openAuthority({ file: 'ca.pem', text: made }, { file: 'made.key', text: keyText }, new Date());
    const issued = await issue(profiles.server, { name: 's.example.com' }, opened, leaf);
    const [ca, pem] = [file('made.pem', made), file('leaf.pem', issued.certificatePem)];
    expect(openssl(['verify', '-purpose', 'sslserver', '-CAfile', ca, pem])).toMatchObject({ status: 0 });
  });

  it('opens keys that openssl encrypted in other ways', { timeout: 60_000 }, async () => {
    const { keyPem, certificatePem } = await someAuthority();
    const plain = file('plain.key', keyPem);
    const pass = ['-passout', 'pass:open sesame'];
    for (const args of [
      ['pkcs8', '-topk8', '-in', plain, '-v2', 'aes-128-cbc', ...pass],
      ['pkcs8', '-topk8', '-in', plain, '-scrypt', ...pass],
      ['ec', '-in', plain, '-aes256', ...pass],
    ]) {
      const text = openssl(args).text;
      const key = { file: 'key.pem', text };
      const certificate = { file: 'ca.pem', text: certificatePem };
      await expect(openAuthority(certificate, key, now, 'open sesame')).resolves.toBeDefined();
      expect(await codes(openAuthority(certificate, key, now, 'shut'))).toEqual(['passphrase-wrong']);
      expect(await codes(openAuthority(certificate, key, now))).toEqual(['passphrase-missing']);
    }
  });
});
