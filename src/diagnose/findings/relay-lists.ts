import { tokens } from '../../policy/postfix/tokens.ts';
import type { Place } from '../../policy/smtpd/questions/place.ts';
import { type Edit, overrideOf, setTo } from '../configuration/edit.ts';
import { relayLists } from '../configuration/elements.ts';
import type { Evidence, ServiceEvidence } from '../evidence/evidence.ts';
import { whereSet } from '../evidence/where.ts';
import { type RelayRefusal, refusedSession, relayRefusals } from '../trial/relay-refusal.ts';
import type { FindingRow, Occurrence } from './finding.ts';

const permit = 'permit_tls_clientcerts';

function occurrences(
  evidence: Evidence,
  kind: RelayRefusal['kind'],
  say: (refusal: RelayRefusal) => Omit<Occurrence, 'decisive' | 'service' | 'severity'>,
): readonly Occurrence[] {
  return relayRefusals(evidence)
    .filter((refusal) => refusal.kind === kind)
    .map((refusal) => {
      const { server, service } = refusal;
      const decisive = refusedSession(evidence, refusal);
      const isAsked = decisive || service === server.services[0];
      return {
        ...say(refusal),
        ...(service === server.services[0] ? {} : { service: service.name }),
        ...(decisive ? { decisive } : {}),
        // Another service may serve other clients.
        ...(isAsked ? {} : { severity: 'note' as const }),
      };
    });
}

function elementWords({ place }: RelayRefusal): string {
  return `"${place.restriction}" of ${place.list}`;
}

function whereElement({ server, service, place }: RelayRefusal) {
  const where = whereSet(server, service.config, place.list, place.restriction);
  return where === undefined ? {} : { where };
}

function wherePermit({ server, service, permits }: RelayRefusal) {
  const first = permits[0];
  const where = first === undefined ? undefined : whereSet(server, service.config, first.list, first.written);
  return where === undefined ? {} : { where };
}

