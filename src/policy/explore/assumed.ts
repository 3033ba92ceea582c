import type { Facts, Question } from '../smtpd/questions/facts.ts';
import type { Place } from '../smtpd/questions/place.ts';
import { Trail } from '../smtpd/questions/trail.ts';
import { canonical } from './canonical.ts';
import { type LineName, lineNames } from './lines/line.ts';
import { lineIndex, lineOf } from './lines/lines.ts';
import type { Paired } from './paired.ts';
import type { Region } from './region.ts';
import type { StandIn } from './stand-in.ts';
import type { Case, Tabulated } from './tabulated.ts';

/** How one program's questions can be answered by regions. */
export interface Answers {
  /** Undefined: the keys of the question cannot be listed, and its outcomes are all that is known. */
  of(question: Question<unknown>): Tabulated | Paired | undefined;
}

/** One step of a path: a question and the case taken, or a supposition and its outcome. */
export interface Step {
  readonly about: Question<unknown> | string;
  readonly program: number;
  readonly line: number;
  readonly before: Region;
  readonly cases: readonly Case[];
  /** Of a supposition; what a caller would supply to answer it. */
  readonly supply: string | undefined;
  readonly place: Place | undefined;
  taken: number;
}

/** What a player plays with. */
export interface Cast {
  readonly standIn: StandIn;
  readonly answers: Answers;
  /** No command starts TLS: what the session knows of it is put there when it is first asked about. */
  readonly lazyTls: boolean;
  /** The elements in which evaluation stands, outermost first. */
  readonly stack: readonly Place[];
}

const nowhere: Region = [];

/** The order in which the cases of a question are tried; the paths do not depend on it. */
export type Order = (cases: number) => readonly number[];

/**
 * The symbolic facts: every answer is an assumption that narrows its line, and the steps are the path. A path is run again
 * from its start for each further case; the same questions must come again, and do, for all that a check can see of a
 * session is what it asked for.
 */
export class Assumed {
  readonly regions: Region[];
  /** The lines that anything was asked about, a bit for each. */
  touched = 0;
  private readonly steps: Step[] = [];
  private depth = 0;
  private readonly supposed = new Map<string, unknown>();
  private readonly order: Order | undefined;
  private readonly players: Player[] = [];

  constructor(within: readonly Region[], order?: Order) {
    this.regions = [...within];
    this.order = order;
  }

  /** Adds a program; its questions are answered as its stand-in and its tables have it. */
  player(make: (trail: Trail) => Cast): Player {
    const player = new Player(this, this.players.length, make);
    this.players.push(player);
    return player;
  }

  /** At the start of each path: what was narrowed since the last one may have been widened again. */
  begin(): void {
    this.depth = 0;
    this.supposed.clear();
    for (const { standIn } of this.players) {
      standIn.forget();
      for (let line = 0; line < this.regions.length; line++) standIn.keepTo(line, this.regions[line] ?? nowhere);
    }
  }

  /** Takes the next case of the last step that has one left; false when every case was tried. */
  advance(): boolean {
    for (let last = this.steps.at(-1); last !== undefined; last = this.steps.at(-1)) {
      last.taken++;
      if (last.taken < last.cases.length) {
        this.narrow(last);
        return true;
      }
      if (last.line >= 0) this.regions[last.line] = last.before;
      this.steps.pop();
    }
    return false;
  }

  /** The steps of the path that was run, in order, and which of their cases were taken. */
  path(): { readonly steps: readonly Step[]; readonly taken: readonly number[] } {
    return { steps: this.steps.slice(), taken: this.steps.map((step) => step.taken) };
  }

  /** The case of a question on a line that this path takes. */
  step(
    about: Question<unknown>,
    line: number,
    table: { cases(region: Region): readonly Case[] },
    player: Player,
  ): Case {
    const known = this.steps[this.depth];
    if (known !== undefined) return this.again(known, about);
    const before = this.regions[line] ?? nowhere;
    const step: Step = {
      about,
      program: player.program,
      line,
      before,
      cases: this.ordered(table.cases(before)),
      supply: undefined,
      place: player.place,
      taken: 0,
    };
    this.steps.push(step);
    this.depth++;
    this.narrow(step);
    return this.caseOf(step);
  }

  /** The outcome that this path takes for a fact of the world. */
  suppose<A>(key: string, outcomes: readonly A[], supply: string, player: Player): A {
    if (this.supposed.has(key)) return this.supposed.get(key) as A;
    let step = this.steps[this.depth];
    if (step === undefined) {
      const cases = outcomes.map((answer) => ({ answer, open: true, region: nowhere }));
      step = {
        about: key,
        program: player.program,
        line: -1,
        before: nowhere,
        cases: this.ordered(cases),
        supply,
        place: player.place,
        taken: 0,
      };
      this.steps.push(step);
      this.depth++;
    } else {
      this.again(step, key);
    }
    const { answer } = this.caseOf(step);
    this.supposed.set(key, answer);
    return answer as A;
  }

