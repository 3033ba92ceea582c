import { describe, expect, it } from 'vitest';
import { outcomeOf, proofOf } from '../../../src/hosts/apply/proof.ts';
import { readManifest } from '../../../src/hosts/programs/manifest.ts';
import { installScript, serverView } from '../../provision/render/install/sample.ts';

const manifest = readManifest(installScript(serverView()));

/** What is proved of a host whose own relay list has this element, and whose virtual aliases are not at hand. */
function proved(element: string) {
  if ('code' in manifest) throw new Error(manifest.message);
  const list = `permit_mynetworks, ${element}permit_tls_clientcerts, reject_unauth_destination`;
  const text = [
    ...['compatibility_level = 3.6', 'myhostname = s.example.com', 'mydestination = example.com'],
    ...['mynetworks = 127.0.0.0/8', 'virtual_alias_maps = pcre:/virtual', 'relay_clientcerts = hash:/certs'],
    ...['smtpd_tls_ask_ccert = yes', 'smtpd_tls_security_level = may', 'smtpd_tls_cert_file = /s.pem'],
    `smtpd_relay_restrictions = ${list}\n`,
  ].join('\n');
  const host = {
    mainCf: [{ name: 'main.cf', text }],
    masterCf: 'smtp inet n - y - - smtpd\n',
    tables: { '/certs': '' },
  };
  return proofOf({
    ...{ manifest, version: '3.7.11', listed: [], before: host, after: host },
    servers: {
      reached: [{ listener: 'smtp', service: 'smtp/inet', isScreened: false, isChrooted: false }],
      others: [],
    },
  });
}

describe('what apply proves of a host', () => {
  it('follows every path: nobody else gets in by a plain list', () => {
    const rows = proved('')[0]?.rows ?? [];
    expect(rows.find(({ id }) => id === 'nobody-else')).toMatchObject({ outcome: 'met' });
  });

  it.each(['check_helo_access inline:{letmein=OK}, ', 'check_sender_access inline:{boss.test=OK}, '])(
    'refuses a host that anybody gets through by %s',
    (element) => {
      const verifications = proved(element);
      expect(verifications[0]?.rows.find(({ id }) => id === 'nobody-else')).toMatchObject({ outcome: 'broken' });
      expect(outcomeOf(verifications)).toBe('broken');
    },
  );
});
