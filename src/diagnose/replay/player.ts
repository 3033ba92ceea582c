import { alteredConfig } from '../../policy/postfix/altered.ts';
import type { ConfigSources, PostfixConfig } from '../../policy/postfix/config.ts';
import { readConfig } from '../../policy/postfix/read-config.ts';
import type { Conversation } from '../../policy/smtpd/dialogue/conversation.ts';
import { type Reasons, reasonsOf } from '../../policy/smtpd/dialogue/reasons.ts';
import { Simulator } from '../../policy/smtpd/dialogue/simulate.ts';
import { Trace, type TraceNode } from '../../policy/smtpd/dialogue/trace.ts';
import type { Verdict } from '../../policy/smtpd/lists/verdict.ts';
import { compile } from '../../policy/smtpd/start/compile.ts';

/** How a session comes out, and why. */
export interface Played {
  readonly verdict: Verdict;
  readonly reasons: Reasons;
  readonly trace: readonly TraceNode[];
}

/** Decides a session, asking the world where the answer hangs on it. */
export type Decide = (simulator: Simulator, conversation: Conversation) => Promise<Verdict>;

/** Plays sessions on one service, which is compiled once. */
export class Player {
  private readonly config: PostfixConfig;
  private readonly trace = new Trace();
  private readonly simulator: Simulator;

  /**
   * `filesAreAll`: what is not among the files does not exist. Else a table whose source was not given is a question
   * without an answer, which makes the verdict unknown where it decides.
   */
  constructor(sources: ConfigSources, filesAreAll: boolean) {
    this.config = withoutPorts(readConfig({ ...sources, absentTables: filesAreAll ? 'missing' : 'open' }));
    this.simulator = new Simulator(compile(this.trace.config(this.config), this.trace.watch), this.trace);
  }

  play(conversation: Conversation): Played {
    const verdict = this.simulator.decide(conversation);
    return this.played(verdict);
  }

  /** The same by somebody who can find out what is missing: `decide` may have the session decided several times. */
  async playWith(decide: Decide, conversation: Conversation): Promise<Played> {
    return this.played(await decide(this.simulator, conversation));
  }

  private played(verdict: Verdict): Played {
    return { verdict, reasons: reasonsOf(verdict, this.trace, this.config), trace: this.trace.nodes };
  }
}

/**
 * A server that does not log its clients' ports (smtpd_client_port_logging): where it does, replies name a port that
 * cannot be predicted, and a log that has them tells which to leave out.
 */
function withoutPorts(server: PostfixConfig): PostfixConfig {
  return alteredConfig(server, (config) => ({
    boolean: (name) => name !== 'smtpd_client_port_logging' && config.boolean(name),
  }));
}
