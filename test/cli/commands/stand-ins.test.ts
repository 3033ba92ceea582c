import { randomBytes } from 'node:crypto';
import { mkdirSync, writeFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { isPlaceholder, placeholderFingerprint } from '../../../src/lib/placeholder-fingerprint.ts';
import { credentialsOf } from '../../diagnose/credentials.ts';
import { evidenceOf } from '../../diagnose/evidence-of.ts';
import { type Fixture, fixtures, type Part } from '../../diagnose/fixture.ts';
import { namedFingerprints } from '../../diagnose/named-fingerprints.ts';
import { type CertificatePool, makeCertificates } from '../../kinds/differential/certificates.ts';
import { placeholdersOf } from '../../setup/stand-ins.ts';
import { workplace } from '../../setup/workplace.ts';

const shell = workplace();
const { at, certrelay } = shell;
const now = new Date();
let pool: CertificatePool;

beforeAll(async () => {
  pool = await makeCertificates(now);
});

/** Lays a part of a fixture out as files; undefined: there is no server in it. */
async function laidOut(part: Part, name: string): Promise<readonly string[] | undefined> {
  const named = (text: string) => namedFingerprints(text, pool);
  const credentials = (lines: readonly string[]) => credentialsOf(lines, pool, now, (bytes) => randomBytes(bytes));
  const { server } = await evidenceOf(part, named, credentials, now);
  if (server === undefined) return undefined;
  mkdirSync(at(name), { recursive: true });
  writeFileSync(at(join(name, 'main.cf')), server.text);
  if (server.master !== undefined) writeFileSync(at(join(name, 'master.cf')), server.master.text);
  for (const { path, text } of server.tables) writeFileSync(at(join(name, basename(path))), text);
  writeFileSync(at(join(name, 'log')), named(part.log ?? ''));
  return ['--main-cf', join(name, 'main.cf'), '--postfix', part.postfix];
}

/** What each command says of the server of a fixture; running one fails when it shows a fingerprint that was made up. */
async function outputsOf({ id, parts }: Fixture): Promise<readonly string[]> {
  const has = await laidOut(parts.has, `${id}-has`);
  const fine = await laidOut(parts.fine, `${id}-fine`);
  if (has === undefined || fine === undefined) return [];
  const log = parts.has.log === undefined ? [] : ['--log', `${id}-has/log`];
  const client = ['--client-address', '192.0.2.1', '--fingerprint', 'sha256=unlisted', '--to', 'a@outside.example'];
  const runs: readonly (readonly string[])[] = [
    ['audit', ...has],
    ['audit', ...has, '--json'],
    ['explain', ...has, ...log, '--explain'],
    ['explain', ...has, ...log, '--json'],
    ['simulate', ...has, ...client, '--from', 'b@client.example', '--explain', '--trace'],
    ['simulate', ...has, ...client, '--from', 'b@client.example', '--json', '--trace'],
    ['compare', `${id}-fine`, `${id}-has`],
    ['compare', `${id}-fine`, `${id}-has`, '--json'],
  ];
  const outputs: string[] = [];
  for (const argv of runs) outputs.push((await certrelay(...argv)).stdout);
  return outputs;
}

describe('a fingerprint that was made up', () => {
  it.each(fixtures())('is in no output about the fixture of $id', { timeout: 120_000 }, async (fixture) => {
    const outputs = await outputsOf(fixture);
    expect(outputs.flatMap(placeholdersOf)).toEqual([]);
  });

  it('is known again, and no other is', () => {
    for (const digest of ['md5', 'sha1', 'sha224', 'sha256', 'sha384', 'sha512']) {
      for (const first of [0x50, 0xa0, 0xd0, 0xff])
        expect(isPlaceholder(placeholderFingerprint(digest, first))).toBe(true);
      expect(isPlaceholder(placeholderFingerprint(digest, 0xa0).replace(/.$/, '0'))).toBe(false);
    }
    expect(isPlaceholder('12:34:56:78:90:AB:CD:EF:FE:DC:BA:09:87:65:43:21:C0:DE:BE:EF')).toBe(false);
  });
});

describe('a refusal whose log does not show the certificate', () => {
  it('has no repair but to look at the certificate', async () => {
    mkdirSync(at('server'), { recursive: true });
    const settings = [
      ...[
        'compatibility_level = 3.6',
        'myhostname = mx.lab.test',
        'mydestination = lab.test',
        'local_recipient_maps =',
      ],
      ...['mynetworks = 127.0.0.0/8', 'relay_clientcerts = hash:/etc/postfix/certs', 'smtpd_tls_ask_ccert = yes'],
      ...['smtpd_tls_security_level = may', 'smtpd_tls_cert_file = /s.pem', 'smtpd_tls_fingerprint_digest = sha256'],
      'smtpd_tls_loglevel = 1',
      'smtpd_relay_restrictions = permit_mynetworks, permit_tls_clientcerts, defer_unauth_destination',
    ];
    const client = 'client.example.com[203.0.113.5]';
    const line = (text: string) => `Nov 30 10:00:00 mx postfix/smtpd[1]: ${text}\n`;
    const log = [
      `connect from ${client}`,
      `Untrusted TLS connection established from ${client}: TLSv1.3 with cipher TLS_AES_256_GCM_SHA384 (256/256 bits)`,
      `NOQUEUE: reject: RCPT from ${client}: 454 4.7.1 <a@outside.example>: Relay access denied; from=<b@client.example.com> to=<a@outside.example> proto=ESMTP helo=<client.example.com>`,
    ];
    writeFileSync(at('server/main.cf'), `${settings.join('\n')}\n`);
    writeFileSync(at('server/certs'), `${Array(32).fill('1B').join(':')} other.example.com\n`);
    writeFileSync(at('server/log'), log.map(line).join(''));
    const given = ['--main-cf', 'server/main.cf', '--postfix', '3.7', '--log', 'server/log'];
    const { stdout, status } = await certrelay('explain', ...given);
    expect(status).toBe(5);
    expect(stdout).toContain('the log does not show which');
    expect(stdout).toContain('postconf -e smtpd_tls_loglevel=2 && postfix reload');
    expect(stdout).toContain('--cert FILE');
    expect(stdout).not.toMatch(/^ *proved|add the line/m);
    const { repairs, sessions } = JSON.parse((await certrelay('explain', ...given, '--json')).stdout);
    expect(repairs).toEqual([]);
    expect(sessions[0].session.tls.certificate.fingerprint).toEqual({ sha256: 'unlisted' });
  });
});
