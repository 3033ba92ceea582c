import { Run } from '../lists/run.ts';
import { type Verdict, verdictOf } from '../lists/verdict.ts';
import { type Facts, Literal } from '../questions/facts.ts';
import { type Outcome, parting, Trail } from '../questions/trail.ts';
import type { Program } from '../start/compile.ts';
import type { Conversation } from './conversation.ts';
import { Dialogue } from './dialogue.ts';
import { Session } from './session.ts';

/** As many combinations of open answers are tried before a verdict is given up. */
const pathLimit = 1024;

const none: readonly never[] = [];

/** Sees what a decision asks, for traces; told when a path starts. */
export interface Observer {
  observe(facts: Facts): Facts;
  restart(): void;
}

/** Decides sessions on one program. One simulator decides one session at a time. */
export class Simulator {
  private readonly program: Program;
  private readonly trail = new Trail();
  private readonly observer: Observer | undefined;
  private dialogue: { readonly run: Run; readonly dialogue: Dialogue } | undefined;

  constructor(program: Program, observer?: Observer) {
    this.program = program;
    this.observer = observer;
  }

  decide(conversation: Conversation): Verdict {
    const { fatal, parts, alone } = this.program;
    if (fatal !== undefined || parts === undefined) {
      return { verdict: 'fatal', replies: [], effects: [], warnings: [], missing: [], fatal: fatal ?? '' };
    }
    if (alone !== undefined) return unknown([alone]);
    this.trail.reset();
    const first = this.path(conversation);
    if (this.trail.isSinglePath) return first;
    return this.tryAll(conversation, first);
  }

  /** Plays the conversation once for each combination of open answers. */
  private tryAll(conversation: Conversation, first: Verdict): Verdict {
    const outcomes: Outcome[] = [{ path: this.trail.path, result: comparable(first) }];
    const beyond = new Set(this.trail.beyond);
    let complete = true;
    while (this.trail.advance()) {
      if (outcomes.length === pathLimit) {
        complete = false;
        break;
      }
      const result = comparable(this.path(conversation));
      for (const key of this.trail.beyond) beyond.add(key);
      outcomes.push({ path: this.trail.path, result });
    }
    const missing = complete
      ? parting(outcomes)
      : [...new Set(outcomes.flatMap(({ path }) => path.map((fork) => fork.supply ?? fork.key)))];
    if (missing.length === 0 && beyond.size === 0) return first;
    // Effects and warnings of one path say nothing about the others.
    return unknown([...missing, ...beyond]);
  }

  private path(conversation: Conversation): Verdict {
    const { run, dialogue } = this.ready(conversation);
    this.observer?.restart();
    const replies = dialogue.play(conversation);
    const effects = run.effects.length === 0 ? none : run.effects.slice();
    const warnings = run.warnings.length === 0 ? none : run.warnings.slice();
    if (run.fatal !== undefined)
      return { verdict: 'fatal', replies, effects, warnings, missing: none, fatal: run.fatal };
    const { phase } = run.session;
    const cutShort = run.hangup && phase !== 'data' && phase !== 'end-of-data';
    return { verdict: verdictOf(replies, run.discard, cutShort), replies, effects, warnings, missing: none };
  }

  private ready(conversation: Conversation) {
    if (this.dialogue !== undefined) return this.dialogue;
    const { parts } = this.program;
    if (parts === undefined) throw new Error('a server that does not start decides nothing');
    const session = new Session(conversation, conversation.peer);
    const literal = new Literal(session, this.trail);
    const facts = this.observer?.observe(literal) ?? literal;
    const run = new Run(session, this.trail, facts, parts.settings);
    const dialogue = new Dialogue(run, parts.stages, parts.tls, parts.settings, parts.resolver);
    this.dialogue = { run, dialogue };
    return this.dialogue;
  }
}

function unknown(missing: readonly string[]): Verdict {
  return { verdict: 'unknown', replies: [], effects: [], warnings: [], missing };
}

function comparable({ verdict, replies }: Verdict): string {
  return JSON.stringify([verdict, replies.map(({ stage, recipient, reply }) => [stage, recipient, reply])]);
}
