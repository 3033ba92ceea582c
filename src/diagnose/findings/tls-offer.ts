import { tlsSettings } from '../../policy/smtpd/questions/tls.ts';
import { usesCertificates } from '../configuration/certificate-use.ts';
import { overrideOf, setTo } from '../configuration/edit.ts';
import type { FindingRow } from './finding.ts';
import { at, decisiveFor, perService } from './per-service.ts';

const certificateFiles = [
  'smtpd_tls_cert_file',
  'smtpd_tls_dcert_file',
  'smtpd_tls_eccert_file',
  'smtpd_tls_chain_files',
];

/** Whether a server that goes by certificates does TLS at all. */
export const tlsOfferFindings: readonly FindingRow[] = [
  {
    id: 'tls-not-offered',
    severity: 'error',
    title: 'the server goes by client certificates but does not offer TLS',
    doc: 'A certificate is shown in a TLS handshake; without STARTTLS there is none, and certificate restrictions never apply.',
    test: (evidence) =>
      perService(evidence, (server, service) => {
        const { config } = service;
        const tls = tlsSettings(config);
        if (!usesCertificates(service) || tls.offered || tls.fatal !== undefined) return [];
        const hidden = /starttls/i.test(config.get('smtpd_discard_ehlo_keywords'));
        const parameter = hidden ? 'smtpd_discard_ehlo_keywords' : 'smtpd_tls_security_level';
        return [
          {
            ...at(server, service, parameter),
            ...decisiveFor(evidence, service, () => true),
            message: hidden
              ? 'smtpd_discard_ehlo_keywords hides STARTTLS from clients'
              : `smtpd_tls_security_level is "${config.get('smtpd_tls_security_level')}": the server does not offer STARTTLS`,
            why: 'without TLS a client shows no certificate, and permits by certificate never apply',
            repair: hidden ? 'take "starttls" out of it' : 'set smtpd_tls_security_level to may, or encrypt',
            edits: [[setTo(parameter, hidden ? '' : 'may', overrideOf(service, parameter))]],
          },
        ];
      }),
  },
  {
    id: 'server-certificate-missing',
    severity: 'error',
    title: 'TLS is on, but the server has no certificate of its own',
    doc: 'STARTTLS is answered "454 4.7.0 TLS not available due to local problem", and a client that goes on in plain text is refused later.',
    test: (evidence) =>
      perService(evidence, (server, service) => {
        const { config } = service;
        const { offered, broken, asksCertificate } = tlsSettings(config);
        if (!offered || !broken) return [];
        const without = asksCertificate && config.get('smtpd_tls_cert_file').toLowerCase() === 'none';
        if (!without && certificateFiles.some((name) => config.get(name) !== '')) return [];
        return [
          {
            ...at(server, service, without ? 'smtpd_tls_cert_file' : 'smtpd_tls_security_level'),
            ...decisiveFor(evidence, service, () => true),
            message: without
              ? 'smtpd_tls_cert_file is "none", but the server asks clients for certificates'
              : 'none of smtpd_tls_cert_file, smtpd_tls_eccert_file and smtpd_tls_chain_files is set',
            why: 'without a certificate of its own a server cannot ask for one: STARTTLS gets "454 4.7.0 TLS not available due to local problem"',
            repair: 'give the server a certificate and its key',
          },
        ];
      }),
  },
  {
    id: 'tls-level-unsupported',
    severity: 'warning',
    title: 'the server has a TLS level that only clients have',
    doc: 'smtpd(8) knows none, may and encrypt; verify, secure and fingerprint are levels of smtp(8), and are taken for encrypt.',
    test: (evidence) =>
      perService(evidence, (server, service) => {
        const level = service.config.get('smtpd_tls_security_level');
        if (!/^(?:verify|secure|fingerprint)$/i.test(level)) return [];
        return [
          {
            ...at(server, service, 'smtpd_tls_security_level'),
            message: `smtpd_tls_security_level is "${level}", which the server takes for "encrypt"`,
            why: 'it checks no certificate by itself: who may relay is decided by the restriction lists',
            repair: 'write encrypt, or may on a port that others use as well',
          },
        ];
      }),
  },
];
