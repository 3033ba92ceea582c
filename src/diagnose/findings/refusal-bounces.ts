import { outsideRecipients, overTls, sessionOf, unlistedCertificate } from '../../policy/identities/sessions.ts';
import { atLeast } from '../../policy/postfix/version.ts';
import { decisiveReply } from '../../policy/smtpd/lists/verdict.ts';
import { certificatePermits } from '../configuration/elements.ts';
import { foreignAddress } from '../trial/listed-client.ts';
import { trialOf } from '../trial/trial.ts';
import type { FindingRow } from './finding.ts';
import { at, perService } from './per-service.ts';

/** `reject` in the place of `defer`: what it costs when a certificate's line is late. */
export const refusalBounces: FindingRow = {
  id: 'refusal-bounces',
  severity: 'note',
  title: 'a client whose line is missing bounces its mail instead of keeping it',
  doc:
    'reject_unauth_destination answers 554, and the client returns the mail to its sender; defer_unauth_destination ' +
    'answers 454, and the client keeps it and tries again. While certificates are exchanged, the second loses nothing.',
  test: (evidence) => {
    const bounced = evidence.log?.deliveries.find(
      ({ status, reply }) => status === 'bounced' && /Relay access denied/.test(reply?.text ?? ''),
    );
    const found = perService(evidence, (server, service) => {
      const { config } = service;
      if (!atLeast(config.version, '2.10') || certificatePermits(config).length === 0) return [];
      const trial = trialOf(service.sources);
      const session = sessionOf({
        address: foreignAddress(config),
        tls: overTls(unlistedCertificate(false, 'authority')),
        to: outsideRecipients[0],
      });
      const reply = decisiveReply(trial.play(session).replies);
      const place = reply?.decidedBy[0];
      if (reply === undefined || place?.restriction !== 'reject_unauth_destination' || reply.reply.code < 500)
        return [];
      return [
        {
          ...at(server, service, place.list, place.restriction),
          message: `a client whose certificate is not listed yet gets ${reply.reply.code}, and bounces its mail`,
          why: `"${place.restriction}" of ${place.list} refuses for good; a client keeps only mail that gets 4xx`,
          repair: 'write defer_unauth_destination there while certificates are set up or rotated',
        },
      ];
    });
    if (found.length > 0 || bounced === undefined) return found;
    return [
      {
        where: bounced.where,
        message: `mail was returned to its sender: "${bounced.reply?.text}"`,
        why: 'the server refused for good, with 5xx; a client keeps only mail that gets 4xx',
        repair:
          'write defer_unauth_destination instead of reject_unauth_destination while certificates are set up or rotated',
      },
    ];
  },
};
