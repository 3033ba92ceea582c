import { readMainCf } from '../../policy/postfix/main-cf.ts';
import { tokens } from '../../policy/postfix/tokens.ts';
import type { Place } from '../../policy/smtpd/questions/place.ts';
import {
  certificatePermits,
  type Element,
  flatElements,
  isCertificatePermit,
  relayLists,
} from '../configuration/elements.ts';
import type { Evidence, ServerEvidence, ServiceEvidence } from '../evidence/evidence.ts';
import { listedClient, refuserOf } from './listed-client.ts';

/** Why the lists of a service refuse a client whose certificate is listed, although the server means to let it in. */
export interface RelayRefusal {
  readonly server: ServerEvidence;
  readonly service: ServiceEvidence;
  /** The element that refuses, by its outermost list. */
  readonly place: Place;
  /** Where the certificate permits of this service stand. */
  readonly permits: readonly Element[];
  /**
   * `default`: the relay list is not set, and its default knows no certificates; `after`: the permit stands behind
   * the refusal; `override`: master.cf sets the list anew; `other-list`: a list refuses that is not about relaying;
   * `missing`: a list about relaying lacks the permit that another one has; `nowhere`: the permit stands in lists
   * only that cannot let a recipient in.
   */
  readonly kind: 'default' | 'after' | 'override' | 'other-list' | 'missing' | 'nowhere';
}

/** What the lists of every service do to a listed client; services that mean no certificates are left out. */
export function relayRefusals({ server }: Evidence): readonly RelayRefusal[] {
  if (server === undefined) return [];
  return server.services.flatMap((service) => refusalOf(server, service) ?? []);
}

function refusalOf(server: ServerEvidence, service: ServiceEvidence): RelayRefusal | undefined {
  const { config } = service;
  if (config.fatal !== undefined) return undefined;
  const permits = certificatePermits(config);
  const meant = permits.length > 0 || mainCfPermitsCertificates(server);
  const place = meant ? refuserOf(listedClient(service)) : undefined;
  return place === undefined
    ? undefined
    : { server, service, place, permits, kind: kindOf(server, service, place, permits) };
}

function kindOf(
  server: ServerEvidence,
  { config }: ServiceEvidence,
  { list, index }: Place,
  permits: readonly Element[],
): RelayRefusal['kind'] {
  const origin = config.origin(list).kind;
  const about = relayLists(config);
  if (origin === 'master.cf' && !permits.some((permit) => permit.list === list) && mainCfPermitsCertificates(server))
    return 'override';
  if (!about.includes(list)) return 'other-list';
  const own = flatElements(config, list).filter(isCertificatePermit);
  if (own.some((permit) => permit.list !== list || permit.index > index)) return 'after';
  if (!permits.some((permit) => about.includes(permit.list) || isClass(config, permit.list))) return 'nowhere';
  return origin === 'default' && list === 'smtpd_relay_restrictions' ? 'default' : 'missing';
}

function isClass(config: ServiceEvidence['config'], list: string): boolean {
  return tokens(config.get('smtpd_restriction_classes'), config.version).includes(list);
}

/** True where main.cf names a certificate permit in a list, whatever master.cf puts in its place. */
export function mainCfPermitsCertificates({ text, file, release }: ServerEvidence): boolean {
  const { definitions } = readMainCf(text, file, release.version);
  return [...definitions].some(
    ([name, { value }]) =>
      name.startsWith('smtpd_') && /(?<![\w-])permit_tls_(?:all_)?clientcerts(?![\w-])/i.test(value),
  );
}

/** True where a session of the log, or of the options, was refused by this very element. */
export function refusedSession({ replays }: Evidence, { service, place }: RelayRefusal): boolean {
  return replays.some(
    ({ service: own, reply, verdict }) =>
      own === service &&
      verdict.verdict === 'reject' &&
      reply?.decidedBy[0]?.list === place.list &&
      reply.decidedBy[0].index === place.index,
  );
}
