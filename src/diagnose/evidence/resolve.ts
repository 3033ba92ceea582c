import { Resolver } from 'node:dns/promises';
import type { Conversation } from '../../policy/smtpd/dialogue/conversation.ts';
import type { Simulator } from '../../policy/smtpd/dialogue/simulate.ts';
import type { Verdict } from '../../policy/smtpd/lists/verdict.ts';

/** The records of one type as a scenario writes them, or the name of a failure. */
export type LookUp = (name: string, type: string) => Promise<readonly string[] | string>;

/** A session asks about a handful of names; more rounds than this would be a loop. */
const mostRounds = 10;

/** Decides, looks up what is missing, and decides again, until nothing that DNS knows is missing. */
export async function decideResolving(
  simulator: Simulator,
  said: Conversation,
  lookUp: LookUp = system(),
): Promise<Verdict> {
  const dns: Record<string, readonly string[] | string> = Object.assign(Object.create(null), said.dns);
  const conversation: Conversation = { ...said, dns, dnsOpen: true };
  let verdict = simulator.decide(conversation);
  for (let round = 0; round < mostRounds; round++) {
    const questions = verdict.missing
      .map((key) => /^dns (\S+)\/([A-Z, ]+)$/.exec(key))
      .filter((match) => match !== null);
    if (questions.length === 0) break;
    for (const [, name = '', types = ''] of questions) {
      for (const type of types.split(', '))
        dns[`${name.toLowerCase()}/${type.toLowerCase()}`] = await lookUp(name, type);
    }
    verdict = simulator.decide(conversation);
  }
  return verdict;
}

/** The resolvers that this machine uses. */
function system(): LookUp {
  const resolver = new Resolver({ timeout: 5000, tries: 2 });
  return async (name, type) => {
    try {
      if (type === 'MX')
        return (await resolver.resolveMx(name)).map(
          ({ priority, exchange }) => `${priority} ${exchange === '' ? '.' : exchange}`,
        );
      if (type === 'NS') return await resolver.resolveNs(name);
      if (type === 'TXT') return (await resolver.resolveTxt(name)).map((pieces) => pieces.join(''));
      return type === 'A' ? await resolver.resolve4(name) : await resolver.resolve6(name);
    } catch (error) {
      const code = error instanceof Error && 'code' in error ? error.code : '';
      return code === 'ENOTFOUND' ? 'NXDOMAIN' : code === 'ENODATA' ? 'NODATA' : 'SERVFAIL';
    }
  };
}
