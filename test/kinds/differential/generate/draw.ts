import fc from 'fast-check';

/** Draws values one after the other; the generators below are written as a person would choose. */
export class Draw {
  readonly #next: fc.GeneratorValue;

  constructor(next: fc.GeneratorValue) {
    this.#next = next;
  }

  one<T>(choices: readonly [T, ...T[]]): T {
    return this.#next(fc.constantFrom<T[]>, ...choices);
  }

  /** True in so many of a hundred cases. */
  chance(percent: number): boolean {
    return this.#next(fc.integer, { min: 0, max: 99 }) < percent;
  }

  number(min: number, max: number): number {
    return this.#next(fc.integer, { min, max });
  }

  /** Between `min` and `max` draws of a thing. */
  several<T>(min: number, max: number, thing: () => T): T[] {
    return Array.from({ length: this.number(min, max) }, thing);
  }

  /** A thing drawn by weight. */
  weighted<T>(choices: readonly (readonly [weight: number, thing: () => T])[]): T {
    const total = choices.reduce((sum, [weight]) => sum + weight, 0);
    let at = this.number(0, total - 1);
    for (const [weight, thing] of choices) {
      if (at < weight) return thing();
      at -= weight;
    }
    throw new Error('nothing to draw from');
  }

  /** As it is, or in another case. */
  cased(text: string): string {
    if (!this.chance(6)) return text;
    return this.chance(50) ? text.toUpperCase() : text.replace(/^[a-z]|[_.][a-z]/g, (letters) => letters.toUpperCase());
  }
}

/** The value that a seed and an index stand for, whatever was drawn before. */
export function drawn<T>(seed: number, index: number, build: (draw: Draw) => T): T {
  const arbitrary = fc.gen().map((next) => build(new Draw(next)));
  const [value] = fc.sample(arbitrary, { seed: (Math.imul(seed, 1_000_003) + index) | 0, numRuns: 1 });
  if (value === undefined) throw new Error('nothing was drawn');
  return value;
}
