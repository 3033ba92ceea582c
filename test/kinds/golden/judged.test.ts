import { describe, expect, it } from 'vitest';
import { decide } from '../../../src/policy/policy.ts';
import { stockMainCf } from '../../../src/policy/postfix/presets/presets.ts';
import { isAdmitted } from '../../../src/provision/ledger/ledger-state.ts';
import { plan, type RenderInput } from '../../../src/provision/render/plan.ts';
import { isBefore } from '../../../src/provision/settings/postfix-version.ts';
import { knownTables } from '../../../src/provision/verify/verify-plan.ts';
import type { FingerprintSet } from '../../../src/x509/algorithms.ts';
import { digestsOf, templates } from '../../provision/render/world.ts';
import { cases } from './cases.ts';

/** What the server would have without the fragment. */
function baseOf({ inventory: { settings } }: RenderInput): string {
  const bare = `${isBefore(settings.postfix, '3.0') ? '' : 'compatibility_level = 2\n'}mynetworks = 127.0.0.0/8\n`;
  const kept = settings.serverCert === 'keep' ? 'smtpd_tls_cert_file = /etc/ssl/kept.pem\n' : '';
  return `${kept}${settings.baseMainCf ?? (settings.os === undefined ? bare : stockMainCf(settings.os))}\n`;
}

type Certificate = { readonly fingerprint: FingerprintSet; readonly publicKeyFingerprint: FingerprintSet };

function verdictOf(input: RenderInput, host: string, certificate: Certificate | undefined, tls = true): string {
  const { outputs, hosts } = plan(input, templates);
  const text = (file: string): string => outputs.find(({ to }) => to === `hosts/${host}/${file}`)?.content ?? '';
  const view = hosts.get(host);
  const service = view?.hasOwnService === true ? { masterCf: text('master.cf'), service: view.relayPort } : {};
  const known = view === undefined ? [] : knownTables(view);
  const maps = known.map(({ name, file }) => [name, text(file)]);
  const presented = {
    ...{ trusted: true, subject: 'client.example.com', issuer: 'certrelay' },
    fingerprint: certificate?.fingerprint,
    publicKeyFingerprint: certificate?.publicKeyFingerprint,
  };
  const answer = decide({
    postfix: input.inventory.settings.postfix,
    ...service,
    mainCf: `${baseOf(input)}myhostname = ${host}\n${text('main.cf')}`,
    tables: Object.fromEntries([
      ['/etc/postfix/transport', ''],
      ['/etc/postfix/senders', ''],
      ['/etc/postfix/more', ''],
      ...maps,
    ]),
    dns: {},
    session: {
      client: { address: '192.0.2.77', name: 'client.example.com', reverseName: 'client.example.com' },
      helo: 'client.example.com',
      protocol: 'ESMTP',
      tls: tls ? { protocol: 'TLSv1.2', certificate: certificate === undefined ? null : presented } : null,
      sasl: null,
      mailFrom: 'root@client.example.com',
      rcptTo: ['someone@outside.example'],
    },
  });
  return 'error' in answer ? answer.error.message : `${answer.verdict} ${answer.replies.at(-1)?.code}`;
}

/** The simulator reads each server's fragment over its base and judges the sessions that the rendering is for. */
describe('rendered servers, judged', () => {
  const wrong = /^reject (?:4\d\d|5\d\d)$/;
  // Where TLS comes first, plain text gets no reply at all.
  const wrongPlain = ({ inventory: { settings } }: RenderInput) =>
    settings.dedicatedPort === 465 ? /^reject / : wrong;

  it.each(cases.map((each) => [each.name, each.input] as const))('%s', (_name, input) => {
    const { inventory, ledger } = input;
    const stranger = { fingerprint: digestsOf('stranger'), publicKeyFingerprint: digestsOf('of a stranger') };
    for (const { name: host } of inventory.servers) {
      const all = [...new Set(inventory.clients.map((client) => client.name))].flatMap((client) =>
        ledger.of(client, 'client'),
      );
      expect(all.length).toBeGreaterThan(0);
      for (const certificate of all) {
        const verdict = verdictOf(input, host, certificate);
        if (isAdmitted(certificate)) expect(verdict, certificate.holder).toBe('permit 250');
        else expect(verdict, `${certificate.holder} ${certificate.serial}`).toMatch(wrong);
      }
      for (const refused of [verdictOf(input, host, stranger), verdictOf(input, host, undefined)]) {
        expect(refused).toMatch(wrong);
      }
      expect(verdictOf(input, host, undefined, false)).toMatch(wrongPlain(input));
    }
  });
});
