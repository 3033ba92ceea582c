import { exploreServers } from '../../policy/explore/explore.ts';
import { groupPaths } from '../../policy/explore/grouped-paths.ts';
import { ExploredServer } from '../../policy/explore/server.ts';
import { atLeast } from '../../policy/postfix/version.ts';
import { decisiveReply } from '../../policy/smtpd/lists/verdict.ts';
import type { Place } from '../../policy/smtpd/questions/place.ts';
import { type Edit, setTo } from '../configuration/edit.ts';
import { flatElements, relayLists } from '../configuration/elements.ts';
import type { ServiceEvidence } from '../evidence/evidence.ts';
import { trialOf } from '../trial/trial.ts';
import { unlistedClients } from '../trial/unlisted-clients.ts';
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

/** A client that the configuration does not know, and the element that lets it relay; undefined: no list refuses. */
interface Opening {
  readonly who: string;
  readonly permit: Place | undefined;
}

const known = new WeakMap<ServiceEvidence['sources'], Opening | undefined>();

function openingOf(service: ServiceEvidence): Opening | undefined {
  const { sources } = service;
  if (!known.has(sources)) known.set(sources, triedOpening(service) ?? followedOpening(service));
  return known.get(sources);
}

function triedOpening({ sources }: ServiceEvidence): Opening | undefined {
  const trial = trialOf(sources);
  if (trial.config.fatal !== undefined) return undefined;
  for (const { kind, who, session } of unlistedClients(trial.config, [])) {
    const verdict = kind === 'unknown' ? trial.play(session) : undefined;
    if (verdict?.verdict === 'permit') return { who, permit: decisiveReply(verdict.replies)?.permits[0] };
  }
  return undefined;
}

/** So many paths are followed: diagnosis looks at every repair that it tries. */
const mostPaths = 5_000;

/** Sessions that are tried do not use the keys of tables, where anybody may use a key that is a HELO name or a sender. */
function followedOpening({ sources }: ServiceEvidence): Opening | undefined {
  const { config } = trialOf(sources);
  const asksTables = relayLists(config).some((list) =>
    flatElements(config, list).some(({ name }) => /^check_\w+_access$/.test(name)),
  );
  if (config.fatal !== undefined || !asksTables) return undefined;
  const exploration = exploreServers([new ExploredServer(config)], { recipients: 'remote', limit: mostPaths });
  const open = groupPaths(exploration).find((way) => way.open !== undefined);
  if (open?.open === undefined || open.open.witness.confirmed.includes('contradicted')) return undefined;
  const { client, helo, mailFrom, rcptTo } = open.open.witness.session;
  const greeting = helo === undefined ? '' : `, HELO ${helo}`;
  return {
    who: `${client.address}${greeting}, from <${mailFrom}> to <${rcptTo.join('>, <')}>`,
    permit: open.by,
  };
}

export const openRelay: FindingRow = {
  id: 'open-relay',
  severity: 'error',
  title: 'the server relays for anybody',
  doc: 'A client without a certificate, a login or an address in mynetworks can send mail to other sites.',
  test: (evidence) =>
    perService(evidence, (server, service): readonly Occurrence[] => {
      const open = openingOf(service);
      if (open === undefined) return [];
      const { who, permit } = open;
      const byNetwork = permit?.restriction.toLowerCase() === 'permit_mynetworks';
      const place = permit === undefined ? undefined : at(server, service, permit.list, permit.restriction);
      return [
        {
          ...(byNetwork ? at(server, service, 'mynetworks') : (place ?? at(server, service, relayList))),
          message: `anybody can relay: ${who}, is accepted`,
          why:
            permit === undefined
              ? 'no element of any list refuses a remote recipient'
              : `"${permit.restriction}" of ${permit.list} permits it`,
          repair: byNetwork
            ? 'write into mynetworks the networks that are your own, and nothing else'
            : permit?.restriction.startsWith('check_')
              ? 'put reject_unauth_destination or defer_unauth_destination before it, after the permits for those whom you know'
              : 'end the relay list with defer_unauth_destination or reject_unauth_destination, after the permits for those whom you know',
          ...(byNetwork ? {} : { edits: [protectingList(service)] }),
        },
      ];
    }),
};
