import type { Problem, Span } from '../../lib/problem.ts';
import type { PostfixConfig } from '../../policy/postfix/config.ts';
import type { ServerEvidence } from './evidence.ts';

/** The server that an audit is about, wherever it came from. */
export interface AuditedServer {
  /** For the report: the file, or the server of the set-up and what its fragment was laid over. */
  readonly name: string;
  readonly evidence: ServerEvidence;
  /** The service that is audited; tables whose source was not given are open questions. */
  readonly config: PostfixConfig;
  readonly problems: readonly Problem[];
  /** The options with which `simulate` looks at the same server; undefined: no options can say it. */
  readonly flags: readonly string[] | undefined;
  /** A place in the text that was judged, as the file and line that people know. */
  placeOf(span: Span): Span;
}
