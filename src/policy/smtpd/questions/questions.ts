import type { PostfixConfig } from '../../postfix/config.ts';
import type { Resolver } from '../address/resolve.ts';
import type { Question } from './facts.ts';

/**
 * The questions of one configuration. The same question, asked from several places, is one object: whoever answers
 * can recognise it by its identity.
 */
export class Questions {
  readonly config: PostfixConfig;
  readonly resolver: Resolver;
  private readonly known = new Map<string, Question<unknown>>();

  constructor(config: PostfixConfig, resolver: Resolver) {
    this.config = config;
    this.resolver = resolver;
  }

  /** All questions there are so far. */
  get all(): Iterable<Question<unknown>> {
    return this.known.values();
  }

  /** The question with this text; built when it is asked for the first time. */
  once<A>(question: Question<A>): Question<A> {
    const known = this.known.get(question.text);
    if (known !== undefined) return known as Question<A>;
    this.known.set(question.text, question as Question<unknown>);
    return question;
  }
}

/** The answer of a yes-or-no question in words. */
export function yesOrNo(answer: boolean): string {
  return answer ? 'yes' : 'no';
}
