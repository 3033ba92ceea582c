import { dirname } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import type { Options } from '../../../src/cli/command.ts';
import { fingerprint } from '../../../src/cli/commands/fingerprint.ts';
import { issue } from '../../../src/provision/pki/issue.ts';
import { profiles } from '../../../src/provision/pki/profiles.ts';
import { now, random, someAuthority } from '../../provision/pki/authorities.ts';
import { scratch } from '../../provision/pki/openssl.ts';
import { heard } from '../../setup/in-process.ts';

const file = scratch();
let authority: Awaited<ReturnType<typeof someAuthority>>;
let client: Awaited<ReturnType<typeof issue>>;
beforeAll(async () => {
  authority = await someAuthority();
  const options = { keyType: 'ec-p256', now, random } as const;
  client = await issue(profiles.client, { name: 'c.example.com' }, authority.authority, options);
});

async function run(files: readonly string[], options: Options = {}, input?: Uint8Array, at = now) {
  const said = heard({ cwd: dirname(file('here', '')), now: () => at, random, input: input ?? '' });
  const code = await fingerprint.run(files, options, said.io, []);
  return { code, stdout: said.stdout, stderr: said.stderr };
}

describe('certrelay fingerprint', () => {
  it('prints everything about every certificate of every file', async () => {
    file('bundle.pem', client.certificatePem + authority.certificatePem);
    file('client.der', client.facts.der);
    const { code, stdout, stderr } = await run(['bundle.pem', 'client.der']);
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    expect(stdout).toMatch(/^c\.example\.com \(bundle\.pem\)$/m);
    expect(stdout).toMatch(/^test authority \(bundle\.pem\)$/m);
    expect(stdout).toMatch(/^c\.example\.com \(client\.der\)$/m);
    expect(stdout).toMatch(/^ {2}use {5}clientAuth$/m);
    expect(stdout).toMatch(/^ {2}issuer {2}test authority \(self-signed\)$/m);
    for (const { fingerprint, publicKeyFingerprint } of [client.facts, authority.facts])
      for (const value of [...Object.values(fingerprint), ...Object.values(publicKeyFingerprint)])
        expect(stdout).toContain(value);
    expect(stdout.match(/^ {4}md5 .*\(inspection only: md5 can be forged\)$/gm)).toHaveLength(6);
  });

  it('prints map lines in one digest', async () => {
    file('c.pem', client.keyPem + client.certificatePem);
    const lines = (options: Options) => run(['c.pem'], options).then(({ stdout }) => stdout);
    const { fingerprint, publicKeyFingerprint } = client.facts;
    expect(await lines({ digest: 'sha1' })).toBe(`${fingerprint.sha1} c.example.com\n`);
    expect(await lines({ digest: 'sha256', pin: 'public-key' })).toBe(`${publicKeyFingerprint.sha256} c.example.com\n`);
    expect(await lines({ digest: 'sha512', pin: 'both' })).toBe(
      `${fingerprint.sha512} c.example.com\n${publicKeyFingerprint.sha512} c.example.com\n`,
    );
  });

  it('reads standard input, text or not', async () => {
    for (const input of [new TextEncoder().encode(client.certificatePem), client.facts.der])
      expect(await run(['-'], { digest: 'sha256' }, input)).toMatchObject({
        code: 0,
        stdout: `${client.facts.fingerprint.sha256} c.example.com\n`,
      });
  });

  it('prints one JSON document', async () => {
    file('c.pem', client.certificatePem);
    const { code, stdout } = await run(['c.pem'], { json: true });
    const document: unknown = JSON.parse(stdout);
    expect(code).toBe(0);
    expect(document).toMatchObject({
      schema: 'certrelay/fingerprint@1',
      certificates: [
        {
          file: 'c.pem',
          subject: 'c.example.com',
          serial: client.facts.serial,
          fingerprint: { ...client.facts.fingerprint, md5: expect.stringMatching(/^([0-9A-F]{2}:){15}[0-9A-F]{2}$/) },
          publicKeyFingerprint: client.facts.publicKeyFingerprint,
        },
      ],
    });
    expect(document).not.toHaveProperty('errors');
    expect(stdout).not.toContain('"der"');
  });

  it('says what is no certificate, exits 2, and still does the rest', async () => {
    file('c.key', client.keyPem);
    file('c.pem', client.certificatePem);
    const text = await run(['c.key', 'c.pem'], { digest: 'sha1' });
    expect(text).toMatchObject({ code: 2, stdout: `${client.facts.fingerprint.sha1} c.example.com\n` });
    expect(text.stderr).toContain('"c.key" has no certificate but a private key');
    expect(text.stderr).not.toContain(client.keyPem.split('\n')[1]);
    const json = await run(['c.key', 'c.pem'], { json: true });
    expect(json.code).toBe(2);
    expect(JSON.parse(json.stdout)).toMatchObject({
      certificates: [{ file: 'c.pem' }],
      errors: [{ code: 'certificate-missing' }],
    });
    expect(await run(['-'])).toMatchObject({ code: 2, stdout: '', stderr: expect.stringContaining('is empty') });
  });

  it('says what it cannot read', async () => {
    expect(await run(['nothing.pem'])).toMatchObject({ code: 2, stderr: expect.stringContaining('no such file') });
    expect(await run(['.'])).toMatchObject({ code: 2, stderr: expect.stringContaining('folder') });
  });

  it.skipIf(process.platform !== 'linux')('exits 1 for a file that cannot be read (by a file of Linux)', async () => {
    // Reading the first octet of a process's memory fails for everybody, the superuser too.
    expect(await run(['/proc/self/mem'])).toMatchObject({ code: 1, stderr: expect.stringContaining('cannot read') });
  });

  it.each(['localhost:1', '[127.0.0.1]:1', '[::1]:1'])('says so where no server listens: %s', async (host) => {
    const { code, stdout, stderr } = await run([host]);
    expect({ code, stdout }).toEqual({ code: 1, stdout: '' });
    expect(stderr).toMatch(
      /^certrelay: "(?:localhost|127\.0\.0\.1|\[::1\]):1": (?:nothing listens there|there is no way)/,
    );
  });

  it.each(['mail.example.com:0', 'mail.example.com:http'])('refuses %s, which names no port', async (host) => {
    expect(await run([host])).toMatchObject({ code: 2, stdout: '', stderr: expect.stringContaining('no port') });
  });

  it('marks what is not valid now', async () => {
    file('c.pem', client.certificatePem);
    const late = new Date(now.getTime() + 1000 * 86_400_000);
    expect((await run(['c.pem'], {}, undefined, late)).stdout).toContain(' (expired)');
    expect((await run(['c.pem'], {}, undefined, new Date(0))).stdout).toContain(' (not yet valid)');
  });

  it('refuses values it does not know', async () => {
    await expect(run(['c.pem'], { digest: 'sha265' })).rejects.toMatchObject({
      exit: 'usage',
      problems: [{ hint: 'did you mean "sha256"?' }],
    });
  });

  it('lets no control character from a certificate reach the terminal', async () => {
    const name = 'evil\u001b[2J\u202e\nname';
    const options = { keyType: 'ec-p256', now, random } as const;
    const issued = await issue(profiles.client, { name }, authority.authority, options);
    file('evil.pem', issued.certificatePem);
    const { stdout } = await run(['evil.pem']);
    expect(stdout).toContain('evil?[2J??name');
    expect(stdout).not.toMatch(/[^\n\P{Cc}]|\p{Cf}/u);
    expect((await run(['evil.pem'], { digest: 'sha1' })).stdout.split('\n')).toHaveLength(2);
  });
});
