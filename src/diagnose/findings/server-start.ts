import { outsideRecipients, sessionOf } from '../../policy/identities/sessions.ts';
import { setTo } from '../configuration/edit.ts';
import type { Evidence, ServiceEvidence } from '../evidence/evidence.ts';
import { trialOf } from '../trial/trial.ts';
import type { FindingRow } from './finding.ts';
import { protectingList } from './open-relay.ts';
import { at, perService } from './per-service.ts';

const unprotected = /specify at least one working instance of/;

function death({ sources }: ServiceEvidence): string | undefined {
  const session = sessionOf({ address: '192.0.2.77', name: 'unknown', to: outsideRecipients[0] });
  return trialOf(sources)
    .play(session)
    .fatal?.replace(/^fatal: /, '');
}

/** Log lines of a server that dies, where the configuration does not show it or was not given. */
function loggedDeaths({ log }: Evidence) {
  return (log?.trouble ?? []).filter(({ level, from }) => level === 'fatal' && from.program === 'smtpd');
}

export const serverStartFindings: readonly FindingRow[] = [
  {
    id: 'no-working-refusal',
    severity: 'error',
    title: 'neither the relay list nor the recipient list refuses anything',
    doc: 'smtpd(8) does not start when neither list could keep it from relaying for everybody; master(8) starts it again and again.',
    test: (evidence) => [
      ...perService(evidence, (server, service) => {
        const line = death(service);
        if (line === undefined || !unprotected.test(line)) return [];
        return [
          {
            ...at(server, service, 'smtpd_recipient_restrictions'),
            message: 'neither smtpd_relay_restrictions nor smtpd_recipient_restrictions holds anything that refuses',
            why: `the server dies when a client connects: "${line}"`,
            repair: 'end one of the two lists with reject_unauth_destination or defer_unauth_destination',
            edits: [protectingList(service)],
          },
        ];
      }),
      ...(evidence.server === undefined ? loggedDeaths(evidence) : [])
        .filter(({ text }) => unprotected.test(text))
        .slice(0, 1)
        .map(({ where, text }) => ({
          where,
          decisive: true,
          message: 'neither smtpd_relay_restrictions nor smtpd_recipient_restrictions holds anything that refuses',
          why: `the server died of it: "${text}"`,
          repair: 'end one of the two lists with reject_unauth_destination or defer_unauth_destination',
        })),
    ],
  },
  {
    id: 'server-dies',
    severity: 'error',
    title: 'the server does not start with this configuration',
    doc: 'smtpd(8) ends with an error while it reads its parameters or opens its tables, before any client gets a reply.',
    test: (evidence) => [
      ...perService(evidence, (server, service) => {
        const line = death(service);
        if (line === undefined || unprotected.test(line)) return [];
        const parameter = /\b((?:smtpd?|relay|tls|compatibility|virtual|local|my)_?\w+)\b/.exec(line)?.[1];
        const level = /Invalid TLS level/.test(line);
        const isSet = parameter !== undefined && service.config.isSet(parameter);
        return [
          {
            ...at(server, service, level ? 'smtpd_tls_security_level' : isSet ? parameter : 'config_directory'),
            message: `the server dies when a client connects: "${line}"`,
            why: 'smtpd(8) does not run with a value that it cannot read',
            repair: level
              ? 'set smtpd_tls_security_level to may or encrypt'
              : 'correct the value that the message names; "postfix check" and "postconf -n" show it',
            ...(level ? { edits: [[setTo('smtpd_tls_security_level', 'may')]] } : {}),
          },
        ];
      }),
      ...(evidence.server === undefined ? loggedDeaths(evidence) : [])
        .filter(({ text }) => !unprotected.test(text))
        .slice(0, 3)
        .map(({ where, text }) => ({
          where,
          decisive: true,
          message: `the server died: "${text}"`,
          why: 'smtpd(8) does not run with a value that it cannot read',
          repair: 'correct what the message names; "postfix check" and "postconf -n" show it',
        })),
    ],
  },
];
