import type { Options } from '../../cli/command.ts';
import type { Problem } from '../../lib/problem.ts';
import type { PostfixConfig } from '../../policy/postfix/config.ts';
import { readConfig } from '../../policy/postfix/read-config.ts';
import type { AuditedServer } from './audited-server.ts';
import { readServerSide } from './configuration.ts';
import type { ServerEvidence, ServiceEvidence } from './evidence.ts';
import { type GivenFiles, givenFiles } from './given-files.ts';
import { readRelease } from './read-release.ts';

/** The server that the options describe by its files. Throws a CertrelayError. */
export function givenServer(options: Options, cwd: string): AuditedServer {
  const given = givenFiles([], options, cwd);
  const { postfix, mainCf, masterCf, service } = options;
  const problems: Problem[] = [];
  const evidence = readGiven(given, postfix, typeof service === 'string' ? service : undefined, cwd, problems);
  const flags = [
    ['--postfix', evidence.release.version.text],
    ['--main-cf', String(mainCf)],
    ...(typeof masterCf === 'string' ? [['--master-cf', masterCf]] : []),
    ...(typeof service === 'string' ? [['--service', service]] : []),
    ...(Array.isArray(options.table) ? options.table.map((pair) => ['--table', pair]) : []),
  ];
  return {
    name: String(mainCf),
    evidence,
    config: withOpenTables(evidence.services[0]),
    problems,
    flags: flags.flat() as readonly string[],
    placeOf: (span) => span,
  };
}

/** One side as evidence, for whoever has its texts already. */
export function readGiven(
  given: GivenFiles,
  postfix: Options[string],
  service: string | undefined,
  cwd: string,
  problems: Problem[],
): ServerEvidence {
  const { server } = given;
  if (server === undefined) throw new Error('a server without main.cf');
  const release = readRelease({
    ...(typeof postfix === 'string' ? { given: postfix } : {}),
    ...{ file: server.name, text: server.text },
  });
  const circumstances = { given, cwd, live: false, problems, ...(service === undefined ? {} : { service }) };
  return readServerSide(server, release, circumstances);
}

/** Tables that nobody gave are not empty, and not absent on the host either: what they say is open. */
export function withOpenTables({ sources }: Pick<ServiceEvidence, 'sources'>): PostfixConfig {
  return readConfig({ ...sources, absentTables: 'open' });
}
