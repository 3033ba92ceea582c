import type { PostfixConfig } from '../postfix/config.ts';
import type { Cut } from '../postfix/cut.ts';
import { DUNNO } from '../smtpd/lists/run.ts';
import type { Question } from '../smtpd/questions/facts.ts';
import type { Place } from '../smtpd/questions/place.ts';
import { compile, type Program } from '../smtpd/start/compile.ts';
import { isSpelling } from './lines/block.ts';
import type { LineName } from './lines/line.ts';
import { lineNames } from './lines/line.ts';
import { lineOf } from './lines/lines.ts';

/** As many lists and classes are compiled ahead; a class that holds itself has no end of them. */
const aheadAtMost = 20_000;

/** One element of the lists, as far as exploring has seen it at work. */
export interface Element {
  readonly place: Place;
  /** Evaluation came to it on some path. */
  reached: boolean;
  /** On some path it permitted, refused, or left a note or a condition. */
  decided: boolean;
}

/** One program that is explored: compiled with every element watched, and all its questions known beforehand. */
export class ExploredServer {
  readonly config: PostfixConfig;
  readonly program: Program;
  readonly elements = new Map<Place, Element>();
  /** The elements in which evaluation stands, outermost first. */
  readonly stack: Place[] = [];
  private readonly cuts = new Map<Question<unknown>, readonly Cut[]>();

  constructor(config: PostfixConfig) {
    this.config = config;
    this.program = compile(config, (check, place) => {
      const element: Element = { place, reached: false, decided: false };
      this.elements.set(place, element);
      return (run) => {
        element.reached = true;
        this.stack.push(place);
        const before = run.effects.length;
        const deferring = run.deferralIfPermit.active || run.deferralIfReject.active;
        const status = check(run);
        this.stack.pop();
        if (status !== DUNNO || run.effects.length > before) element.decided = true;
        if (!deferring && (run.deferralIfPermit.active || run.deferralIfReject.active)) element.decided = true;
        return status;
      };
    });
    const ahead = this.program.parts?.compiler.ahead ?? [];
    for (let i = 0; i < ahead.length && i < aheadAtMost; i++) ahead[i]?.();
  }

  /** The keys of a question, read once. */
  cutsOf(question: Question<unknown>): readonly Cut[] {
    const known = this.cuts.get(question);
    if (known !== undefined) return known;
    const cuts = (question.cuts?.() ?? []).map((cut) => ({
      ...cut,
      keys: Array.isArray(cut.keys) ? cut.keys : [...cut.keys],
    }));
    const told = tooManyLocals(cuts) ? cuts.map(withoutLocals) : cuts;
    const read = told.map(withoutSpellings);
    this.cuts.set(question, read);
    return read;
  }

  /** Adds what each question of the program tells apart to the cuts of its lines. */
  gather(cuts: Record<LineName, Cut[]>): void {
    const questions = this.program.parts?.compiler.questions.all ?? [];
    for (const question of questions) {
      if (question.parts !== undefined) continue;
      const own = this.cutsOf(question);
      for (const subject of [question.subject, question.besides]) {
        const line = subject === undefined ? undefined : lineNames[lineOf(subject)];
        if (line !== undefined) cuts[line].push(...own);
      }
    }
  }
}

/** As many local parts as may be keys in any domain (`user@`): each of them is told apart in every domain. */
const localsAtMost = 100;

function tooManyLocals(cuts: readonly Cut[]): boolean {
  const locals = new Set<string>();
  for (const { keys } of cuts) {
    for (const key of keys) {
      if (key.endsWith('@')) locals.add(key);
      if (locals.size > localsAtMost) return true;
    }
  }
  return false;
}

/** The keys but for local parts in any domain, which then are among what cannot be told. */
function withoutLocals(cut: Cut): Cut {
  const keys = [...cut.keys];
  const rest = keys.filter((key) => !key.endsWith('@'));
  return rest.length === keys.length ? cut : { ...cut, keys: rest, notEnumerable: 'local parts in any domain' };
}

/** Where a key is a way to spell addresses, all of its table is among what cannot be told. */
function withoutSpellings(cut: Cut): Cut {
  for (const key of cut.keys) if (isSpelling(key)) return { ...cut, notEnumerable: `addresses spelled "${key}"` };
  return cut;
}
