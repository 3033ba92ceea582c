import { tlsSettings } from '../../policy/smtpd/questions/tls.ts';
import { usesCertificates } from '../configuration/certificate-use.ts';
import { overrideOf, setTo } from '../configuration/edit.ts';
import type { FindingRow } from './finding.ts';
import { at, decisiveFor, perService } from './per-service.ts';

/** Whether clients are asked for a certificate, and what becomes of those without one that verifies. */
export const askCertificateFindings: readonly FindingRow[] = [
  {
    id: 'ask-ccert-missing',
    severity: 'error',
    title: 'the server never asks clients for a certificate',
    doc:
      'A client shows its certificate only when the server asks for it in the handshake. Up to Postfix 3.4 nothing in the ' +
      'log says so; later releases warn that smtpd_tls_ask_ccert is "no".',
    test: (evidence) =>
      perService(evidence, (server, service) => {
        const { config } = service;
        const { offered, asksCertificate } = tlsSettings(config);
        if (!usesCertificates(service) || !offered || asksCertificate) return [];
        return [
          {
            ...at(server, service, 'smtpd_tls_ask_ccert'),
            ...decisiveFor(evidence, service, ({ conversation }) => conversation.tls !== undefined),
            message: `smtpd_tls_ask_ccert is "no": clients are never asked for a certificate`,
            why: 'a client shows no certificate unasked, so the restrictions that look at it never apply',
            repair: 'set smtpd_tls_ask_ccert to yes',
            edits: [[setTo('smtpd_tls_ask_ccert', 'yes', overrideOf(service, 'smtpd_tls_ask_ccert'))]],
          },
        ];
      }),
  },
  {
    id: 'req-ccert-ignored',
    severity: 'warning',
    title: 'a certificate is required where TLS is optional, which has no effect',
    doc: 'smtpd_tls_req_ccert works only where TLS is mandatory (level encrypt, or wrapper mode).',
    test: (evidence) =>
      perService(evidence, (server, service) => {
        const { config } = service;
        const { offered, mandatory } = tlsSettings(config);
        if (!offered || mandatory || !config.boolean('smtpd_tls_req_ccert')) return [];
        return [
          {
            ...at(server, service, 'smtpd_tls_req_ccert'),
            message: 'smtpd_tls_req_ccert is "yes", but TLS is optional here, so it does nothing',
            why: 'a certificate can be required only of clients that have to use TLS',
            repair: 'set smtpd_tls_ask_ccert to yes instead: the restriction lists look at the certificate',
          },
        ];
      }),
  },
  {
    id: 'req-ccert-refuses',
    severity: 'error',
    title: 'clients whose certificate does not verify are sent away before their fingerprint is looked up',
    doc:
      'With mandatory TLS, smtpd_tls_req_ccert ends the session after the handshake unless the certificate verifies ' +
      'against smtpd_tls_CAfile or smtpd_tls_CApath, whatever relay_clientcerts lists.',
    test: (evidence) =>
      perService(evidence, (server, service) => {
        const { requiresCertificate, hasAuthorities } = tlsSettings(service.config);
        if (!requiresCertificate) return [];
        const cut = evidence.replays.find(
          (replay) =>
            replay.service === service &&
            [replay.reply?.reply.text, replay.logged?.text].some((text) =>
              /Client certificate not trusted/.test(text ?? ''),
            ),
        );
        if (hasAuthorities && cut === undefined) return [];
        return [
          {
            ...at(server, service, 'smtpd_tls_req_ccert'),
            ...(cut === undefined ? {} : { decisive: true as const }),
            message: hasAuthorities
              ? 'smtpd_tls_req_ccert sent a client away whose certificate does not verify'
              : 'smtpd_tls_req_ccert wants a certificate that verifies, but there is neither smtpd_tls_CAfile nor smtpd_tls_CApath',
            why: hasAuthorities
              ? 'the session ends after the handshake; relay_clientcerts is never asked'
              : 'without authorities no certificate verifies: every client gets "421 4.7.1 Client certificate not trusted"',
            repair: 'set smtpd_tls_req_ccert to no and smtpd_tls_ask_ccert to yes: fingerprints need no authority',
            edits: [
              [
                setTo('smtpd_tls_req_ccert', 'no', overrideOf(service, 'smtpd_tls_req_ccert')),
                setTo('smtpd_tls_ask_ccert', 'yes', overrideOf(service, 'smtpd_tls_ask_ccert')),
              ],
            ],
          },
        ];
      }),
  },
];
