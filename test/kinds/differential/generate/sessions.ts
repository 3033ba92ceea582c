import type { CertificatePool } from '../certificates.ts';
import type { ScenarioSession } from '../scenario.ts';
import type { Draw } from './draw.ts';
import { address, clients, domains, helos, logins } from './words.ts';

/** What one client does. */
export function session(draw: Draw, { clients: pool }: CertificatePool): ScenarioSession {
  const early = draw.chance(3);
  const given = draw.one(pool as [(typeof pool)[number], ...typeof pool]);
  const { certificatePem: _, keyPem: __, ...certificate } = given;
  return {
    client: draw.one(clients),
    tls:
      !early && draw.chance(55)
        ? {
            protocol: draw.one(['TLSv1.3', 'TLSv1.3', 'TLSv1.2'] as const),
            certificate: draw.chance(85) ? certificate : null,
          }
        : null,
    sasl:
      !early && draw.chance(25) ? { user: draw.one(logins), method: draw.chance(92) ? 'PLAIN' : 'ANONYMOUS' } : null,
    protocol: draw.chance(85) ? 'ESMTP' : 'SMTP',
    data: !early && draw.chance(25),
    ...(draw.chance(96) ? { helo: draw.one(helos) } : {}),
    ...(draw.chance(97) ? { mailFrom: draw.chance(12) ? '' : address(draw) } : {}),
    rcptTo: draw.several(1, 3, () => address(draw)),
    ...(early ? { early } : {}),
    ...(draw.chance(6) ? { etrn: etrn(draw) } : {}),
    ...(draw.chance(7) ? { vrfy: draw.chance(50) ? address(draw) : `<${address(draw)}>` } : {}),
  };
}

function etrn(draw: Draw): string {
  if (draw.chance(70)) return draw.one(domains);
  return draw.one([
    '@lab.test',
    '#relay.net',
    'a..b',
    'two words',
    '12',
    '[127.0.0.1]',
    '[IPv6:::1]',
    '@',
    '_x.lab.test',
  ] as const);
}
