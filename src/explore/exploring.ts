import type { Cut } from '../postfix/cut.ts';
import { Dialogue } from '../smtpd/dialogue.ts';
import { fingerprintDigest } from '../smtpd/digest-names.ts';
import type { Question } from '../smtpd/facts.ts';
import { destinationOf } from '../smtpd/restrictions/destination.ts';
import { Run } from '../smtpd/run.ts';
import { asSeen } from '../smtpd/tls.ts';
import { Trail } from '../smtpd/trail.ts';
import { AnswerTables } from './answer-tables.ts';
import { Assumed, type Order, type Player } from './assumed.ts';
import { ExploredPath, type PathContext } from './explored-path.ts';
import { type LineName, lineNames } from './lines/line.ts';
import { cutLines, type Lines, lineIndex } from './lines/lines.ts';
import { outcomeOf } from './outcome.ts';
import type { Exploration, Outcome, Path } from './path.ts';
import type { Query } from './query.ts';
import type { Region } from './region.ts';
import { Scratch } from './scratch.ts';
import type { ExploredServer } from './server.ts';
import { StandIn } from './stand-in.ts';
import { withinOf } from './within.ts';

/** A program at its place in an exploration; undefined parts: it does not start. */
interface Seat {
  readonly server: ExploredServer;
  readonly tables: AnswerTables;
  readonly lazyTls: boolean;
  /** Whether the session starts TLS, where that is decided by a command. */
  readonly starts: Question<string>;
}

/** One exploration over lines that are cut once. */
export class Exploring {
  private readonly servers: readonly ExploredServer[];
  private readonly welcome: readonly string[];
  private readonly order: Order | undefined;
  private readonly lines: Lines;
  private readonly seats: readonly (Seat | undefined)[];
  private readonly digests: readonly string[];

  constructor(servers: readonly ExploredServer[], queries: readonly Query[], order: Order | undefined) {
    this.servers = servers;
    this.order = order;
    const cuts = Object.fromEntries(lineNames.map((name) => [name, []])) as unknown as Record<LineName, Cut[]>;
    const welcome = ['postmaster'];
    for (const server of servers) {
      const { parts } = server.program;
      if (parts === undefined) continue;
      server.stack.length = 0;
      destinationOf(parts.compiler.questions);
      server.gather(cuts);
      const { probeSender } = parts.settings;
      if (probeSender !== '') welcome.push(probeSender);
    }
    cuts.recipient.push({ keys: welcome });
    for (const [name, keys] of queries.flatMap(({ within = {} }) => Object.entries(within))) {
      cuts[name as LineName].push({ keys: keys.map((key) => key.replace(/^!/, '')) });
    }
    this.welcome = welcome;
    this.digests = [...new Set(servers.map(({ config }) => fingerprintDigest(config)))];
    this.lines = cutLines(
      servers.map(({ config }) => config),
      cuts,
    );
    this.seats = servers.map((server) => this.seat(server, cuts));
  }

  run(query: Query): Exploration {
    const within = this.within(query);
    const paths: Path[] = [];
    let { limited, touched } = this.follow(paths, query, within, false);
    const parts = this.seats.flatMap((seat) => seat?.server.program.parts ?? []);
    const greets = parts.every(({ settings }) => settings.heloRequired);
    const matters =
      (touched & (1 << lineIndex.helo)) !== 0 ||
      parts.some(({ stages, tls }) => stages.judgesHelo || tls.requiresCertificate);
    if (query.silent !== false && !greets && matters && !limited)
      ({ limited } = this.follow(paths, query, within, true));
    const untold = new Set(this.seats.flatMap((seat) => [...(seat?.tables.untold ?? [])]));
    // A filter may put any reply in place of another, and one that ends the connection in place of one that does not.
    for (const { config, program } of this.servers) {
      const filters = config.get('smtpd_reject_filter_maps') !== '' && program.parts?.settings.writer.idle === false;
      if (filters) untold.add('smtpd_reject_filter_maps');
    }
    return { paths, limited, untold: [...untold], within, lines: this.lines };
  }

