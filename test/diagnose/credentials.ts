import { createPrivateKey, createPublicKey } from 'node:crypto';
import type { CertificateEvidence, KeyEvidence } from '../../src/diagnose/evidence/evidence.ts';
import { type Authority, issueAuthority } from '../../src/provision/pki/authority.ts';
import { issue } from '../../src/provision/pki/issue.ts';
import { profiles } from '../../src/provision/pki/profiles.ts';
import type { CertificateFacts } from '../../src/x509/facts.ts';
import { inspect } from '../../src/x509/inspect.ts';
import type { CertificatePool } from '../kinds/differential/certificates.ts';

/** The certificates and keys of a fixture's part, by who names them. */
export interface Credentials {
  readonly server: readonly CertificateEvidence[];
  readonly serverKeys: readonly KeyEvidence[];
  readonly client: readonly CertificateEvidence[];
  readonly clientKeys: readonly KeyEvidence[];
  readonly nobody: readonly CertificateEvidence[];
}

const day = 86_400_000;

/**
 * Makes what the lines of a `certificates:` block describe, each `PATH word=value …`: `side` (server, client, nobody),
 * `pool` (a certificate of the pool) or `name`, `profile`, `age` and `days` of a new one; `subject`, `issuer`, `isCA`
 * stand in for what a certificate says; `with` adds the chain of another line, `times` repeats it; `key=PATH` and
 * `keyOf=PATH` say where a key lies and which line it belongs to.
 */
export async function credentialsOf(
  lines: readonly string[],
  pool: CertificatePool,
  now: Date,
  random: (bytes: number) => Uint8Array,
): Promise<Credentials> {
  const authority = (
    await issueAuthority({
      name: 'lab authority',
      keyType: 'ec-p256',
      now: new Date(now.getTime() - 800 * day),
      random,
    })
  ).authority;
  const made: Made[] = [];
  for (const line of lines) made.push(await makeOf(line, made, pool, authority, now, random));
  const certificates = (side: string) =>
    made
      .filter((each) => each.side === side && each.evidence !== undefined)
      .map(({ evidence }) => evidence as CertificateEvidence);
  const keys = (side: string): KeyEvidence[] =>
    made.flatMap(({ side: own, keyPath, publicKey }) =>
      own === side && keyPath !== undefined ? [{ file: keyPath, path: keyPath, publicKey }] : [],
    );
  return {
    server: certificates('server'),
    serverKeys: keys('server'),
    client: certificates('client'),
    clientKeys: keys('client'),
    nobody: certificates('nobody'),
  };
}

interface Made {
  readonly path: string;
  readonly side: string;
  readonly evidence: CertificateEvidence | undefined;
  readonly publicKey: Uint8Array;
  readonly keyPath: string | undefined;
}

async function makeOf(
  line: string,
  before: readonly Made[],
  pool: CertificatePool,
  authority: Authority,
  now: Date,
  random: (bytes: number) => Uint8Array,
): Promise<Made> {
  const [path = '', ...words] = line.split(' ');
  const given = Object.fromEntries(words.map((word) => word.split(/=(.*)/s))) as Record<string, string | undefined>;
  const side = given.side ?? 'nobody';
  const other = before.find((each) => each.path === given.keyOf);
  if (other !== undefined) return { path, side, evidence: undefined, publicKey: other.publicKey, keyPath: path };
  const pooled = pool.clients.find(({ name }) => name === given.pool);
  const at = new Date(now.getTime() - Number(given.age ?? 0) * day);
  const profile = given.profile === 'server' ? profiles.server : profiles.client;
  const { certificatePem, keyPem } =
    pooled ??
    (await issue(profile, { name: given.name ?? 'good.example.com' }, authority, {
      keyType: 'ec-p256',
      now: at,
      days: Number(given.days ?? 30),
      random,
    }));
  const [facts] = inspect(Buffer.from(certificatePem), path).certificates;
  if (facts === undefined) throw new Error(`no certificate came out of "${line}"`);
  const said: CertificateFacts = {
    ...facts,
    ...(given.subject === undefined ? {} : { subject: given.subject.replaceAll('_', ' ') }),
    ...(given.issuer === undefined ? {} : { issuer: given.issuer.replaceAll('_', ' ') }),
    ...(given.isCA === undefined ? {} : { isCA: true }),
    ...(given.eku === undefined ? {} : { extKeyUsage: given.eku.split(',').filter(Boolean) }),
  };
  const more = (given.with ?? '')
    .split(',')
    .flatMap((name) => before.find((each) => each.path === name)?.evidence?.chain ?? []);
  const chain = [...Array.from({ length: Number(given.times ?? 1) }, () => said), ...more];
  const publicKey = new Uint8Array(createPublicKey(createPrivateKey(keyPem)).export({ type: 'spki', format: 'der' }));
  return {
    ...{ path, side, publicKey, keyPath: given.key },
    evidence: { file: path, ...(side === 'nobody' ? {} : { path }), chain },
  };
}
