import { readMasterCf } from '../../src/policy/postfix/master-cf.ts';
import { parseVersion } from '../../src/policy/postfix/version.ts';
import type { CertificatePool } from '../kinds/differential/certificates.ts';
import type { Case, Configuration, ScenarioSession } from '../kinds/differential/scenario.ts';
import { baseMainCf, baseTables, overBase } from './base.ts';
import type { Part } from './fixture.ts';
import { namedFingerprints } from './named-fingerprints.ts';

/** A part of a fixture as a case to play, to a real server or to the simulator. */
export function caseOf(part: Part, client: string, pool: CertificatePool): Case {
  return { configuration: configurationOf(part, pool), session: sessionOf(client, pool), world: { dns: {} } };
}

function configurationOf(part: Part, pool: CertificatePool): Configuration {
  const lines = namedFingerprints(overBase(baseMainCf, part.mainCf), pool).split('\n').filter(Boolean);
  const parameters = lines.map((line): [string, string] => {
    const [name = '', value = ''] = line.split(/\s*=\s*(.*)/s);
    return [name, value];
  });
  const tables = Object.entries({ ...baseTables, ...part.tables }).map(([path, text]) => [
    path,
    namedFingerprints(text, pool),
  ]);
  return { parameters, overrides: overridesOf(part), tables: Object.fromEntries(tables) };
}

/** The options of the fixture's one SMTP service. */
function overridesOf({ masterCf, postfix }: Part): Configuration['overrides'] {
  const version = parseVersion(postfix);
  if (masterCf === undefined || 'code' in version) return [];
  const { services } = readMasterCf(masterCf, 'master.cf', version);
  return (services.find(({ type }) => type === 'inet')?.overrides ?? []).map(({ name, value }) => [name, value]);
}

/** `plain`: without TLS; `none`: without a certificate; else the one of that name. */
function sessionOf(client: string, pool: CertificatePool): ScenarioSession {
  const found = pool.clients.find(({ name }) => name === client);
  if (found === undefined && client !== 'plain' && client !== 'none')
    throw new Error(`no client is called "${client}"`);
  const { name, trusted, subject, issuer, fingerprint, publicKeyFingerprint } = found ?? {};
  return {
    client: { address: '203.0.113.9', name: 'client.example.com', reverseName: 'client.example.com' },
    helo: 'client.example.com',
    protocol: 'ESMTP',
    tls:
      client === 'plain'
        ? null
        : {
            protocol: 'TLSv1.3',
            certificate:
              name === undefined || subject === undefined || issuer === undefined || trusted === undefined
                ? null
                : {
                    ...{ name, trusted, subject, issuer },
                    fingerprint: { ...fingerprint },
                    publicKeyFingerprint: { ...publicKeyFingerprint },
                  },
          },
    sasl: null,
    mailFrom: 'root@client.example.com',
    rcptTo: ['someone@outside.example'],
    data: false,
  };
}