  /** Follows all paths of one shape of dialogue; whether the limit was reached, and what was asked about. */
  private follow(
    paths: Path[],
    query: Query,
    within: readonly Region[],
    silent: boolean,
  ): { readonly limited: boolean; readonly touched: number } {
    if (within.some((region) => region.length === 0)) return { limited: false, touched: 0 };
    const assumed = new Assumed(within, this.order);
    const stages = this.seats.map((seat) => (seat === undefined ? undefined : this.stage(seat, assumed, silent)));
    const context = this.context(within, silent);
    do {
      if (paths.length >= query.limit) return { limited: true, touched: assumed.touched };
      assumed.begin();
      const outcomes = stages.map((stage, i): Outcome => stage?.() ?? this.dead(i));
      paths.push(new ExploredPath(outcomes, [...assumed.regions], assumed.path(), context));
    } while (assumed.advance());
    return { limited: false, touched: assumed.touched };
  }

  /** The parts of the lines that a query asks about. */
  private within(query: Query): Region[] {
    const destinations = this.seats.flatMap((seat) => {
      const questions = seat?.server.program.parts?.compiler.questions;
      return seat === undefined || questions === undefined ? [] : [seat.tables.alone(destinationOf(questions))];
    });
    return withinOf(query, this.lines, destinations, this.welcome);
  }

  private dead(program: number): Outcome {
    const fatal = this.servers[program]?.program.fatal ?? '';
    return { verdict: 'fatal', stage: 'connect', code: 0, enhanced: '', decidedBy: [], permits: [], fatal };
  }

  private seat(server: ExploredServer, cuts: Readonly<Record<LineName, readonly Cut[]>>): Seat | undefined {
    const { parts } = server.program;
    if (parts === undefined) return undefined;
    const { tls, stages } = parts;
    const lazyTls = stages.delayed && !tls.mandatory && !tls.wrapper;
    const scratch = new Scratch(this.lines, this.serverOf(server));
    const starts: Question<string> = {
      subject: 'certificate',
      text: 'STARTTLS',
      literal({ conversation }) {
        if (conversation.tls === undefined) return 'plain text';
        if (!tls.requiresCertificate) return 'TLS';
        return asSeen(conversation.tls, tls).certificate?.trusted === true ? 'TLS' : 'TLS without what is required';
      },
      say: (answer) => answer,
    };
    return { server, tables: new AnswerTables(server, this.lines, cuts, scratch), lazyTls, starts };
  }

  private serverOf({ program: { parts } }: ExploredServer) {
    if (parts === undefined) throw new Error('a server that does not start has no sessions');
    const { resolver, tls, settings } = parts;
    return { resolver, tls, peerNameLookup: settings.peerNameLookup, digests: this.digests };
  }

  /** What plays the dialogue of one program along the path that is being followed. */
  private stage(seat: Seat, assumed: Assumed, silent: boolean): () => Outcome {
    const { server, tables, lazyTls, starts } = seat;
    const { parts } = server.program;
    if (parts === undefined) throw new Error('a server that does not start plays nothing');
    const player: Player = assumed.player((trail) => ({
      standIn: new StandIn(this.lines, this.serverOf(server), trail, {
        data: parts.stages.judgesData,
        silent,
        hidesTls: lazyTls,
      }),
      answers: tables,
      lazyTls,
      stack: server.stack,
    }));
    // What replies look like is for the simulator; here a port or a footer would only be one more unknown.
    const settings = { ...parts.settings, portLogging: false, writer: { idle: true, write: (reply: never) => reply } };
    const { session, conversation } = player.standIn;
    const run = new Run(session, player.trail, player, settings);
    const dialogue = new Dialogue(run, parts.stages, parts.tls, settings, parts.resolver);
    const start = tables.alone(starts);
    return () => {
      if (!lazyTls) assumed.step(starts as Question<unknown>, start.line, start, player);
      server.stack.length = 0;
      return outcomeOf(dialogue.play(conversation), run);
    };
  }

  private standIn(regions: readonly Region[], program: number, silent: boolean): StandIn {
    const server = this.servers[program];
    if (server === undefined) throw new Error('no such program');
    const data = this.servers.some(({ program: { parts } }) => parts?.stages.judgesData === true);
    const standIn = new StandIn(this.lines, this.serverOf(server), new Trail(), { data, silent, hidesTls: false });
    for (const [line, region] of regions.entries()) standIn.takeBest(line, region);
    return standIn;
  }

  private context(within: readonly Region[], silent: boolean): PathContext {
    return {
      lines: this.lines,
      within,
      servers: this.servers,
      silent,
      standIn: (regions, program) => this.standIn(regions, program, silent),
    };
  }
}