/** Lists that refuse a listed client: each such refusal is exactly one of these. */
export const relayListFindings: readonly FindingRow[] = [
  {
    id: 'relay-list-default',
    severity: 'error',
    title: 'the relay list is left at its default, which knows no client certificates',
    doc:
      'From Postfix 2.10 on a remote recipient has to pass smtpd_relay_restrictions as well as ' +
      'smtpd_recipient_restrictions; a permit in one of them does not reach the other.',
    test: (evidence) =>
      occurrences(evidence, 'default', (refusal) => {
        const { service, place } = refusal;
        const { config } = service;
        const lists = [...new Set(refusal.permits.map(({ list }) => list))].join(', ');
        return {
          parameter: place.list,
          ...wherePermit(refusal),
          message: `${permit} stands in ${lists}, but ${place.list} is not set, and its default refuses: "${config.get(place.list)}"`,
          why:
            `both lists run and either can refuse; the default of Postfix ${config.version.major}.${config.version.minor} comes to ` +
            `"${place.restriction}" without ever looking at the certificate`,
          repair: `set ${place.list}, with ${permit} before "${place.restriction}"`,
          edits: [permitBefore(service, place), [setTo(place.list, '')]],
        };
      }),
  },
  {
    id: 'permit-cannot-help',
    severity: 'error',
    title: 'the certificate permit stands in a list that lets nobody relay',
    doc:
      'A permit ends the list that it stands in and no other. The client, HELO and sender lists can only refuse; ' +
      'whether a remote recipient is taken is decided by the relay list and the recipient list.',
    test: (evidence) =>
      occurrences(evidence, 'nowhere', (refusal) => {
        const { service, place, permits } = refusal;
        const lists = [...new Set(permits.map(({ list }) => list))].join(', ');
        // Where -o replaces the list that has the permit, none is left.
        const stands = lists === '' ? 'is in no list of this service' : `stands in ${lists} only`;
        return {
          parameter: permits[0]?.list ?? place.list,
          ...wherePermit(refusal),
          message: `${permit} ${stands}, and ${place.list} still refuses with "${place.restriction}"`,
          why: `a permit ends the list that it stands in; ${relayLists(service.config).join(' and ')} decide about relaying`,
          repair: `put ${permit} into ${place.list}, before "${place.restriction}"`,
          edits: [permitBefore(service, place)],
        };
      }),
  },
  {
    id: 'permit-after-refusal',
    severity: 'error',
    title: 'the certificate permit stands behind the element that refuses',
    doc: 'Elements are tried in their order, and the first that permits or refuses ends the list.',
    test: (evidence) =>
      occurrences(evidence, 'after', (refusal) => ({
        parameter: refusal.place.list,
        ...wherePermit(refusal),
        message: `${permit} stands behind ${elementWords(refusal)}, which refuses before it is tried`,
        why: 'the first element that permits or refuses ends the list',
        repair: `move ${permit} before "${refusal.place.restriction}"`,
        edits: [permitBefore(refusal.service, refusal.place)],
      })),
  },
  {
    id: 'override-hides-main-cf',
    severity: 'error',
    title: 'master.cf sets the list anew for this service, without the certificate permit',
    doc: 'What -o gives a parameter in master.cf replaces what main.cf says, for that service alone.',
    test: (evidence) =>
      occurrences(evidence, 'override', (refusal) => {
        const { service, place } = refusal;
        return {
          parameter: place.list,
          ...whereElement(refusal),
          message: `-o ${place.list} of service ${service.name} has no ${permit}, and refuses with "${place.restriction}"`,
          why: `the list in main.cf, which has the permit, does not count for ${service.name}`,
          repair: `put ${permit} into the list of ${service.name} before "${place.restriction}", or take its -o away`,
          edits: [permitBefore(service, place)],
        };
      }),
  },
  {
    id: 'permit-missing-in-list',
    severity: 'error',
    title: 'one of the two lists about relaying lacks the certificate permit',
    doc: 'The relay list and the recipient list both run, and either can refuse: the permit is wanted in each that does.',
    test: (evidence) =>
      occurrences(evidence, 'missing', (refusal) => ({
        parameter: refusal.place.list,
        ...whereElement(refusal),
        message: `${elementWords(refusal)} refuses clients that ${refusal.permits[0]?.list ?? 'another list'} permits`,
        why: 'both lists run and either can refuse; a permit in one does not reach the other',
        repair: `put ${permit} before "${refusal.place.restriction}" there, too`,
        edits: [permitBefore(refusal.service, refusal.place)],
      })),
  },
  {
    id: 'other-list-refuses',
    severity: 'error',
    title: 'a list that is not about relaying refuses clients with a listed certificate',
    doc: 'The client, HELO, sender and data lists are run as well; a refusal there is final, whatever another list permits.',
    test: (evidence) =>
      occurrences(evidence, 'other-list', (refusal) => ({
        parameter: refusal.place.list,
        ...whereElement(refusal),
        message: `${elementWords(refusal)} refuses a client whose certificate is listed`,
        why: `${refusal.place.list} is run as well, and its refusal is final`,
        repair: `put ${permit} before "${refusal.place.restriction}", so that the list ends there for such clients`,
        edits: [permitBefore(refusal.service, refusal.place)],
      })),
  },
];

/** The edit that puts the permit before the element of a list that refuses, wherever the list is set. */
function permitBefore(service: ServiceEvidence, { list, restriction }: Place): readonly Edit[] {
  const { config } = service;
  const isSet = config.isSet(list);
  // What is set is edited as it is written, so that its $names and its punctuation stay; a default has no such text.
  const raw = isSet ? config.raw(list) : config.get(list);
  const without = removed(raw);
  const value = inserted(without, restriction) ?? tokens(config.get(list), config.version).join(', ');
  return [setTo(list, value, overrideOf(service, list))];
}

function inserted(text: string, before: string): string | undefined {
  const at = text.search(new RegExp(`(?<![^\\s,])${before}(?![^\\s,])`));
  if (at < 0) return undefined;
  const separator = text.includes(',') || !/\s/.test(text.trim()) ? ', ' : ' ';
  return `${text.slice(0, at)}${permit}${separator}${text.slice(at)}`;
}

/** The list without the permit: one that stands behind the refusal moves rather than being there twice. */
function removed(text: string): string {
  return text.replace(new RegExp(`(?:^|[\\s,]+)${permit}(?![^\\s,])`, 'gi'), '').replace(/^[\s,]+/, '');
}
