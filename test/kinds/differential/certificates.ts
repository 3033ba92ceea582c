import { createHash, randomBytes, X509Certificate } from 'node:crypto';
import { type Authority, issueAuthority } from '../../../src/provision/pki/authority.ts';
import { issue } from '../../../src/provision/pki/issue.ts';
import { profiles } from '../../../src/provision/pki/profiles.ts';
import type { KeyType } from '../../../src/x509/algorithms.ts';

/** A client's certificate, with what the server will find out about it. */
export interface PooledCertificate {
  readonly name: string;
  readonly subject: string;
  readonly issuer: string;
  /** It verifies against the server's authority, for a TLS client, today. */
  readonly trusted: boolean;
  readonly certificatePem: string;
  readonly keyPem: string;
  readonly fingerprint: Readonly<Record<string, string>>;
  readonly publicKeyFingerprint: Readonly<Record<string, string>>;
}

export interface CertificatePool {
  readonly authorityPem: string;
  readonly serverPem: string;
  readonly serverKeyPem: string;
  readonly clients: readonly PooledCertificate[];
}

export const digests = ['md5', 'sha1', 'sha256', 'sha384', 'sha512'] as const;

/** The certificates that scenarios name, in words, so that a scenario can be made before they are. */
export const pooledNames = ['good', 'rsa', 'stranger', 'expired', 'serverish'] as const;

const random = (bytes: number): Uint8Array => randomBytes(bytes);
const day = 86_400_000;

/** Fresh keys for a run: an authority, the server, and a client of each kind. */
export async function makeCertificates(now: Date): Promise<CertificatePool> {
  const longAgo = new Date(now.getTime() - 400 * day);
  const own = await issueAuthority({ name: 'lab authority', keyType: 'ec-p256', now: longAgo, random });
  const other = await issueAuthority({ name: 'other authority', keyType: 'ec-p256', now, random });
  const server = await issue(profiles.server, { name: 'mx.lab.test' }, own.authority, {
    keyType: 'ec-p256',
    now,
    random,
  });
  const client = async (
    name: (typeof pooledNames)[number],
    trusted: boolean,
    keyType: KeyType,
    authority: Authority,
    at: Date,
    days = 30,
    profile: (typeof profiles)['server' | 'client'] = profiles.client,
  ): Promise<PooledCertificate> => {
    const { certificatePem, keyPem } = await issue(profile, { name: `${name}.example.com` }, authority, {
      keyType,
      now: at,
      days,
      random,
    });
    const { raw, publicKey } = new X509Certificate(certificatePem);
    return {
      name,
      subject: `${name}.example.com`,
      issuer: authority === own.authority ? 'lab authority' : 'other authority',
      trusted,
      certificatePem,
      keyPem,
      fingerprint: fingerprints(raw),
      publicKeyFingerprint: fingerprints(publicKey.export({ type: 'spki', format: 'der' })),
    };
  };
  return {
    authorityPem: own.certificatePem,
    serverPem: server.certificatePem,
    serverKeyPem: server.keyPem,
    clients: [
      await client('good', true, 'ec-p256', own.authority, now),
      await client('rsa', true, 'rsa-2048', own.authority, now),
      await client('stranger', false, 'ec-p256', other.authority, now),
      await client('expired', false, 'ec-p256', own.authority, longAgo),
      await client('serverish', false, 'ec-p256', own.authority, now, 30, profiles.server),
    ],
  };
}

/** By Node's own digests, so that those of the project are compared with another's. */
function fingerprints(der: Buffer): Readonly<Record<string, string>> {
  const hex = (digest: string) => createHash(digest).update(der).digest('hex').toUpperCase();
  return Object.fromEntries(digests.map((digest) => [digest, hex(digest).replace(/..(?=.)/g, '$&:')]));
}

/** Puts the fingerprints in the place of `@CERT:name:digest@` and `@KEY:name:digest@`. */
export function withFingerprints(text: string, { clients }: CertificatePool): string {
  return text.replace(/@(CERT|KEY):(\w+):(\w+)@/g, (_, kind: string, name: string, digest: string) => {
    const found = clients.find((each) => each.name === name);
    return (kind === 'CERT' ? found?.fingerprint : found?.publicKeyFingerprint)?.[digest] ?? '';
  });
}
