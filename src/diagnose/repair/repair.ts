import type { WitnessSession } from '../../policy/explore/result.ts';
import type { SessionInput } from '../../policy/identities/sessions.ts';
import type { Edit } from '../configuration/edit.ts';

/** A client that a change lets in or shuts out, in words and with a session that shows it. */
export interface Witness {
  readonly who: string;
  readonly session: SessionInput | WitnessSession;
}

/** One repair: what to change, and what was proved about it. */
export interface Repair {
  /** The finding that it starts from. */
  readonly finding: string;
  /** What it does, in words: lower case, no full stop. */
  readonly title: string;
  readonly edits: readonly Edit[];
  /** Shell commands that make the edits, one a line; what no command makes is a comment. */
  readonly commands: readonly string[];
  /** The difference in the given files, unified format. */
  readonly diff: string;
  /** The sessions it is for, with the reply each gets before and after. */
  readonly sessions: readonly { readonly name: string; readonly before: string; readonly after: string }[];
  /** What the replies hang on beside the configuration, each as the end of "if …"; empty: on nothing. */
  readonly conditions: readonly string[];
  /** Anybody else that it lets in: a repair with any is not offered but shown for what it is. */
  readonly letsIn: readonly Witness[];
  readonly shutsOut: readonly Witness[];
  /** True where everybody was looked at; else `letsIn` is who was found, and there may be others. */
  readonly complete: boolean;
  /** How `letsIn` and `shutsOut` were found. */
  readonly how: string;
  /** The one to take, of those offered. */
  readonly preferred: boolean;
  /** What speaks for it or against it: lower case, no full stop. */
  readonly why: string;
}

/** True for a repair that lets in nobody but those whom it is for. */
export function isOffered({ letsIn }: Repair): boolean {
  return letsIn.length === 0;
}
