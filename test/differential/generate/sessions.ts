import type { CertificatePool } from '../certificates.ts';
import type { ScenarioSession, ScenarioWorld } from '../scenario.ts';
import type { Draw } from './draw.ts';
import { address, clients, domains, helos, logins } from './words.ts';

/** What one client does. */
export function session(draw: Draw, { clients: pool }: CertificatePool): ScenarioSession {
  const given = draw.one(pool as [(typeof pool)[number], ...typeof pool]);
  const { certificatePem: _, keyPem: __, ...certificate } = given;
  return {
    client: draw.one(clients),
    tls: draw.chance(55)
      ? {
          protocol: draw.one(['TLSv1.3', 'TLSv1.3', 'TLSv1.2'] as const),
          certificate: draw.chance(85) ? certificate : null,
        }
      : null,
    sasl: draw.chance(25) ? { user: draw.one(logins), method: draw.chance(92) ? 'PLAIN' : 'ANONYMOUS' } : null,
    protocol: draw.chance(85) ? 'ESMTP' : 'SMTP',
    data: draw.chance(25),
    ...(draw.chance(96) ? { helo: draw.one(helos) } : {}),
    ...(draw.chance(97) ? { mailFrom: draw.chance(12) ? '' : address(draw) } : {}),
    rcptTo: draw.several(1, 3, () => address(draw)),
  };
}

/** What the world says of the names that sessions use. */
export function world(draw: Draw, { client }: ScenarioSession): ScenarioWorld {
  const records: Record<string, readonly string[] | string> = {};
  const { address: ip, name } = client;
  if (name !== 'unknown') records[`${name}/${ip.includes(':') ? 'AAAA' : 'A'}`] = [ip];
  for (const domain of [...domains, 'client.example.com', 'nowhere.test']) {
    if (!draw.chance(45) || Object.keys(records).some((key) => key.toLowerCase().startsWith(`${domain}/`))) continue;
    const [type, answer] = draw.weighted<readonly [string, readonly string[] | string]>([
      [5, () => ['MX', [`10 mail.${domain}`]]],
      [3, () => ['A', ['192.0.2.7']]],
      [2, () => ['AAAA', ['2001:db8::7']]],
      [1, () => ['MX', ['0 .']]],
      [1, () => ['MX', 'SERVFAIL']],
      [1, () => ['TXT', ['nothing to do with mail']]],
    ]);
    records[`${domain}/${type}`] = answer;
  }
  return records;
}
