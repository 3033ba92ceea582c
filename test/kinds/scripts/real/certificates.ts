import { createHash, randomBytes, X509Certificate } from 'node:crypto';
import { issueAuthority } from '../../../../src/provision/pki/authority.ts';
import { issue } from '../../../../src/provision/pki/issue.ts';
import { profiles } from '../../../../src/provision/pki/profiles.ts';
import { type CertificatePool, digests, type PooledCertificate } from '../../differential/certificates.ts';

/** A certificate as a script names it. */
export interface Wanted {
  readonly subject: string;
  readonly trusted: boolean;
}

export function nameOf({ subject, trusted }: Wanted): string {
  return `${subject} ${trusted ? 'trusted' : 'untrusted'}`;
}

const random = (bytes: number): Uint8Array => randomBytes(bytes);

/** Certificates with the names that scripts give them; those that are not trusted are of another authority. */
export async function certificatesFor(wanted: readonly Wanted[], now: Date): Promise<CertificatePool> {
  const keyType = 'ec-p256';
  const own = await issueAuthority({ name: 'lab authority', keyType, now, random });
  const other = await issueAuthority({ name: 'ca.example.com', keyType, now, random });
  const server = await issue(profiles.server, { name: 'mx.lab.test' }, own.authority, { keyType, now, random });
  const clients: PooledCertificate[] = [];
  for (const each of new Map(wanted.map((one) => [nameOf(one), one])).values()) {
    const authority = each.trusted ? own.authority : other.authority;
    const { certificatePem, keyPem } = await issue(profiles.client, { name: each.subject }, authority, {
      keyType,
      now,
      random,
    });
    const { raw, publicKey } = new X509Certificate(certificatePem);
    clients.push({
      name: nameOf(each),
      subject: each.subject,
      issuer: each.trusted ? 'lab authority' : 'ca.example.com',
      trusted: each.trusted,
      certificatePem,
      keyPem,
      fingerprint: fingerprints(raw),
      publicKeyFingerprint: fingerprints(publicKey.export({ type: 'spki', format: 'der' })),
    });
  }
  return {
    authorityPem: own.certificatePem,
    serverPem: server.certificatePem,
    serverKeyPem: server.keyPem,
    clients,
  };
}

function fingerprints(der: Buffer): Readonly<Record<string, string>> {
  const hex = (digest: string) => createHash(digest).update(der).digest('hex').toUpperCase();
  return Object.fromEntries(digests.map((digest) => [digest, hex(digest).replace(/..(?=.)/g, '$&:')]));
}