  private again(step: Step, about: Question<unknown> | string): Case {
    if (step.about !== about) {
      const text = (each: Question<unknown> | string) => (typeof each === 'string' ? each : each.text);
      throw new Error(`a check is not deterministic: "${text(step.about)}" became "${text(about)}"`);
    }
    this.depth++;
    return this.caseOf(step);
  }

  private caseOf(step: Step): Case {
    return step.cases[step.taken] ?? { answer: undefined, open: false, region: nowhere };
  }

  private narrow(step: Step): void {
    if (step.line < 0) return;
    const { region } = this.caseOf(step);
    if (this.regions[step.line] === region) return;
    this.regions[step.line] = region;
    for (const { standIn } of this.players) standIn.keepTo(step.line, region);
  }

  private ordered(cases: readonly Case[]): readonly Case[] {
    if (this.order === undefined || cases.length < 2) return cases;
    return this.order(cases.length).map((i) => cases[i] as Case);
  }
}

/** The facts of one program on a path. */
export class Player implements Facts {
  readonly program: number;
  readonly standIn: StandIn;
  readonly trail: Trail;
  private readonly cast: Cast;
  private readonly assumed: Assumed;
  /** The line of the question that is being answered; -1: any. */
  private line = -1;

  constructor(assumed: Assumed, program: number, make: (trail: Trail) => Cast) {
    this.assumed = assumed;
    this.program = program;
    const named = (text: string) => canonical(text, this.standIn, this.line);
    this.trail = new PathTrail((key, outcomes, supply) => assumed.suppose(named(key), outcomes, named(supply), this));
    this.cast = make(this.trail);
    this.standIn = this.cast.standIn;
  }

  /** The outermost element that is being evaluated. */
  get place(): Place | undefined {
    return this.cast.stack[0];
  }

  ask<A>(question: Question<A>): A {
    const { parts } = question;
    if (parts !== undefined) {
      for (const part of parts) {
        const answer = this.ask(part);
        if (answer !== undefined) return answer;
      }
      return undefined as A;
    }
    const line = lineOf(question.subject);
    if (line >= 0) this.assumed.touched |= 1 << line;
    if (line < 0) return this.whole(question);
    if (!this.present(line)) return this.literal(question, line);
    const table = this.cast.answers.of(question as Question<unknown>);
    if (table === undefined) return this.untold(question);
    let own = table;
    if ('tableOf' in own) {
      const sort = this.assumed.step(question as Question<unknown>, own.besides, own, this);
      this.standIn.show(own.besides);
      const fixed = own.tableOf(sort.answer as number);
      if (fixed === undefined) throw new Error(`no answers for "${question.text}"`);
      own = fixed;
    }
    const { answer, open } = this.assumed.step(question as Question<unknown>, line, own, this);
    this.standIn.show(line);
    return open ? this.literal(question, line) : (answer as A);
  }

  /** A question about the whole session sees all of it as it stands for the path by now. */
  private whole<A>(question: Question<A>): A {
    for (let line = 0; line < lineNames.length; line++) if (this.present(line)) this.standIn.show(line);
    return this.literal(question, -1);
  }

  /** An answer that depends on the world is worked out on the session; what it depends on is supposed. */
  private literal<A>(question: Question<A>, line: number): A {
    this.line = line;
    const answer = question.literal(this.standIn.session, this.trail);
    this.line = -1;
    return answer;
  }

  /** A question whose keys cannot be listed is answered with each answer it may have, and nothing is narrowed. */
  private untold<A>(question: Question<A>): A {
    const outcomes = question.outcomes?.() ?? [];
    return this.assumed.suppose(`answer of ${question.text}`, outcomes, question.text, this);
  }

  /** Whether a command has told the server yet what this line is about. */
  private present(line: number): boolean {
    const { session } = this.standIn;
    const name: LineName | undefined = lineNames[line];
    if (name === 'helo') return session.helo !== undefined;
    if (name === 'sender') return session.sender !== undefined;
    if (name === 'recipient') return session.recipient !== undefined;
    if (name === 'login') return session.phase !== 'connect' && session.phase !== 'helo';
    if (name !== 'certificate' && name !== 'public key') return true;
    if (!this.cast.lazyTls) return session.tls !== undefined;
    this.standIn.show(lineIndex.certificate);
    return true;
  }
}

/** Open questions on a path: each is a step of it. */
class PathTrail extends Trail {
  private readonly answer: <A>(key: string, outcomes: readonly A[], supply: string) => A;

  constructor(answer: <A>(key: string, outcomes: readonly A[], supply: string) => A) {
    super();
    this.answer = answer;
  }

  override suppose<A>(key: string, outcomes: readonly A[], supply = key): A {
    return this.answer(key, outcomes, supply);
  }
}
