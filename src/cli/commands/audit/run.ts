import { type AuditedServer, givenServer } from '../../../diagnose/evidence/audited-server.ts';
import type { Evidence, Release } from '../../../diagnose/evidence/evidence.ts';
import { tablesNotGiven } from '../../../diagnose/evidence/tables-not-given.ts';
import { whereSet } from '../../../diagnose/evidence/where.ts';
import { diagnose, withSeverity } from '../../../diagnose/findings/diagnose.ts';
import type { Finding, Severity } from '../../../diagnose/findings/finding.ts';
import { exitCodes } from '../../../lib/problem.ts';
import { audit } from '../../../policy/explore/audit.ts';
import type { Way } from '../../../policy/explore/grouped-paths.ts';
import type { Path } from '../../../policy/explore/result.ts';
import { type Demanded, judgeDemands } from '../../../policy/identities/demand.ts';
import type { Place } from '../../../policy/smtpd/questions/place.ts';
import type { AuditReport, ReportedWay } from '../../../report/audit/audit.ts';
import type { LocatedElement, Shown } from '../../../report/audit/path-words.ts';
import { simulateLine } from '../../../report/simulate-line.ts';
import type { Io, Options } from '../../command.ts';
import { serverRequest } from '../simulate/request.ts';
import { readDemands } from './demands-file.ts';
import { findingsOf } from './findings.ts';
import { print } from './print.ts';
import { readQuestion } from './question.ts';
import { renderedServer } from './rendered-server.ts';

/** Audits one server; leaves with 3 when an expectation is not met, 4 when one cannot be judged, 5 with a finding. */
export function runAudit(options: Options, io: Io): number {
  const question = readQuestion(options, 'relay');
  const server =
    typeof options.mainCf === 'string'
      ? givenServer({ ...serverRequest(options), mainCf: options.mainCf }, io.cwd)
      : renderedServer(options, io);
  const { config, evidence, problems } = server;
  const demands =
    typeof options.expect === 'string' ? readDemands(options.expect, io.cwd, config, question.query.limit) : undefined;
  const found = audit(config, question.query);
  const located = (place: Place) => locate(place, server);
  const elements = { unreached: found.unreached.map(located), idle: found.idle.map(located) };
  const all: Evidence = { server: evidence, replays: [], certificates: [], now: io.now() };
  const diagnosed = diagnose(all).map((finding) => placed(finding, server));
  const findings = findingsOf(found, question.name, elements.unreached, diagnosed);
  const severity = (typeof options.severity === 'string' ? options.severity : 'note') as Severity;
  const report: AuditReport = {
    ...{ server: server.name, service: evidence.services[0].name, postfix: config.version.text },
    release: releaseWords(evidence.release),
    question: question.name,
    audit: found,
    ways: inOrder(found.ways).map((way) => reported(way, server)),
    ...elements,
    demands: demands === undefined ? undefined : judgeDemands(config, demands).map((each) => withCommand(each, server)),
    findings: withSeverity(findings, severity),
    problems: [...problems, ...tablesNotGiven(config)],
    assumed: config.assumptions.map(({ message }) => message),
  };
  print(report, options, io);
  return exitCode(report);
}

/** What is open to anybody first. */
function inOrder(ways: readonly Way[]): readonly Way[] {
  const rank = ({ open, openIf }: Way) => (open !== undefined ? 0 : openIf !== undefined ? 1 : 2);
  return [...ways].sort((a, b) => rank(a) - rank(b));
}

function exitCode({ demands = [], findings }: AuditReport): number {
  if (demands.some(({ outcome }) => outcome === 'broken')) return exitCodes.denied[0];
  if (demands.some(({ outcome }) => outcome === 'unknown')) return exitCodes.unknown[0];
  return findings.length > 0 ? exitCodes.findings[0] : exitCodes.done[0];
}

function reported(way: Way, server: AuditedServer): ReportedWay {
  const shown = show(way.open ?? way.openIf ?? way.example, server);
  const beside = shown.outcome.permits.filter((place) => place !== way.by);
  return {
    ...{ way, shown, beside: beside.map((place) => locate(place, server)) },
    ...(way.by === undefined ? {} : { by: locate(way.by, server) }),
  };
}

function show(path: Path, { flags }: AuditedServer): Shown {
  const [outcome] = path.outcomes;
  if (outcome === undefined) throw new Error('a path without an outcome');
  const { witness } = path;
  const told = flags !== undefined && witness.supposed.length === 0;
  return { path, outcome, witness, ...(told ? { command: simulateLine(flags, witness, outcome) } : {}) };
}

function withCommand(demanded: Demanded, server: AuditedServer): Demanded {
  const { counterexample } = demanded;
  return counterexample === undefined ? demanded : { ...demanded, counterexample: show(counterexample.path, server) };
}

/** Where an element stands, in the words of whoever wrote it. */
function locate(place: Place, { evidence, config, placeOf }: AuditedServer): LocatedElement {
  const where = whereSet(evidence, config, place.list, place.restriction);
  return where === undefined ? { place } : { place, where: placeOf(where) };
}

function placed(finding: Finding, { placeOf }: AuditedServer): Finding {
  return finding.where === undefined ? finding : { ...finding, where: placeOf(finding.where) };
}

function releaseWords({ how, words }: Release): string {
  if (how === 'given') return '';
  return how === 'guessed' ? ' (a guess; --postfix says otherwise)' : ` (as "${words}" says)`;
}
