import type { Cut } from '../postfix/cut.ts';
import { Dialogue } from '../smtpd/dialogue/dialogue.ts';
import { Run } from '../smtpd/lists/run.ts';
import { fingerprintDigest } from '../smtpd/questions/digest-names.ts';
import type { Question } from '../smtpd/questions/facts.ts';
import { asSeen } from '../smtpd/questions/tls.ts';
import { Trail } from '../smtpd/questions/trail.ts';
import { type Destination, destinationOf, isOwn } from '../smtpd/restrictions/destination.ts';
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
import type { Tabulated } from './tabulated.ts';
import { withinOf } from './within.ts';

/** A program at its place in an exploration; undefined parts: it does not start. */
interface Seat {
  readonly server: ExploredServer;
  readonly tables: AnswerTables;
  readonly lazyTls: boolean;
  /** Whether the session starts TLS, where that is decided by a command. */
  readonly starts: Question<string>;
}

/** A program along the path that is being followed. */
interface Stage {
  play(): Outcome;
  /** What it says of the recipient, given what the path supposes. */
  destination(): Destination;
}

/** Whether the recipient of a path is of the kind that is asked about, for one of the programs. */
function isAsked(recipients: Query['recipients'], stages: readonly (Stage | undefined)[]): boolean {
  // Each is asked, whatever the others say: a path has the same questions when it is run again.
  const all = stages.flatMap((stage) => stage?.destination() ?? []);
  return all.some((answer) => answer === 'failed' || isOwn(answer) === (recipients === 'own'));
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
    const isOpen = query.recipients !== 'any' && this.destinationIsOpen(within);
    let followed = 0;
    do {
      if (followed++ >= query.limit) return { limited: true, touched: assumed.touched };
      assumed.begin();
      if (isOpen && !isAsked(query.recipients, stages)) continue;
      const outcomes = stages.map((stage, i): Outcome => stage?.play() ?? this.dead(i));
      paths.push(new ExploredPath(outcomes, [...assumed.regions], assumed.path(), context));
    } while (assumed.advance());
    return { limited: false, touched: assumed.touched };
  }

  /** Whether some recipients that a query asks about may be the server's own, as a table has it that is not known. */
  private destinationIsOpen(within: readonly Region[]): boolean {
    const recipients = within[lineIndex.recipient] ?? [];
    return this.destinations().some((table) => table.cases(recipients).some(({ open }) => open));
  }

  /** The parts of the lines that a query asks about. */
  private within(query: Query): Region[] {
    return withinOf(query, this.lines, this.destinations(), this.welcome);
  }

  /** What each program says of the destination of recipients. */
  private destinations(): readonly Tabulated[] {
    return this.seats.flatMap((seat) => {
      const questions = seat?.server.program.parts?.compiler.questions;
      return seat === undefined || questions === undefined ? [] : [seat.tables.alone(destinationOf(questions))];
    });
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
  private stage(seat: Seat, assumed: Assumed, silent: boolean): Stage {
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
    const destination = destinationOf(parts.compiler.questions);
    return {
      play() {
        if (!lazyTls) assumed.step(starts as Question<unknown>, start.line, start, player);
        server.stack.length = 0;
        return outcomeOf(dialogue.play(conversation), run);
      },
      destination() {
        session.reset();
        player.standIn.show(lineIndex.recipient);
        const answer = player.ask(destination);
        session.reset();
        return answer;
      },
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
