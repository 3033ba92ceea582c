import { Dialogue } from '../smtpd/dialogue/dialogue.ts';
import { readConversation } from '../smtpd/dialogue/read-conversation.ts';
import { Session } from '../smtpd/dialogue/session.ts';
import { Simulator } from '../smtpd/dialogue/simulate.ts';
import { Run } from '../smtpd/lists/run.ts';
import type { Facts, Question } from '../smtpd/questions/facts.ts';
import { Trail } from '../smtpd/questions/trail.ts';
import { canonical } from './canonical.ts';
import { lineOf } from './lines/lines.ts';
import { agree, outcomeOf, outcomeOfVerdict } from './outcome.ts';
import type { Region } from './region.ts';
import type { RepresentativeSession } from './representative-session.ts';
import type { Assumption, Outcome, Path, Witness, WitnessSession, World } from './result.ts';
import type { ExploredServer } from './server.ts';
import { worldOf } from './world.ts';

export interface WitnessContext {
  readonly servers: readonly ExploredServer[];
  readonly silent: boolean;
  representative(regions: readonly Region[], program: number): RepresentativeSession;
}

/** Makes the witness of a path and has the simulator try it. */
export function makeWitness(path: Path, context: WitnessContext): Witness {
  const first = context.servers.findIndex(({ program }) => program.parts !== undefined);
  const representative = context.representative(path.regions, Math.max(first, 0));
  const session = sessionOf(representative);
  const { assumptions } = path;
  const { world, rest } = worldOf(assumptions, representative, context.servers);
  const confirmed = context.servers.map((server, program) => {
    const expected = path.outcomes[program];
    if (expected === undefined || server.program.parts === undefined) return 'simulated';
    const simulated = simulate(server, session, world);
    if (simulated !== undefined && agree(simulated, expected, server.program)) return 'simulated';
    const replayed = new Replay(server, context.representative(path.regions, program), assumptions).play(session);
    return replayed !== undefined && agree(replayed, expected, server.program) ? 'supposed' : 'contradicted';
  });
  return { session, world, supposed: rest, confirmed };
}

function sessionOf({ conversation }: RepresentativeSession): WitnessSession {
  const { peer, helo, tls, sasl, mailFrom, rcptTo, data } = conversation;
  return {
    client: { address: peer.address, name: peer.name, reverseName: peer.reverseName },
    ...(helo === undefined ? {} : { helo: helo.name }),
    tls:
      tls === undefined
        ? null
        : {
            protocol: tls.protocol,
            certificate:
              tls.certificate === undefined
                ? null
                : {
                    trusted: tls.certificate.trusted,
                    subject: tls.certificate.subject,
                    fingerprint: tls.certificate.fingerprint,
                    publicKeyFingerprint: tls.certificate.publicKeyFingerprint,
                  },
          },
    sasl: sasl === undefined ? null : { user: sasl.user, method: sasl.method },
    mailFrom: mailFrom?.given ?? '',
    rcptTo: rcptTo.map(({ given }) => given),
    data,
  };
}

/** What the ordinary simulator says; undefined when it cannot know. */
function simulate({ program }: ExploredServer, session: WitnessSession, { dns, ...world }: World): Outcome | undefined {
  const verdict = new Simulator(program).decide(readConversation(session, dns, world));
  if (verdict.verdict === 'unknown') return undefined;
  return outcomeOfVerdict(verdict, session.data);
}

/** The dialogue on literal answers, with each open question answered as the path supposes. */
class Replay implements Facts {
  private readonly server: ExploredServer;
  private readonly representative: RepresentativeSession;
  private readonly supposed: ReadonlyMap<string, unknown>;
  private readonly trail: Trail;
  private session: Session | undefined;
  private line = -1;
  /** Something came up that the path does not suppose. */
  private lost = false;

  constructor(server: ExploredServer, representative: RepresentativeSession, assumptions: readonly Assumption[]) {
    this.server = server;
    this.representative = representative;
    this.supposed = new Map(assumptions.map(({ fact, value }) => [fact, value]));
    this.trail = new GivenTrail((key) => {
      const name = canonical(key, this.representative, this.line);
      this.lost ||= !this.supposed.has(name);
      return this.supposed.get(name);
    });
  }

  play(given: WitnessSession): Outcome | undefined {
    const { parts } = this.server.program;
    if (parts === undefined) return undefined;
    const conversation = readConversation(given, undefined);
    this.session = new Session(conversation, conversation.peer);
    const settings = { ...parts.settings, portLogging: false, writer: { idle: true, write: (reply: never) => reply } };
    const run = new Run(this.session, this.trail, this, settings);
    const replies = new Dialogue(run, parts.stages, parts.tls, settings, parts.resolver).play(conversation);
    return this.lost ? undefined : outcomeOf(replies, run);
  }

  ask<A>(question: Question<A>): A {
    for (const part of question.parts ?? []) {
      const answer = this.ask(part);
      if (answer !== undefined) return answer;
    }
    if (question.parts !== undefined) return undefined as A;
    const forced = `answer of ${question.text}`;
    if (this.supposed.has(forced)) return this.supposed.get(forced) as A;
    if (this.session === undefined) throw new Error('a question before the session');
    this.line = lineOf(question.subject);
    const answer = question.literal(this.session, this.trail);
    this.line = -1;
    return answer;
  }
}

/** A trail on which every open question is answered beforehand. */
class GivenTrail extends Trail {
  private readonly given: (key: string) => unknown;

  constructor(given: (key: string) => unknown) {
    super();
    this.given = given;
  }

  override suppose<A>(key: string): A {
    return this.given(key) as A;
  }
}
