import { permissivePolicies, permissiveWorld } from '../../policy/identities/permissive-world.ts';
import type { SessionInput } from '../../policy/identities/sessions.ts';
import type { ConfigSources, PostfixConfig } from '../../policy/postfix/config.ts';
import { readConfig } from '../../policy/postfix/read-config.ts';
import type { Conversation } from '../../policy/smtpd/dialogue/conversation.ts';
import { readConversation } from '../../policy/smtpd/dialogue/read-conversation.ts';
import { Simulator } from '../../policy/smtpd/dialogue/simulate.ts';
import type { Verdict } from '../../policy/smtpd/lists/verdict.ts';
import { compile } from '../../policy/smtpd/start/compile.ts';
import { type ConditionalVerdict, PermissiveWorld } from './permissive-world.ts';

/** A server made ready to be tried with sessions that nobody has logged. */
export interface Trial {
  readonly config: PostfixConfig;
  play(session: SessionInput): Verdict;
  /** The same for a session that is read already, in the world that came with it. */
  decide(conversation: Conversation): Verdict;
  /** The same, assuming a permissive world where the verdict would otherwise be open. */
  decideAssumingPermissiveWorld(conversation: Conversation): ConditionalVerdict;
}

const known = new WeakMap<ConfigSources, Trial>();

/** A server as its sources have it, compiled once however many findings try it. */
export function trialOf(sources: ConfigSources): Trial {
  const before = known.get(sources);
  if (before !== undefined) return before;
  const trial = presumedTrial(sources, (config) => config);
  known.set(sources, trial);
  return trial;
}

/**
 * Tables that were not given list nothing; DNS and policy services, where the answer hangs on them, have nothing
 * against anybody. `presume` changes what the server is before it is compiled.
 */
export function presumedTrial(sources: ConfigSources, presume: (config: PostfixConfig) => PostfixConfig): Trial {
  const { otherTables, mainCf, masterCf } = sources;
  const config = presume(readConfig({ ...sources, otherTables: (path) => otherTables?.(path) ?? '' }));
  const simulator = new Simulator(compile(config));
  const text = typeof mainCf === 'string' ? mainCf : Object.values(mainCf).join('\n');
  const policy = permissivePolicies(`${text}${masterCf ?? ''}`);
  const assumedWorld = new PermissiveWorld(config);
  return {
    config,
    play(session) {
      const open = simulator.decide(readConversation(session, undefined));
      if (open.verdict !== 'unknown') return open;
      return simulator.decide(readConversation(session, permissiveWorld(session), { policy }));
    },
    decide: (conversation) => simulator.decide(conversation),
    decideAssumingPermissiveWorld(conversation) {
      const open = simulator.decide(conversation);
      return open.verdict === 'unknown' ? assumedWorld.decide(conversation, open) : { verdict: open, conditions: [] };
    },
  };
}
