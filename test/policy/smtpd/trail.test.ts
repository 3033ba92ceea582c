import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type Outcome, parting, Trail } from '../../../src/policy/smtpd/questions/trail.ts';

/** Runs a decision once for each combination of answers. */
function every(decide: (trail: Trail) => string): Outcome[] {
  const trail = new Trail();
  const outcomes: Outcome[] = [];
  do {
    const result = decide(trail);
    outcomes.push({ path: trail.path, result });
  } while (trail.advance());
  return outcomes;
}

describe('the trail', () => {
  it('gives the same question the same answer along one path', () => {
    const seen = every((trail) => `${trail.suppose('a', [1, 2])}${trail.suppose('a', [1, 2])}`);
    expect(seen.map((outcome) => outcome.result)).toEqual(['11', '22']);
  });

  it('tries every combination once, and only those that are asked for', () => {
    fc.assert(
      fc.property(fc.array(fc.integer({ min: 1, max: 4 }), { maxLength: 5 }), (sizes) => {
        const seen = every((trail) =>
          sizes
            .map((size, i) =>
              trail.suppose(
                `q${i}`,
                Array.from({ length: size }, (_, n) => n),
              ),
            )
            .join(','),
        );
        const product = sizes.reduce((all, size) => all * size, 1);
        expect(new Set(seen.map((outcome) => outcome.result)).size).toBe(product);
        expect(seen).toHaveLength(product);
      }),
    );
  });

  it('notices a decision that asks otherwise the second time', () => {
    let round = 0;
    expect(() => every((trail) => trail.suppose(`${round++ < 1 ? 'a' : 'b'}`, ['x', 'y']))).toThrow(
      'not deterministic',
    );
  });
});

describe('what is missing', () => {
  const yes = [true, false];

  it('is a question whose answers lead to different replies', () => {
    expect(parting(every((trail) => (trail.suppose('decides', yes) ? 'permit' : 'reject')))).toEqual(['decides']);
  });

  it('is not one that changes nothing', () => {
    const seen = every((trail) => {
      trail.suppose('idle', yes);
      return trail.suppose('decides', yes) ? 'permit' : 'reject';
    });
    expect(parting(seen)).toEqual(['decides']);
  });

  it('is nothing where all lead to the same', () => {
    expect(
      parting(every((trail) => (trail.suppose('a', yes) || trail.suppose('b', yes) ? 'reject' : 'reject'))),
    ).toEqual([]);
  });

  it('is each of two that only matter together', () => {
    const seen = every((trail) => (trail.suppose('a', yes) && trail.suppose('b', yes) ? 'permit' : 'reject'));
    expect(parting(seen).toSorted()).toEqual(['a', 'b']);
  });

  it('is each of two of which neither tells anything alone', () => {
    const seen = every((trail) => (trail.suppose('first', yes) === trail.suppose('second', yes) ? 'permit' : 'reject'));
    expect(parting(seen).toSorted()).toEqual(['first', 'second']);
  });

  it('is enough: once it is answered, one result is left', () => {
    const table = fc.array(fc.constantFrom('permit', 'reject'), { minLength: 8, maxLength: 8 });
    fc.assert(
      fc.property(table, fc.tuple(fc.boolean(), fc.boolean(), fc.boolean()), (results, answers) => {
        const keys = ['a', 'b', 'c'];
        const decide = (trail: Trail, given: ReadonlyMap<string, boolean>) => {
          const bits = keys.map((key) => given.get(key) ?? trail.suppose(key, yes));
          return results[bits.reduce((index, bit) => index * 2 + (bit ? 1 : 0), 0)] ?? '';
        };
        const missing = parting(every((trail) => decide(trail, new Map())));
        const given = new Map(
          keys.flatMap((key, i) => (missing.includes(key) ? [[key, answers[i] ?? false] as const] : [])),
        );
        expect(new Set(every((trail) => decide(trail, given)).map((outcome) => outcome.result)).size).toBe(1);
      }),
    );
  });
});
