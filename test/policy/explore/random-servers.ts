import { createHash } from 'node:crypto';
import type { PostfixConfig } from '../../../src/policy/postfix/config.ts';
import { readConfig } from '../../../src/policy/postfix/read-config.ts';
import { type CertificatePool, digests, pooledNames, withFingerprints } from '../../kinds/differential/certificates.ts';
import { type Generated, generated } from '../../kinds/differential/generate/generate.ts';
import { mainCfText, masterCfText } from '../../kinds/differential/scenario.ts';

/** Certificates by name only: nothing here looks into one. */
export const pool: CertificatePool = {
  authorityPem: '',
  serverPem: '',
  serverKeyPem: '',
  clients: pooledNames.map((name) => ({
    name,
    subject: `${name}.example.com`,
    issuer: 'lab authority',
    trusted: name === 'good' || name === 'rsa',
    certificatePem: '',
    keyPem: '',
    fingerprint: fingerprints(`certificate ${name}`),
    publicKeyFingerprint: fingerprints(`key ${name}`),
  })),
};

function fingerprints(text: string): Readonly<Record<string, string>> {
  const hex = (digest: string) => createHash(digest).update(text).digest('hex').toUpperCase();
  return Object.fromEntries(digests.map((digest) => [digest, hex(digest).replace(/..(?=.)/g, '$&:')]));
}

export interface RandomServer {
  readonly config: PostfixConfig;
  readonly generated: Generated;
  /** For whoever wants to play it again. */
  readonly where: string;
}

export const versions = ['3.7', '3.10', '3.11', '3.5', '3.7', '3.4', '3.0', '2.10'] as const;

/** Random configurations with random sessions, as the comparison with a real server draws them. */
export function* randomServers(seed: number, count: number, sessions: number): Generator<RandomServer> {
  for (let index = 0; index < count; index++) {
    const drawn = generated(seed, index, sessions, (text) => withFingerprints(text, pool), pool);
    const version = versions[index % versions.length] ?? '3.7';
    const config = readConfig({
      version,
      mainCf: mainCfText(drawn.configuration),
      masterCf: masterCfText(drawn.configuration),
      service: 'smtp',
      tables: drawn.configuration.tables,
    });
    yield { config, generated: drawn, where: `seed ${seed}, server ${index}, Postfix ${version}` };
  }
}
