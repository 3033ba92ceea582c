import { describe, expect, it } from 'vitest';
import { compare } from '../../../src/policy/explore/compare.ts';
import { explore } from '../../../src/policy/explore/explore.ts';
import type { Path } from '../../../src/policy/explore/result.ts';
import { compile } from '../../../src/policy/smtpd/start/compile.ts';
import { randomServers } from './random-servers.ts';

/** How many servers that start are tried; a long run sets it higher. */
const wanted = Number(process.env.CERTRELAY_EXPLORE_SERVERS ?? 12);
const seed = Number(process.env.CERTRELAY_EXPLORE_SEED ?? 3);
/** Of the paths of one server, so many witnesses are played. */
const witnesses = 30;

function* servers() {
  let started = 0;
  for (const server of randomServers(seed, 1000 * wanted, 0)) {
    const program = compile(server.config);
    if (program.parts === undefined) continue;
    yield { ...server, program };
    started++;
    if (started === wanted) return;
  }
}

function spread<T>(all: readonly T[], most: number): readonly T[] {
  const step = Math.max(1, Math.ceil(all.length / most));
  return all.filter((_, i) => i % step === 0);
}

const nameOf = (path: Path) =>
  JSON.stringify([
    path.outcomes,
    path.regions,
    path.silent,
    path.assumptions.map(({ fact, value }) => [fact, JSON.stringify(value)]).sort(),
  ]);

describe(`paths of ${wanted} random servers`, { timeout: 3_600_000 }, () => {
  it('each has a witness that the simulator confirms', () => {
    const counts = { simulated: 0, supposed: 0, contradicted: 0 };
    const wrong: unknown[] = [];
    for (const { program, where } of servers()) {
      const { paths, untold } = explore([program], { recipients: 'any', limit: 5_000 });
      for (const path of spread(paths, witnesses)) {
        const { confirmed, session, world } = path.witness;
        const [result] = confirmed;
        if (result !== undefined) counts[result]++;
        if (result === 'contradicted' && untold.length === 0) {
          wrong.push([
            where,
            session,
            world,
            path.assumptions.map(({ fact, answer }) => `${fact}: ${answer}`),
            path.outcomes,
          ]);
        }
      }
    }
    expect(counts.simulated).toBeGreaterThan(wanted);
    expect(wrong.slice(0, 3)).toEqual([]);
  });

  it('do not depend on the order in which answers are tried', () => {
    for (const { program, where } of servers()) {
      const query = { recipients: 'any', limit: 3_000 } as const;
      const first = explore([program], query);
      if (first.limited) continue;
      const backwards = explore([program], query, (cases) => Array.from({ length: cases }, (_, i) => cases - 1 - i));
      const names = new Set(first.paths.map(nameOf));
      const others = backwards.paths.map(nameOf).filter((name) => !names.delete(name));
      expect([others.slice(0, 2), [...names].slice(0, 2)], where).toEqual([[], []]);
    }
  });

  it('are the same for a server and itself', () => {
    for (const { config, where } of servers()) {
      expect(compare(config, config, { limit: 2_000 }).changes, where).toEqual([]);
    }
  });
});
