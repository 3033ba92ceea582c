import { readServer } from '../../../diagnose/evidence/given-server.ts';
import { decideResolving } from '../../../diagnose/evidence/resolve.ts';
import { inFile, readSession } from '../../../diagnose/evidence/session.ts';
import type { Problem } from '../../../lib/problem.ts';
import { conversation } from '../../../policy/policy.ts';
import type { PostfixConfig } from '../../../policy/postfix/config.ts';
import { readConfig } from '../../../policy/postfix/read-config.ts';
import { answerOf } from '../../../policy/smtpd/dialogue/answer.ts';
import { reasonsOf } from '../../../policy/smtpd/dialogue/reasons.ts';
import { Simulator } from '../../../policy/smtpd/dialogue/simulate.ts';
import { Trace } from '../../../policy/smtpd/dialogue/trace.ts';
import { compile } from '../../../policy/smtpd/start/compile.ts';
import { problemText } from '../../../report/problem.ts';
import { type Depth, verdictText } from '../../../report/verdict.ts';
import type { Io, Options } from '../../command.ts';
import { checkExpectation, exitOf } from './expectation.ts';
import { serverRequest, sessionRequest } from './request.ts';

/** Simulates the one session that the options describe. */
export async function runOne(options: Options, io: Io): Promise<number> {
  checkExpectation(options.expect);
  const { sources, notes } = readServer(serverRequest(options), io.cwd);
  const session = sessionRequest(options);
  const given = await readSession(session, io.cwd, notes);
  const said = inFile(session.file, () => conversation(given.session, given.dns, given.world));
  const config = readConfig(sources);
  if (config.get('smtpd_milters') !== '') notes.push('mail filters (smtpd_milters) are taken to accept everything');
  const trace = new Trace();
  const program = compile(trace.config(config), trace.watch);
  const simulator = new Simulator(program, trace);
  const verdict = options.resolve === true ? await decideResolving(simulator, said) : simulator.decide(said);
  if (options.quiet !== true) {
    for (const note of notes) io.stderr.write(`certrelay: ${note}\n`);
    for (const { message } of [...config.assumptions, ...config.warnings, ...ofTables(config)])
      io.stderr.write(problemText({ code: 'note', message }));
  }
  const where = verdict.verdict === 'fatal' ? config.fatalWhere : undefined;
  if (options.json === true) {
    const document = {
      schema: 'certrelay/simulate@1',
      postfix: config.version.text,
      notes,
      ...answerOf(verdict, config),
      ...(where === undefined ? {} : { where }),
      ...(options.trace === true ? { trace: trace.nodes } : {}),
    };
    io.stdout.write(`${JSON.stringify(document, undefined, 2)}\n`);
  } else {
    const reasons = reasonsOf(verdict, trace, config);
    const nodes = verdict.verdict === 'unknown' ? [] : trace.nodes;
    io.stdout.write(verdictText(verdict, reasons, nodes, depthOf(options)));
    if (where !== undefined) io.stdout.write(`set at ${where.file}:${where.line}:${where.column}\n`);
  }
  return exitOf(verdict, options.expect);
}

/** What the server would log of the tables it opened, and why the content of one cannot be known. */
function ofTables(config: PostfixConfig): readonly Pick<Problem, 'message'>[] {
  return (config.openTables?.() ?? []).flatMap(({ spec, warnings, opaque }) => [
    ...warnings,
    ...(opaque === undefined ? [] : [{ message: `${spec} cannot be asked: ${opaque}` }]),
  ]);
}

function depthOf({ explain, trace }: Options): Depth {
  if (explain === 'full') return 'full';
  return explain === true || trace === true ? 'mattered' : 'none';
}
