import type { Cut } from '../postfix/cut.ts';
import { Dialogue } from '../smtpd/dialogue/dialogue.ts';
import { Run } from '../smtpd/lists/run.ts';
import { fingerprintDigest } from '../smtpd/questions/digest-names.ts';
import type { Question } from '../smtpd/questions/facts.ts';
import { asSeen } from '../smtpd/questions/tls.ts';
import { Trail } from '../smtpd/questions/trail.ts';
import { type Destination, destinationOf, isOwn } from '../smtpd/restrictions/destination.ts';
import { AnswerTables } from './answer-tables.ts';
import { Assumed, type Order, type PathFacts } from './assumed.ts';
import { ExploredPath, type PathContext } from './explored-path.ts';
import { type LineName, lineNames } from './lines/line.ts';
import { cutLines, type Lines, lineIndex } from './lines/lines.ts';
import { outcomeOf } from './outcome.ts';
import type { Query } from './query.ts';
import type { Region } from './region.ts';
import { RepresentativeSession } from './representative-session.ts';
import type { Exploration, Outcome, Path } from './result.ts';
import { Scratch } from './scratch.ts';
import type { ExploredServer } from './server.ts';
import type { Tabulated } from './tabulated.ts';
import { withinOf } from './within.ts';

/** One program of an exploration with its answer tables. */
interface ProgramSlot {
  readonly server: ExploredServer;
  readonly tables: AnswerTables;
  readonly lazyTls: boolean;
  /** Whether the client sends STARTTLS. */
  readonly starts: Question<string>;
}

/** A program on the path that is being followed. */
interface Stage {
  play(): Outcome;
  /** The recipient's destination under the path's assumptions. */
  destination(): Destination;
}

/** Whether the recipient of a path is of the kind that the query wants, for one of the programs. */
function isAsked(recipients: Query['recipients'], stages: readonly (Stage | undefined)[]): boolean {
  // No short cut: a path must have the same questions when it is run again.
  const all = stages.flatMap((stage) => stage?.destination() ?? []);
  return all.some((answer) => answer === 'failed' || isOwn(answer) === (recipients === 'own'));
}

/** One exploration over lines that are cut once. */
export class Exploring {
  private readonly servers: readonly ExploredServer[];
  private readonly welcome: readonly string[];
  private readonly order: Order | undefined;
  private readonly lines: Lines;
  private readonly slots: readonly (ProgramSlot | undefined)[];
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
    this.slots = servers.map((server) => this.slot(server, cuts));
  }

  run(query: Query): Exploration {
    const within = this.within(query);
    const paths: Path[] = [];
    let { limited, touched } = this.follow(paths, query, within, false);
    const parts = this.slots.flatMap((slot) => slot?.server.program.parts ?? []);
    const greets = parts.every(({ settings }) => settings.heloRequired);
    const matters =
      (touched & (1 << lineIndex.helo)) !== 0 ||
      parts.some(({ stages, tls }) => stages.judgesHelo || tls.requiresCertificate);
    if (query.silent !== false && !greets && matters && !limited)
      ({ limited } = this.follow(paths, query, within, true));
    const notEnumerable = new Set(this.slots.flatMap((slot) => [...(slot?.tables.notEnumerable ?? [])]));
    // A filter may put any reply in place of another, and one that ends the connection in place of one that does not.
    for (const { config, program } of this.servers) {
      const filters = config.get('smtpd_reject_filter_maps') !== '' && program.parts?.settings.writer.idle === false;
      if (filters) notEnumerable.add('smtpd_reject_filter_maps');
    }
    return { paths, limited, untold: [...notEnumerable], within, lines: this.lines };
  }

  /** Follows all paths of one dialogue, with or without HELO. */
  private follow(
    paths: Path[],
    query: Query,
    within: readonly Region[],
    silent: boolean,
  ): { readonly limited: boolean; readonly touched: number } {
    if (within.some((region) => region.length === 0)) return { limited: false, touched: 0 };
    const assumed = new Assumed(within, this.order);
    const stages = this.slots.map((slot) => (slot === undefined ? undefined : this.stage(slot, assumed, silent)));
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

  /** Whether a table with unknown content decides if some recipients of the query are the server's own. */
  private destinationIsOpen(within: readonly Region[]): boolean {
    const recipients = within[lineIndex.recipient] ?? [];
    return this.destinations().some((table) => table.cases(recipients).some(({ open }) => open));
  }

  private within(query: Query): Region[] {
    return withinOf(query, this.lines, this.destinations(), this.welcome);
  }

  /** For each program, the destinations of recipients. */
  private destinations(): readonly Tabulated[] {
    return this.slots.flatMap((slot) => {
      const questions = slot?.server.program.parts?.compiler.questions;
      return slot === undefined || questions === undefined ? [] : [slot.tables.alone(destinationOf(questions))];
    });
  }

  private dead(program: number): Outcome {
    const fatal = this.servers[program]?.program.fatal ?? '';
    return { verdict: 'fatal', stage: 'connect', code: 0, enhanced: '', decidedBy: [], permits: [], fatal };
  }

  private slot(server: ExploredServer, cuts: Readonly<Record<LineName, readonly Cut[]>>): ProgramSlot | undefined {
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

  /** Plays the dialogue of one program along the path that is being followed. */
  private stage(slot: ProgramSlot, assumed: Assumed, silent: boolean): Stage {
    const { server, tables, lazyTls, starts } = slot;
    const { parts } = server.program;
    if (parts === undefined) throw new Error('a server that does not start plays nothing');
    const facts: PathFacts = assumed.addProgram((trail) => ({
      representative: new RepresentativeSession(this.lines, this.serverOf(server), trail, {
        data: parts.stages.judgesData,
        silent,
        hidesTls: lazyTls,
      }),
      answers: tables,
      lazyTls,
      stack: server.stack,
    }));
    // The exploration needs no reply texts: a logged port or a footer would only add an unknown.
    const settings = { ...parts.settings, portLogging: false, writer: { idle: true, write: (reply: never) => reply } };
    const { session, conversation } = facts.representative;
    const run = new Run(session, facts.trail, facts, settings);
    const dialogue = new Dialogue(run, parts.stages, parts.tls, settings, parts.resolver);
    const start = tables.alone(starts);
    const destination = destinationOf(parts.compiler.questions);
    return {
      play() {
        if (!lazyTls) assumed.step(starts as Question<unknown>, start.line, start, facts);
        server.stack.length = 0;
        return outcomeOf(dialogue.play(conversation), run);
      },
      destination() {
        session.reset();
        facts.representative.show(lineIndex.recipient);
        const answer = facts.ask(destination);
        session.reset();
        return answer;
      },
    };
  }

  private representative(regions: readonly Region[], program: number, silent: boolean): RepresentativeSession {
    const server = this.servers[program];
    if (server === undefined) throw new Error('no such program');
    const data = this.servers.some(({ program: { parts } }) => parts?.stages.judgesData === true);
    const representative = new RepresentativeSession(this.lines, this.serverOf(server), new Trail(), {
      data,
      silent,
      hidesTls: false,
    });
    for (const [line, region] of regions.entries()) representative.takeBest(line, region);
    return representative;
  }

  private context(within: readonly Region[], silent: boolean): PathContext {
    return {
      lines: this.lines,
      within,
      servers: this.servers,
      silent,
      representative: (regions, program) => this.representative(regions, program, silent),
    };
  }
}
