import type { ExitName, Problem } from '../../../lib/problem.ts';
import type { ServerVerification } from '../../../provision/verify/verify.ts';
/** Why a host must not get a folder as it is: one line, what shows it, and what to do. */
export interface Refusal {
  readonly exit: ExitName;
  readonly problem: Problem;
  /** Lines between the message and its hint. */
  readonly details: readonly string[];
  readonly verification?: readonly ServerVerification[];
}
