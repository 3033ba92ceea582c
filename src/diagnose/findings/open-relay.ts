import { atLeast } from '../../policy/postfix/version.ts';
import { decisiveReply } from '../../policy/smtpd/lists/verdict.ts';
import { type Edit, setTo } from '../configuration/edit.ts';
import { flatElements, relayLists } from '../configuration/elements.ts';
import type { ServiceEvidence } from '../evidence/evidence.ts';
import { strangers } from '../trial/strangers.ts';
import { trialOf } from '../trial/trial.ts';
import type { FindingRow, Occurrence } from './finding.ts';
import { at, perService } from './per-service.ts';

const relayList = 'smtpd_relay_restrictions';

/**
 * A relay list that protects: the permits for those whom the lists about relaying name already, and a refusal behind
 * them.
 */
export function protectingList({ config }: ServiceEvidence): readonly Edit[] {
  const named = relayLists(config).flatMap((list) => flatElements(config, list).map(({ name }) => name));
  const known = [
    'permit_mynetworks',
    'permit_sasl_authenticated',
    'permit_tls_clientcerts',
    'permit_tls_all_clientcerts',
  ];
  const permits = known.filter((name) => named.includes(name));
  return atLeast(config.version, '2.10')
    ? [setTo(relayList, [...permits, 'defer_unauth_destination'].join(', '))]
    : [setTo('smtpd_recipient_restrictions', [...permits, 'reject_unauth_destination'].join(', '))];
}

function openings(service: ServiceEvidence) {
  const trial = trialOf(service.sources);
  if (trial.config.fatal !== undefined) return undefined;
  const open = strangers(trial.config, [])
    .filter(({ kind }) => kind === 'stranger')
    .map((stranger) => ({ stranger, verdict: trial.play(stranger.session) }));
  return open.find(({ verdict }) => verdict.verdict === 'permit');
}

export const openRelay: FindingRow = {
  id: 'open-relay',
  severity: 'error',
  title: 'the server relays for anybody',
  doc: 'A client without a certificate, a login or an address in mynetworks can send mail to other sites.',
  test: (evidence) =>
    perService(evidence, (server, service): readonly Occurrence[] => {
      const open = openings(service);
      if (open === undefined) return [];
      const permit = decisiveReply(open.verdict.replies)?.permits[0];
      const byNetwork = permit?.restriction.toLowerCase() === 'permit_mynetworks';
      const place = permit === undefined ? undefined : at(server, service, permit.list, permit.restriction);
      return [
        {
          ...(byNetwork ? at(server, service, 'mynetworks') : (place ?? at(server, service, relayList))),
          message: `anybody can relay: ${open.stranger.who}, is accepted`,
          why:
            permit === undefined
              ? 'no element of any list refuses a remote recipient'
              : `"${permit.restriction}" of ${permit.list} permits it`,
          repair: byNetwork
            ? 'write into mynetworks the networks that are your own, and nothing else'
            : 'end the relay list with defer_unauth_destination or reject_unauth_destination, after the permits for those whom you know',
          ...(byNetwork ? {} : { edits: [protectingList(service)] }),
        },
      ];
    }),
};
