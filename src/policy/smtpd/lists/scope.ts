import type { PostfixConfig } from '../../postfix/config.ts';
import type { Session } from '../dialogue/session.ts';
import type { Questions } from '../questions/questions.ts';
import type { Check } from './run.ts';

export type Stage = 'client' | 'helo' | 'sender' | 'relay' | 'recipient' | 'etrn' | 'data' | 'end_of_data';

/** What a list passes on to everything evaluated in it, nested lists and actions included. */
export interface Scope {
  readonly stage: Stage;
  /** The reply class, e.g. `Recipient address`. */
  readonly className: string;
  /** The reply name, shown in angle brackets. */
  name(session: Session): string;
  /** The restriction that a bare `type:table` means; undefined where that is an error. */
  readonly tableMeans: string | undefined;
}

/** What a restriction is compiled against: where it stands, its argument, and this configuration's questions. */
export interface Site {
  readonly scope: Scope;
  readonly config: PostfixConfig;
  readonly questions: Questions;
  /** The restriction's name as written. */
  readonly written: string;
  /** The word after a restriction that takes one; undefined when it is missing. */
  readonly argument: string | undefined;
  /** Further words follow in the same list. */
  readonly followedBy: string | undefined;
  /** An access(5) right-hand side, evaluated with another reply name and class but the list's stage. */
  action(value: string, scope: Scope, table: string): Check;
}

/** The same stage with another party to name in replies. */
export function named(scope: Scope, className: string, name: (session: Session) => string): Scope {
  return { ...scope, className, name };
}
