import { conversation } from '../../policy.ts';
import { readConfig } from '../../postfix/read-config.ts';
import { type Depth, verdictText } from '../../report/verdict.ts';
import { answerOf } from '../../smtpd/answer.ts';
import { compile } from '../../smtpd/compile.ts';
import { reasonsOf } from '../../smtpd/reasons.ts';
import { Simulator } from '../../smtpd/simulate.ts';
import { Trace } from '../../smtpd/trace.ts';
import type { Io, Options } from '../command.ts';
import { checkExpectation, exitOf } from './expectation.ts';
import { decideResolving } from './resolve.ts';
import { readServer } from './server.ts';
import { readSession } from './session.ts';

/** Simulates the one session that the options describe. */
export async function runOne(options: Options, io: Io): Promise<number> {
  checkExpectation(options.expect);
  const { sources, notes } = readServer(options, io.cwd);
  const given = await readSession(options, io.cwd, notes);
  const said = conversation(given.session, given.dns, given.world);
  const config = readConfig(sources);
  if (config.get('smtpd_milters') !== '') notes.push('mail filters (smtpd_milters) are taken to accept everything');
  const trace = new Trace();
  const program = compile(trace.config(config), trace.watch);
  const simulator = new Simulator(program, trace);
  const verdict = options.resolve === true ? await decideResolving(simulator, said) : simulator.decide(said);
  if (options.quiet !== true) {
    for (const note of notes) io.stderr.write(`certrelay: ${note}\n`);
    for (const { message } of [...config.assumptions, ...config.warnings]) io.stderr.write(`certrelay: ${message}\n`);
  }
  if (options.json === true) {
    const document = {
      schema: 'certrelay/simulate@1',
      postfix: config.version.text,
      notes,
      ...answerOf(verdict, config),
      ...(options.trace === true ? { trace: trace.nodes } : {}),
    };
    io.stdout.write(`${JSON.stringify(document, undefined, 2)}\n`);
  } else {
    const reasons = reasonsOf(verdict, trace, config);
    const nodes = verdict.verdict === 'unknown' ? [] : trace.nodes;
    io.stdout.write(verdictText(verdict, reasons, nodes, depthOf(options)));
  }
  return exitOf(verdict, options.expect);
}

function depthOf({ explain, trace }: Options): Depth {
  if (explain === 'full') return 'full';
  return explain === true || trace === true ? 'mattered' : 'none';
}
