import type { Problem, Span } from '../../lib/problem.ts';
import type { PostfixConfig } from '../../policy/postfix/config.ts';
import { readConfig } from '../../policy/postfix/read-config.ts';
import { readServerSide } from './configuration.ts';
import type { ServerEvidence, ServiceEvidence } from './evidence.ts';
import { type GivenFiles, givenFiles } from './given-files.ts';
import type { ServerRequest } from './given-server.ts';
import { readRelease } from './read-release.ts';

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

/** The server that its files describe. Throws a CertrelayError. */
export function givenServer(request: ServerRequest & { readonly mainCf: string }, cwd: string): AuditedServer {
  const { release, mainCf, masterCf, service, tables = [] } = request;
  const given = givenFiles(request, cwd);
  const problems: Problem[] = [];
  const evidence = readGiven(given, release, service, cwd, problems);
  const flags = [
    ['--postfix', evidence.release.version.text],
    ['--main-cf', mainCf],
    ...(masterCf !== undefined ? [['--master-cf', masterCf]] : []),
    ...(service !== undefined ? [['--service', service]] : []),
    ...tables.map((pair) => ['--table', pair]),
  ];
  return {
    name: mainCf,
    evidence,
    config: withOpenTables(evidence.services[0]),
    problems,
    flags: flags.flat(),
    placeOf: (span) => span,
  };
}

/** A server as evidence, from texts that are already read. */
export function readGiven(
  given: GivenFiles,
  version: string | undefined,
  service: string | undefined,
  cwd: string,
  problems: Problem[],
): ServerEvidence {
  const { server } = given;
  if (server === undefined) throw new Error('a server without main.cf');
  const release = readRelease({
    ...(version === undefined ? {} : { given: version }),
    ...{ file: server.name, text: server.text },
  });
  const context = { given, cwd, live: false, problems, ...(service === undefined ? {} : { service }) };
  return readServerSide(server, release, context);
}

/** Tables that were not given are neither empty nor absent on the host: their content is open. */
export function withOpenTables({ sources }: Pick<ServiceEvidence, 'sources'>): PostfixConfig {
  return readConfig({ ...sources, absentTables: 'open' });
}
