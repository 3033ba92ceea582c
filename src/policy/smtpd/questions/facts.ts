import type { Cut } from '../../postfix/cut.ts';
import type { Session } from '../dialogue/session.ts';
import type { Subject } from './subjects.ts';
import type { Trail } from './trail.ts';

/**
 * One question about one subject, built once when the configuration is compiled. Restrictions ask; who answers is
 * a matter of the facts at hand: a session answers as Postfix would, step by step.
 */
export interface Question<A> {
  readonly subject: Subject;
  /** For traces, e.g. `relay_clientcerts[certificate fingerprint]`. */
  readonly text: string;
  /** What Postfix finds. What the session does not tell is supposed on the trail. */
  literal(session: Session, trail: Trail): A;
  /**
   * The keys that it looks for, where it looks for any. Values of its subject that no key tells apart, and that are of one
   * form, get one answer.
   */
  cuts?(): readonly Cut[];
  /** What it may answer, where its keys cannot be listed. */
  outcomes?(): readonly A[];
  /** A second subject that it reads as well; its cuts hold for both. */
  readonly besides?: Subject;
  /** Questions of one subject each, asked in turn until one is not undefined; `literal` answers the same at once. */
  readonly parts?: readonly Question<A>[];
  /** The answer in words, for traces. */
  say(answer: A, session: Session): string;
}

/** Where a check gets its answers. */
export interface Facts {
  ask<A>(question: Question<A>): A;
}

/** The reference: every answer worked out as Postfix would. */
export class Literal implements Facts {
  session: Session;
  readonly trail: Trail;

  constructor(session: Session, trail: Trail) {
    this.session = session;
    this.trail = trail;
  }

  ask<A>(question: Question<A>): A {
    return question.literal(this.session, this.trail);
  }
}
