import { CertrelayError } from '../../lib/problem.ts';
import { type PostfixConfig, TableFailure } from '../../policy/postfix/config.ts';
import { tokens } from '../../policy/postfix/tokens.ts';
import type { Answered } from '../../policy/smtpd/dialogue/answered.ts';
import type { ClientCertificate, Conversation } from '../../policy/smtpd/dialogue/conversation.ts';
import { ScenarioError } from '../../policy/smtpd/dialogue/fields.ts';
import { readConversation, type World } from '../../policy/smtpd/dialogue/read-conversation.ts';
import { decisiveReply, type Verdict } from '../../policy/smtpd/lists/verdict.ts';
import { fingerprintDigest } from '../../policy/smtpd/questions/digest-names.ts';
import type {
  Agreement,
  ClientEvidence,
  FileNotGiven,
  Listing,
  Replay,
  ServerEvidence,
  ServiceEvidence,
} from '../evidence/evidence.ts';
import type { KnownFacts } from '../evidence/sessions.ts';
import { type Incident, incidentsOf, mostIncidents } from '../maillog/incidents.ts';
import type { LoggedProgram, LoggedReply, MailLog } from '../maillog/session.ts';
import { type Decide, Player } from './player.ts';
import { type Scenario, scenarioOfDelivery, scenarioOfSession } from './scenario.ts';
import { variantsOf } from './variants.ts';

/** What all sessions have in common. */
export interface Surroundings {
  readonly server: ServerEvidence;
  readonly client: ClientEvidence | undefined;
  readonly known: KnownFacts;
  readonly dns: unknown;
  readonly world: World;
  /** True on the server itself: a table that is not there does not exist. */
  readonly filesAreAll: boolean;
}

/** Plays sessions on the services of a server, each compiled once. */
export class Replayer {
  private readonly surroundings: Surroundings;
  private readonly players = new Map<ServiceEvidence, Player>();

  constructor(surroundings: Surroundings) {
    this.surroundings = surroundings;
  }

  /** The sessions of a log; `select` chooses among them. */
  ofLog(log: MailLog, select: (incident: Incident) => boolean): { replays: readonly Replay[]; leftOut: number } {
    const incidents = incidentsOf(log).filter(select);
    const replays = incidents.slice(0, mostIncidents).flatMap((incident) => this.ifPlayable(incident) ?? []);
    return { replays: failuresFirst(replays), leftOut: incidents.length - replays.length };
  }

  /** A connection that ended before its address was known cannot be played. */
  private ifPlayable(incident: Incident): Replay | undefined {
    try {
      return this.ofIncident(incident);
    } catch (error) {
      if (error instanceof ScenarioError) return undefined;
      throw error;
    }
  }

  /** A session that somebody describes. Throws a CertrelayError when it is none. */
  ofOptions(name: string, session: Readonly<Record<string, unknown>>): Replay {
    try {
      return this.played(name, this.surroundings.server.services[0], { session, assumed: [] }, undefined);
    } catch (error) {
      throw error instanceof ScenarioError ? new CertrelayError('usage', error.problem) : error;
    }
  }

  /** The same for one that is read already. */
  ofConversation(name: string, service: ServiceEvidence, conversation: Conversation): Replay {
    return this.concluded(name, service, { session: {}, assumed: [] }, conversation, undefined);
  }

  /** A session whose answer hangs on what `decide` can find out, decided again. */
  async resolved(replay: Replay, decide: Decide): Promise<Replay> {
    const { service, conversation, logged } = replay;
    const { verdict, reasons, trace } = await this.playerOf(service).playWith(decide, conversation);
    const reply = replyTo(verdict, logged);
    const { reply: _, ...rest } = replay;
    return {
      ...rest,
      ...{ verdict, reasons, trace },
      ...(reply === undefined ? {} : { reply }),
      agreement: agreementOf(logged, verdict, reply, replay.session?.client.port),
    };
  }

