import { describe, expect, it } from 'vitest';
import { explore } from '../../src/explore/explore.ts';
import { lies, locate } from '../../src/explore/locate.ts';
import { agree, outcomeOfVerdict } from '../../src/explore/outcome.ts';
import { holds } from '../../src/explore/region.ts';
import { compile } from '../../src/smtpd/compile.ts';
import { readConversation } from '../../src/smtpd/read-conversation.ts';
import { fingerprintDigest } from '../../src/smtpd/restrictions/fingerprints.ts';
import { Simulator } from '../../src/smtpd/simulate.ts';
import { randomServers } from './random-servers.ts';

/** How many sessions are tried; a long run sets it to a hundred thousand. */
const wanted = Number(process.env.CERTRELAY_EXPLORE_SESSIONS ?? 200);
const seed = Number(process.env.CERTRELAY_EXPLORE_SEED ?? 1);

describe('paths part the sessions between them', () => {
  it(`each of ${wanted} random sessions lies in one path, with the simulator's verdict`, { timeout: 3_600_000 }, () => {
    const counts = { located: 0, odd: 0, supposing: 0, limited: 0, untold: 0, unknown: 0, servers: 0, fatal: 0 };
    const wrong: string[] = [];
    const each = 20;
    for (const { config, generated, where } of randomServers(seed, 100 * wanted, each)) {
      if (counts.located >= wanted || wrong.length > 5) break;
      const program = compile(config);
      if (program.parts === undefined) {
        counts.fatal++;
        if (process.env.WHY) console.log(program.fatal?.slice(0, 100));
        continue;
      }
      const exploration = explore([program], { recipients: 'any', limit: 20_000 });
      if (exploration.limited) {
        counts.limited++;
        continue;
      }
      if (exploration.untold.length > 0) {
        counts.untold++;
        continue;
      }
      counts.servers++;
      const simulator = new Simulator(program);
      for (const { session, world } of generated.sessions) {
        const { etrn: _, vrfy: __, early: ___, helo, ...given } = session;
        const { name, reverseName, address } = given.client;
        const played = {
          ...given,
          ...(helo === undefined ? {} : { helo }),
          client: { address, name, reverseName: name === 'unknown' ? reverseName : name },
          mailFrom: given.mailFrom ?? '',
          rcptTo: given.rcptTo.slice(0, 1),
          data: program.parts.stages.judgesData,
        };
        const conversation = readConversation(played, world.dns, world);
        const atoms = locate(exploration.lines, conversation, fingerprintDigest(config));
        // What is accepted before any list was not asked about.
        const asked = atoms?.every((atom, line) => holds(exploration.within[line] ?? [], atom));
        if (atoms === undefined || asked !== true || (helo === undefined && program.parts.settings.heloRequired)) {
          counts.odd++;
          continue;
        }
        const verdict = simulator.decide(conversation);
        if (verdict.verdict === 'unknown') {
          counts.unknown++;
          continue;
        }
        const expected = outcomeOfVerdict(verdict, played.data);
        const silent = helo === undefined && exploration.paths.some((path) => path.silent);
        const own = exploration.paths.filter((path) => path.silent === silent && lies(path, atoms));
        // What the world says is not in the session: the paths suppose one thing and another.
        if (own.some((path) => path.assumptions.length > 0)) {
          counts.supposing++;
          continue;
        }
        counts.located++;
        const fitting = own.filter(({ outcomes: [found] }) => found !== undefined && agree(expected, found, program));
        if (fitting.length === 0 || own.length !== 1) {
          wrong.push(
            `${where}: ${JSON.stringify(played)}\n  expected ${JSON.stringify(expected)}\n  of ${own.length} paths ${JSON.stringify(own.slice(0, 3).map(({ outcomes, conditions }) => [outcomes[0], conditions.map(({ line, words }) => `${line}: ${words}`)]))}`,
          );
        }
      }
    }
    expect(wrong.slice(0, 3), JSON.stringify(counts)).toEqual([]);
    expect(counts.located, JSON.stringify(counts)).toBeGreaterThanOrEqual(wanted);
    if (process.env.CERTRELAY_EXPLORE_SESSIONS !== undefined) console.log(JSON.stringify(counts));
  });
});
