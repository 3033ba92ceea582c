import type { Cut } from '../postfix/cut.ts';
import type { Question } from '../smtpd/questions/facts.ts';
import { append, type Region } from './region.ts';
import { sameness } from './sameness.ts';
import type { Scratch } from './scratch.ts';

/** An answer and the part of a region that gets it; an open one depends on the world besides. */
export interface Case {
  readonly answer: unknown;
  readonly open: boolean;
  readonly region: Region;
}

/**
 * The answers of one question along its line, worked out by the question's own literal text on one value of each run of
 * atoms that its cuts cannot tell apart. Runs are looked at when a region first holds them.
 */
export class Tabulated {
  readonly line: number;
  private readonly bounds: Int32Array;
  private readonly size: number;
  /** By run: 0 is not looked at yet, else the number of its answer plus 1. */
  private readonly ids: Int32Array;
  private readonly answers: { readonly answer: unknown; readonly open: boolean }[] = [];
  private readonly numbers = new Map<string, number>();
  private readonly plain = new Map<unknown, number>();
  private readonly known = new WeakMap<Region, readonly Case[]>();
  private readonly question: Question<unknown>;
  private readonly scratch: Scratch;

  constructor(question: Question<unknown>, line: number, cuts: readonly Cut[], scratch: Scratch) {
    this.question = question;
    this.line = line;
    this.scratch = scratch;
    this.bounds = scratch.boundsOn(line, cuts);
    this.size = scratch.sizeOf(line);
    this.ids = new Int32Array(this.bounds.length);
  }

  /** The non-empty cases of a region, in the order in which their answers first come on the line. */
  cases(region: Region): readonly Case[] {
    const lo = region[0] ?? 0;
    const first = this.runOf(lo);
    if (region.length === 2 && (region[1] ?? 0) <= this.endOf(first)) {
      const answer = this.answerOf(first);
      return [{ answer: answer.answer, open: answer.open, region }];
    }
    const known = this.known.get(region);
    if (known !== undefined) return known;
    const cases = this.split(region);
    this.known.set(region, cases);
    return cases;
  }

  /** The answer for one atom. */
  at(atom: number): { readonly answer: unknown; readonly open: boolean } {
    return this.answerOf(this.runOf(atom));
  }

  private split(region: Region): readonly Case[] {
    const parts = new Map<number, number[]>();
    for (let i = 0; i < region.length; i += 2) {
      const hi = region[i + 1] ?? 0;
      let lo = region[i] ?? 0;
      for (let run = this.runOf(lo); lo < hi; run++) {
        const end = Math.min(hi, this.endOf(run));
        const id = this.idOf(run);
        const part = parts.get(id);
        if (part === undefined) parts.set(id, [lo, end]);
        else append(part, lo, end);
        lo = end;
      }
    }
    const [only] = parts.keys();
    return Array.from(parts, ([id, part]) => {
      const { answer, open } = this.answers[id - 1] ?? { answer: undefined, open: false };
      return { answer, open, region: parts.size === 1 && only === id ? region : part };
    });
  }

  private answerOf(run: number): { readonly answer: unknown; readonly open: boolean } {
    return this.answers[this.idOf(run) - 1] ?? { answer: undefined, open: false };
  }

  private idOf(run: number): number {
    const known = this.ids[run] ?? 0;
    if (known > 0) return known;
    const found = this.scratch.ask(this.question, this.line, this.bounds[run] ?? 0);
    const id = 'open' in found ? this.numberOpen(found.open) : this.number(found.answer);
    this.ids[run] = id;
    return id;
  }

  private number(answer: unknown): number {
    // Most answers are texts or words, which need no text of their own to be compared.
    const simple = typeof answer !== 'object' || answer === null;
    const text = simple ? '' : sameness(answer);
    let id = simple ? this.plain.get(answer) : this.numbers.get(text);
    if (id === undefined) {
      id = this.answers.push({ answer, open: false });
      if (simple) this.plain.set(answer, id);
      else this.numbers.set(text, id);
    }
    return id;
  }

  private numberOpen(text: string): number {
    const key = `open ${text}`;
    let id = this.numbers.get(key);
    if (id === undefined) {
      id = this.answers.push({ answer: undefined, open: true });
      this.numbers.set(key, id);
    }
    return id;
  }

  private endOf(run: number): number {
    return this.bounds[run + 1] ?? this.size;
  }

  private runOf(atom: number): number {
    let low = 0;
    let high = this.bounds.length - 1;
    while (low < high) {
      const middle = (low + high + 1) >> 1;
      if ((this.bounds[middle] ?? 0) <= atom) low = middle;
      else high = middle - 1;
    }
    return low;
  }
}
