import type { Evidence, Replay, ServerEvidence } from '../../../diagnose/evidence/evidence.ts';
import { diagnose, withSeverity } from '../../../diagnose/findings/diagnose.ts';
import type { Finding, Severity } from '../../../diagnose/findings/finding.ts';
import { repairs } from '../../../diagnose/repair/repairs.ts';
import { unproved } from '../../../diagnose/repair/unproved.ts';
import { gather } from '../../../diagnose/replay/gather.ts';
import { acrossReleases } from '../../../diagnose/replay/releases.ts';
import { repairCandidates } from '../../../diagnose/trial/targets.ts';
import type { RepairRequest } from '../../../hosts/apply/repair.ts';
import { exitCodes, type Problem, usage } from '../../../lib/problem.ts';
import type { Explanation } from '../../../report/explain/explain.ts';
import type { Io, Options } from '../../command.ts';
import { checkExpectation, exitOf } from '../simulate/expectation.ts';
import { print } from './print.ts';
import { gatherRequest, reclaimPositionals } from './request.ts';

/** Explains what was given, and leaves with 5 when there is a finding, else as `simulate` would. */
export async function runExplain(
  given: readonly string[],
  all: Options,
  io: Io,
  after?: RepairRequest['after'],
): Promise<number> {
  const { args, options } = reclaimPositionals(given, all, io.cwd);
  checkExpectation(options.expect);
  if (options.apply !== undefined && options.live !== true) throw applyWithoutLive();
  const request = gatherRequest(args, options, io);
  const gathered = await gather(request);
  const { evidence, problems, leftOut, filesAreAll } = gathered;
  const found = diagnose(evidence);
  const severity = (typeof options.severity === 'string' ? options.severity : 'note') as Severity;
  const findings = withSeverity(found, severity);
  const meant = { ...evidence, replays: repairCandidates(evidence.replays) };
  const proved = repairs(meant, found);
  const without = unproved(meant, found, proved);
  const explanation: Explanation = {
    evidence,
    findings,
    repairs: proved,
    ...(without === undefined ? {} : { unproved: without }),
    ranges: rangesOf(evidence.server, evidence.replays[0], filesAreAll),
    problems,
    leftOut,
  };
  if (options.apply !== undefined) {
    const { applyRepair } = await import('./apply-repair.ts');
    return applyRepair(explanation, request, options, io, after);
  }
  print(explanation, options, io);
  return exitCode(findings, evidence, problems, options.expect);
}

/** Where the release is a guess, what the others would reply. */
function rangesOf(server: ServerEvidence | undefined, replay: Replay | undefined, filesAreAll: boolean) {
  return server?.release.how === 'guessed' && replay !== undefined ? acrossReleases(replay, filesAreAll) : [];
}

function applyWithoutLive() {
  const hint = 'on the server itself, add --live; elsewhere, run the commands that the report shows there';
  return usage('apply-without-live', '--apply changes the Postfix of this host and needs --live', hint);
}

function exitCode(
  findings: readonly Finding[],
  { replays, server, log }: Evidence,
  problems: readonly Problem[],
  expect: Options[string],
): number {
  const [first] = replays;
  if (typeof expect === 'string' && first !== undefined) return exitOf(first.verdict, expect);
  if (findings.length > 0) return exitCodes.findings[0];
  if (first !== undefined) return exitOf(first.verdict, undefined);
  // Mail was refused, and nobody said by what configuration.
  const refused = log?.deliveries.some(({ status }) => status === 'deferred' || status === 'bounced') === true;
  const unexplained = server === undefined && (refused || log?.servers.some(hasRefusal) === true);
  return unexplained || problems.length > 0 ? exitCodes.unknown[0] : exitCodes.done[0];
}

function hasRefusal({ replies }: { readonly replies: readonly { readonly code: number }[] }): boolean {
  return replies.some(({ code }) => code >= 400);
}
