import type { Facts, Question } from '../smtpd/questions/facts.ts';
import type { Place } from '../smtpd/questions/place.ts';
import { Trail } from '../smtpd/questions/trail.ts';
import { canonical } from './canonical.ts';
import { type LineName, lineNames } from './lines/line.ts';
import { lineIndex, lineOf } from './lines/lines.ts';
import type { Paired } from './paired.ts';
import type { Region } from './region.ts';
import type { RepresentativeSession } from './representative-session.ts';
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

/** What PathFacts needs of its program. */
export interface PlayerContext {
  readonly representative: RepresentativeSession;
  readonly answers: Answers;
  /** No command starts TLS: the session's TLS is set when a question first needs it. */
  readonly lazyTls: boolean;
  /** The elements being evaluated, outermost first, such as `smtpd_relay_restrictions[1]`. */
  readonly stack: readonly Place[];
}

const nowhere: Region = [];

/** The order in which the cases of a question are tried; the paths do not depend on it. */
export type Order = (cases: number) => readonly number[];

/**
 * The assumptions of the path being followed: every answer narrows its line, and the steps are the path. For each further
 * case the path is run again from its start. The same questions come again, because a check sees nothing of a session but
 * the answers to its questions.
 */
export class Assumed {
  readonly regions: Region[];
  /** The lines that some question was about, one bit each. */
  touched = 0;
  private readonly steps: Step[] = [];
  private depth = 0;
  private readonly supposed = new Map<string, unknown>();
  private readonly order: Order | undefined;
  private readonly programs: PathFacts[] = [];

  constructor(within: readonly Region[], order?: Order) {
    this.regions = [...within];
    this.order = order;
  }

  /** Adds a program, whose questions its tables and its representative session answer. */
  addProgram(make: (trail: Trail) => PlayerContext): PathFacts {
    const facts = new PathFacts(this, this.programs.length, make);
    this.programs.push(facts);
    return facts;
  }

  /** At the start of each path: regions narrowed by the last path may be wide again. */
  begin(): void {
    this.depth = 0;
    this.supposed.clear();
    for (const { representative } of this.programs) {
      representative.forget();
      for (let line = 0; line < this.regions.length; line++) representative.keepTo(line, this.regions[line] ?? nowhere);
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
    facts: PathFacts,
  ): Case {
    const known = this.steps[this.depth];
    if (known !== undefined) return this.again(known, about);
    const before = this.regions[line] ?? nowhere;
    const step: Step = {
      about,
      program: facts.program,
      line,
      before,
      cases: this.ordered(table.cases(before)),
      supply: undefined,
      place: facts.place,
      taken: 0,
    };
    this.steps.push(step);
    this.depth++;
    this.narrow(step);
    return this.caseOf(step);
  }

  /** The outcome that this path takes for a fact of the world. */
  suppose<A>(key: string, outcomes: readonly A[], supply: string, facts: PathFacts): A {
    if (this.supposed.has(key)) return this.supposed.get(key) as A;
    let step = this.steps[this.depth];
    if (step === undefined) {
      const cases = outcomes.map((answer) => ({ answer, open: true, region: nowhere }));
      step = {
        about: key,
        program: facts.program,
        line: -1,
        before: nowhere,
        cases: this.ordered(cases),
        supply,
        place: facts.place,
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
    for (const { representative } of this.programs) representative.keepTo(step.line, region);
  }

  private ordered(cases: readonly Case[]): readonly Case[] {
    if (this.order === undefined || cases.length < 2) return cases;
    return this.order(cases.length).map((i) => cases[i] as Case);
  }
}

/** The answers that one program gets along a path. */
export class PathFacts implements Facts {
  readonly program: number;
  readonly representative: RepresentativeSession;
  readonly trail: Trail;
  private readonly context: PlayerContext;
  private readonly assumed: Assumed;
  /** The line of the current question; -1: the question is about the whole session. */
  private line = -1;

  constructor(assumed: Assumed, program: number, make: (trail: Trail) => PlayerContext) {
    this.assumed = assumed;
    this.program = program;
    const named = (text: string) => canonical(text, this.representative, this.line);
    this.trail = new PathTrail((key, outcomes, supply) => assumed.suppose(named(key), outcomes, named(supply), this));
    this.context = make(this.trail);
    this.representative = this.context.representative;
  }

  /** The outermost element that is being evaluated. */
  get place(): Place | undefined {
    return this.context.stack[0];
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
    const table = this.context.answers.of(question as Question<unknown>);
    if (table === undefined) return this.eachAnswer(question);
    let own = table;
    if ('tableOf' in own) {
      const sort = this.assumed.step(question as Question<unknown>, own.besides, own, this);
      this.representative.show(own.besides);
      const fixed = own.tableOf(sort.answer as number);
      if (fixed === undefined) throw new Error(`no answers for "${question.text}"`);
      own = fixed;
    }
    const { answer, open } = this.assumed.step(question as Question<unknown>, line, own, this);
    this.representative.show(line);
    return open ? this.literal(question, line) : (answer as A);
  }

  /** A question about the whole session sees every line as the path has narrowed it. */
  private whole<A>(question: Question<A>): A {
    for (let line = 0; line < lineNames.length; line++) if (this.present(line)) this.representative.show(line);
    return this.literal(question, -1);
  }

  /** An answer that depends on the world is computed on the session, with an assumption for each open fact. */
  private literal<A>(question: Question<A>, line: number): A {
    this.line = line;
    const answer = question.literal(this.representative.session, this.trail);
    this.line = -1;
    return answer;
  }

  /** A question whose keys cannot be enumerated: each answer that it may have is tried, and no line is narrowed. */
  private eachAnswer<A>(question: Question<A>): A {
    const outcomes = question.outcomes?.() ?? [];
    return this.assumed.suppose(`answer of ${question.text}`, outcomes, question.text, this);
  }

  /** Whether the client has sent the command that gives this line its value. */
  private present(line: number): boolean {
    const { session } = this.representative;
    const name: LineName | undefined = lineNames[line];
    if (name === 'helo') return session.helo !== undefined;
    if (name === 'sender') return session.sender !== undefined;
    if (name === 'recipient') return session.recipient !== undefined;
    if (name === 'login') return session.phase !== 'connect' && session.phase !== 'helo';
    if (name !== 'certificate' && name !== 'public key') return true;
    if (!this.context.lazyTls) return session.tls !== undefined;
    this.representative.show(lineIndex.certificate);
    return true;
  }
}

/** Turns each open question of a path into a step of it. */
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
