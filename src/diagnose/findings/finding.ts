import type { Span } from '../../lib/problem.ts';
import type { Edit } from '../configuration/edit.ts';
import type { Evidence } from '../evidence/evidence.ts';

/** error: mail is refused, or let in that should not be; warning: it will be; note: worth knowing. */
export type Severity = 'error' | 'warning' | 'note';

export const severities: readonly Severity[] = ['error', 'warning', 'note'];

/** What one finding looks for: a row of the registry, in `findings/index.ts`. */
export interface FindingRow {
  /** Stable, kebab-case; the section of the same name in docs/findings.md explains it. */
  readonly id: string;
  /** Where an occurrence does not say otherwise. */
  readonly severity: Severity;
  readonly title: string;
  /** Why it matters, in a sentence or two. */
  readonly doc: string;
  /** Every place that has it. Must not throw, whatever the evidence lacks. */
  test(evidence: Evidence): readonly Occurrence[];
}

/** One place that has a finding. */
export interface Occurrence {
  /** What is wrong here: lower case, no full stop, the user's text quoted. */
  readonly message: string;
  /** Why that does what it does; lower case, no full stop. */
  readonly why: string;
  /** What to do; lower case, no full stop. */
  readonly repair: string;
  readonly where?: Span;
  readonly parameter?: string;
  /** The service it is about, where it is not the one that the sessions are about. */
  readonly service?: string;
  readonly severity?: Severity;
  /** A session that failed, failed because of this. */
  readonly decisive?: boolean;
  /** Edits that would take it away, each on its own; the search for a repair tries them. */
  readonly edits?: readonly (readonly Edit[])[];
}

/** A row together with one of its occurrences. */
export interface Finding extends Occurrence {
  readonly id: string;
  readonly severity: Severity;
  readonly title: string;
  readonly doc: string;
}
