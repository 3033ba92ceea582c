import { Trail } from '../smtpd/questions/trail.ts';
import { sameness } from './sameness.ts';

/** As many combinations of open answers are told apart for one atom; more are one class of their own. */
const leaves = 256;

/**
 * Answers open questions while answers are tabulated: every combination of outcomes is tried, and what comes of them all
 * is written down, so that atoms can be compared that ask the same and go on alike.
 */
export class TabulatingTrail extends Trail {
  private readonly canonical: (key: string) => string;
  private script: number[] = [];
  private asked: { readonly key: string; readonly outcomes: number }[] = [];
  private readonly given = new Map<string, unknown>();

  constructor(canonical: (key: string) => string) {
    super();
    this.canonical = canonical;
  }

  override suppose<A>(key: string, outcomes: readonly A[]): A {
    const name = this.canonical(key);
    if (this.given.has(name)) return this.given.get(name) as A;
    const depth = this.asked.length;
    this.asked.push({ key: name, outcomes: outcomes.length });
    const answer = outcomes[this.script[depth] ?? 0] as A;
    this.given.set(name, answer);
    return answer;
  }

  override giveUp(key: string): void {
    this.asked.push({ key: `beyond ${key}`, outcomes: 1 });
  }

  /** The answer, or, where it depends on the world, a text that is the same for what depends on it alike. */
  tabulate<A>(literal: () => A): { readonly answer: A } | { readonly open: string } {
    this.script = [];
    let answer = this.run(literal);
    if (this.asked.length === 0) return { answer };
    let text = '';
    for (let leaf = 0; leaf < leaves; leaf++) {
      const path = this.asked.map(({ key, outcomes }, depth) => `${key}:${this.script[depth] ?? 0}/${outcomes}`);
      text += `${path.join(' ')} = ${sameness(answer)}\n`;
      if (!this.advance()) return { open: text };
      answer = this.run(literal);
    }
    return { open: `${text}…` };
  }

  private run<A>(literal: () => A): A {
    this.asked = [];
    this.given.clear();
    return literal();
  }

  override advance(): boolean {
    const script = this.asked.map((_, depth) => this.script[depth] ?? 0);
    for (let last = script.length - 1; last >= 0; last--) {
      const next = (script[last] ?? 0) + 1;
      if (next < (this.asked[last]?.outcomes ?? 0)) {
        this.script = [...script.slice(0, last), next];
        return true;
      }
    }
    return false;
  }
}