  private ofIncident(incident: Incident): Replay {
    const { server, client, known } = this.surroundings;
    const { session, delivery, logged } = incident;
    const from = session?.from;
    const service = from === undefined ? server.services[0] : serviceOf(from, server);
    if (session !== undefined) {
      const scenario = scenarioOfSession(session, logged, service.config, known, delivery);
      return this.played(`${nameOf(session.client)}, ${session.time}`, service, scenario, incident);
    }
    // Incidents have a session or a delivery.
    if (delivery === undefined) throw new Error('an incident that no log tells of');
    const scenario = scenarioOfDelivery(delivery, logged, client?.config, known);
    const host = delivery.from.host === '' ? 'the client' : delivery.from.host;
    return this.played(`${host}, ${delivery.time}`, service, scenario, incident);
  }

  private played(name: string, service: ServiceEvidence, scenario: Scenario, incident: Incident | undefined): Replay {
    const replay = this.once(name, service, scenario, incident);
    if (replay.agreement !== 'unknown') return replay;
    // The logged reply may decide what the log leaves open: when one variant alone fits it.
    const fitting = variantsOf(scenario, replay.verdict.missing, service.config)
      .map((variant) => this.once(name, service, variant, incident))
      .filter(({ agreement }) => agreement === 'same');
    const [only, ...others] = fitting;
    return only === undefined || others.length > 0 ? replay : only;
  }

  private once(name: string, service: ServiceEvidence, scenario: Scenario, incident: Incident | undefined): Replay {
    const { dns, world } = this.surroundings;
    return this.concluded(name, service, scenario, readConversation(scenario.session, dns, world), incident);
  }

  private concluded(
    name: string,
    service: ServiceEvidence,
    scenario: Scenario,
    conversation: Conversation,
    incident: Incident | undefined,
  ): Replay {
    const { dns, world } = this.surroundings;
    const { verdict, reasons, trace } = this.playerOf(service).play(conversation);
    const { session, delivery, logged } = incident ?? {};
    const reply = replyTo(verdict, logged);
    const listed = this.readWhere(listingOf(service.config, conversation.tls?.certificate));
    return {
      name,
      service,
      ...(session === undefined ? {} : { session }),
      ...(delivery === undefined ? {} : { delivery }),
      ...(logged === undefined ? {} : { logged }),
      scenario: scenario.session,
      ...{ dns, world, conversation, verdict, reasons, trace },
      ...(reply === undefined ? {} : { reply }),
      ...(listed === undefined ? {} : { listed }),
      ...(this.surroundings.filesAreAll ? {} : { notGiven: filesNotGiven(service) }),
      agreement: agreementOf(logged, verdict, reply, session?.client.port),
      assumed: scenario.assumed,
      alike: incident?.alike ?? 1,
    };
  }

  /** Named by the file that was read, not by the path that it stands for. */
  private readWhere(listing: Listing | undefined): Listing | undefined {
    if (listing?.where === undefined) return listing;
    const { where } = listing;
    const file = this.surroundings.server.tables.find(({ path }) => path === where.file)?.file;
    return file === undefined ? listing : { ...listing, where: { ...where, file } };
  }

  private playerOf(service: ServiceEvidence): Player {
    const before = this.players.get(service);
    if (before !== undefined) return before;
    const player = new Player(service.sources, this.surroundings.filesAreAll);
    this.players.set(service, player);
    return player;
  }
}

/** The reply that a line of a log is about: of a session that ended early, its first refusal. */
function replyTo({ replies }: Verdict, logged: LoggedReply | undefined): Answered | undefined {
  const isEarly = logged !== undefined && ['connect', 'helo', 'starttls'].includes(logged.stage);
  return (isEarly ? replies.find(({ reply }) => reply.code >= 400) : undefined) ?? decisiveReply(replies);
}

function nameOf({ name, address }: { readonly name: string; readonly address: string }): string {
  return `${name}[${address}]`;
}

function failuresFirst(replays: readonly Replay[]): readonly Replay[] {
  return replays.toSorted((a, b) => Number(failed(b)) - Number(failed(a)));
}

/**
 * Whether the reply of a log is the one that was worked out. smtpd(8) logs a refusal without what smtpd_reject_footer
 * adds to it, and the end of a connection for want of a certificate without the words around its reason. `port` is the
 * client's, where the log names one.
 */
