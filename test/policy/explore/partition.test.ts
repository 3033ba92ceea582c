import { describe, expect, it } from 'vitest';
import { explore } from '../../../src/policy/explore/explore.ts';
import { agree, outcomeOfVerdict } from '../../../src/policy/explore/outcome.ts';
import { holds } from '../../../src/policy/explore/region.ts';
import { readConversation } from '../../../src/policy/smtpd/dialogue/read-conversation.ts';
import { Simulator } from '../../../src/policy/smtpd/dialogue/simulate.ts';
import { fingerprintDigest } from '../../../src/policy/smtpd/questions/digest-names.ts';
import { compile } from '../../../src/policy/smtpd/start/compile.ts';
import { lies, locate } from './locate.ts';
import { randomServers } from './random-servers.ts';
import { randomNumbers, randomSession } from './random-session.ts';

/** How many sessions are tried; a long run sets it to a hundred thousand. */
const wanted = Number(process.env.CERTRELAY_EXPLORE_SESSIONS ?? 1_000);
/** So many for each server. */
const each = Math.max(50, Math.floor(wanted / 500));
const seed = Number(process.env.CERTRELAY_EXPLORE_SEED ?? 1);

describe('paths part the sessions between them', () => {
  it(`each of ${wanted} random sessions lies in one path, with the simulator's verdict`, { timeout: 3_600_000 }, () => {
    const counts = { located: 0, odd: 0, supposing: 0, limited: 0, untold: 0, unknown: 0, servers: 0 };
    const wrong: string[] = [];
    const random = randomNumbers(seed);
    for (const { config, where } of randomServers(seed, 1_000_000, 0)) {
      if (counts.located >= wanted || wrong.length > 5) break;
      const program = compile(config);
      if (program.parts === undefined) continue;
      const { paths, lines, within, limited, untold } = explore([program], { recipients: 'any', limit: 20_000 });
      if (limited) counts.limited++;
      if (untold.length > 0) counts.untold++;
      if (limited || untold.length > 0) continue;
      counts.servers++;
      const simulator = new Simulator(program);
      const { settings, stages } = program.parts;
      const digest = fingerprintDigest(config);
      for (let i = 0; i < each; i++) {
        const session = randomSession(random, lines, digest, stages.judgesData);
        const conversation = readConversation(session, {});
        const atoms = locate(lines, conversation, digest);
        // Beside what no atom stands for: what is accepted before any list, and a HELO that is owed.
        const ordinary = atoms?.every((atom, line) => holds(within[line] ?? [], atom)) === true;
        if (atoms === undefined || !ordinary || (session.helo === undefined && settings.heloRequired)) {
          counts.odd++;
          continue;
        }
        const silent = session.helo === undefined && paths.some((path) => path.silent);
        const own = paths.filter((path) => path.silent === silent && lies(path, atoms));
        // What the world says is not in the session: the paths suppose one thing and another.
        if (own.some((path) => path.assumptions.length > 0)) {
          counts.supposing++;
          continue;
        }
        const verdict = simulator.decide(conversation);
        if (verdict.verdict === 'unknown') {
          counts.unknown++;
          continue;
        }
        counts.located++;
        const expected = outcomeOfVerdict(verdict, session.data);
        const [found] = own.flatMap(({ outcomes }) => outcomes);
        if (own.length !== 1 || found === undefined || !agree(expected, found, program)) {
          wrong.push(
            [
              where,
              JSON.stringify(session),
              `simulated ${JSON.stringify(expected)}`,
              `in ${own.length} paths: ${JSON.stringify(own.slice(0, 3).map(({ outcomes, conditions }) => [outcomes[0], conditions.map(({ line, words }) => `${line}: ${words}`)]))}`,
            ].join('\n'),
          );
        }
      }
    }
    expect(wrong.slice(0, 3), JSON.stringify(counts)).toEqual([]);
    expect(counts.located, JSON.stringify(counts)).toBeGreaterThanOrEqual(wanted);
    if (process.env.CERTRELAY_EXPLORE_SESSIONS !== undefined) console.log(JSON.stringify(counts));
  });
});
