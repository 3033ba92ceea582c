import { tlsSettings } from '../../policy/smtpd/questions/tls.ts';
import { usesCertificates } from '../configuration/certificate-use.ts';
import type { FindingRow } from './finding.ts';
import { at, perService } from './per-service.ts';

/** What the log shows of TLS. */
export const logLevelFindings: readonly FindingRow[] = [
  {
    id: 'log-level-low',
    severity: 'note',
    title: 'the log shows too little of TLS to tell why a client was refused',
    doc: 'At level 0 the log says nothing of TLS, at 1 a line a session with its trust, at 2 also the fingerprints that are looked up.',
    test: (evidence) =>
      perService(evidence, (server, service) => {
        const { config } = service;
        if (!usesCertificates(service) || !tlsSettings(config).offered) return [];
        const level = config.integer('smtpd_tls_loglevel');
        const blind = evidence.replays.some(
          (replay) =>
            replay.service === service &&
            replay.verdict.verdict === 'reject' &&
            replay.session?.tls !== undefined &&
            replay.session.certificate === undefined &&
            replay.session.tls.trust !== 'Anonymous',
        );
        if (level > 0 && !(blind && level < 2)) return [];
        return [
          {
            ...at(server, service, 'smtpd_tls_loglevel'),
            message:
              level === 0
                ? 'smtpd_tls_loglevel is 0: the log says nothing of TLS'
                : `smtpd_tls_loglevel is ${level}: the log does not show the fingerprint of the client that was refused`,
            why: 'the fingerprint that the server looks for is logged at level 2 only',
            repair: 'set smtpd_tls_loglevel to 1, and to 2 while something is to be found out',
          },
        ];
      }),
  },
];