export function agreementOf(
  logged: LoggedReply | undefined,
  verdict: Verdict,
  answered: Answered | undefined,
  port?: string,
): Agreement {
  if (logged === undefined) return 'nothing to compare';
  // What a mail filter says is nothing that a configuration tells.
  if (verdict.verdict === 'unknown' || logged.by === 'milter') return 'unknown';
  if (answered === undefined) return 'different';
  const { code, enhanced, text } = answered.reply;
  if (logged.code < 300) return code < 300 ? 'same' : 'different';
  return code === logged.code && enhanced === logged.enhanced && sameText(withoutPort(logged, port), code, text)
    ? 'same'
    : 'different';
}

function sameText(logged: LoggedReply, code: number, text: string): boolean {
  const own = text.replaceAll('\r', '');
  if (logged.by === 'smtpd')
    return own.startsWith(logged.text) || (logged.stage === 'starttls' && own.endsWith(logged.text));
  // smtp(8) joins the lines of a reply with blanks, each line with its codes.
  return logged.text.replace(new RegExp(` ${code}[ -](?:[245]\\.\\d+\\.\\d+ )?`, 'g'), '\n') === own;
}

function withoutPort(logged: LoggedReply, port: string | undefined): LoggedReply {
  return port === undefined ? logged : { ...logged, text: logged.text.replaceAll(`]:${port}`, ']') };
}

/** Where relay_clientcerts lists a client's certificate or its public key, if it does. */
function listingOf(config: PostfixConfig, certificate: ClientCertificate | undefined): Listing | undefined {
  if (certificate === undefined) return undefined;
  const digest = fingerprintDigest(config);
  const keys = [certificate.fingerprint[digest], certificate.publicKeyFingerprint[digest]];
  for (const table of config.tables('relay_clientcerts')) {
    if (table.opaque !== undefined || table.fatal !== undefined) continue;
    for (const key of keys) {
      const value = key === undefined ? undefined : table.find(key);
      if (key === undefined || value === undefined || value instanceof TableFailure) continue;
      const where = table.entries?.find((entry) => entry.key.toLowerCase() === key.toLowerCase())?.where;
      return { table: table.spec, key, value, digest, ...(where === undefined ? {} : { where }) };
    }
  }
  return undefined;
}

/**
 * The service of master.cf that wrote a line: the one whose syslog_name is the line's. Of several, and where no name
 * fits, the first, which is the one that was asked for or the one on port 25.
 */
function serviceOf(from: LoggedProgram, { services }: ServerEvidence): ServiceEvidence {
  const name = from.service === undefined ? from.instance : `${from.instance}/${from.service}`;
  const fitting = services.filter(({ config }) => config.get('syslog_name') === name);
  const byName = services.filter((each) => from.service !== undefined && each.name === from.service);
  return fitting[0] ?? byName[0] ?? services[0];
}

/** True for a session that failed, in the log or in the simulation. */
function failed({ logged, verdict }: Replay): boolean {
  return logged === undefined ? verdict.verdict !== 'permit' : logged.code >= 400;
}

/** The parameters that say which recipients are a server's own, and who its own clients are (postconf(5)). */
const recipientParameters = [
  'mynetworks',
  'mydestination',
  'relay_domains',
  'virtual_alias_domains',
  'virtual_mailbox_domains',
  'virtual_alias_maps',
  'virtual_mailbox_maps',
  'relay_recipient_maps',
  'local_recipient_maps',
];

/** The files behind a server's own domains, recipients and networks that were not given, in the order of postconf(5). */
function filesNotGiven({ config, sources }: ServiceEvidence): readonly FileNotGiven[] {
  const isThere = (path: string) => sources.tables?.[path] !== undefined || sources.otherTables?.(path) !== undefined;
  return recipientParameters
    .filter((parameter) => config.isSet(parameter))
    .flatMap((parameter) =>
      tokens(config.get(parameter), config.version).flatMap((token) => {
        const path = /^!?(?:(?:proxy:)?(?:hash|btree|lmdb|cdb|s?dbm|texthash|cidr|pcre|regexp):)?(\/.+)$/.exec(
          token,
        )?.[1];
        return path === undefined || isThere(path) ? [] : [{ parameter, path }];
      }),
    );
}
