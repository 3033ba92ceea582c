import { join, resolve } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { checkAgainstLedger } from '../../../hosts/apply/against-ledger.ts';
import { backupName, isBelieved, pruneBackups } from '../../../hosts/apply/backups.ts';
import { checkFolder } from '../../../hosts/apply/check-folder.ts';
import { type Installing, StepFailure } from '../../../hosts/apply/handlers/handler.ts';
import { handlers } from '../../../hosts/apply/handlers/index.ts';
import { type Holding, holding } from '../../../hosts/apply/host-lock.ts';
import { hostTexts } from '../../../hosts/apply/host-texts.ts';
import type { Located } from '../../../hosts/apply/locate.ts';
import { versionControlled } from '../../../hosts/apply/locate.ts';
import { isPending, recordsAfter } from '../../../hosts/apply/pending.ts';
import { type Performance, perform } from '../../../hosts/apply/perform.ts';
import { outcomeOf } from '../../../hosts/apply/proof.ts';
import { type HostFolder, readFolder, trustedOwners } from '../../../hosts/apply/read-folder.ts';
import type { Refusal } from '../../../hosts/apply/refusals/refusal.ts';
import { diffsOf } from '../../../hosts/apply/rehearse.ts';
import { askTables } from '../../../hosts/apply/shared-table.ts';
import { Snapshot, sweepLeftovers } from '../../../hosts/apply/snapshot.ts';
import { type Step, stepsOf } from '../../../hosts/apply/steps.ts';
import { type Survey, survey } from '../../../hosts/apply/survey.ts';
import { exitCodes, type Problem } from '../../../lib/problem.ts';
import type { ServerVerification } from '../../../provision/verify/verify.ts';
import { type ApplyReport, applyDocument, applyText, plainLines, refusedDocument } from '../../../report/apply.ts';
import { noteText, problemText } from '../../../report/problem.ts';
import { verificationText } from '../../../report/verification.ts';
import type { Io, Options } from '../../command.ts';
import { confirmed } from '../../confirm.ts';
import { locatedBy, stateNamed, surveyRequestOf } from './request.ts';

/** certrelay apply DIR: brings this host to what its folder says, or says what that would change. */
export async function runApply(
  dir: string,
  options: Options,
  io: Io,
  after?: Performance<Installing>['after'],
): Promise<number> {
  const located = locatedBy(options, io);
  const lock = options.check === true ? undefined : await holding(located.config, 'certrelay apply', io.now);
  try {
    return await applyTo(located, dir, options, io, lock, after);
  } finally {
    lock?.release();
  }
}

async function applyTo(
  located: Located,
  dir: string,
  options: Options,
  io: Io,
  lock: Holding | undefined,
  after: Performance<Installing>['after'],
): Promise<number> {
  const folder = readFolder(dir, resolve(io.cwd, dir), trustedOwners(io.env));
  checkFolder(folder, io.now());
  const comparedWithLedger = checkAgainstLedger(folder, stateNamed(options, io), io.cwd);
  const surveyed = survey(folder, located, surveyRequestOf(options));
  if (surveyed.refusal !== undefined) return tellRefusal(surveyed.refusal, options, io);
  const verification = surveyed.judge(surveyed.rehearsal.texts);
  const proof = outcomeOf(verification);
  if (proof !== 'met') return tellRefusal(notProved(proof, verification), options, io);
  const isDue = isPending(surveyed.pending);
  const check = options.check === true;
  const notices = [...located.notices, ...surveyed.notices, ...(isDue ? controlled(located) : [])];
  const report: ApplyReport = {
    ...facts(folder, located, surveyed, options),
    ...{ changed: isDue && !check, pending: isDue && check, comparedWithLedger, verification, notices },
  };
  for (const notice of notices) if (options.json !== true) io.stderr.write(noteText(notice));
  const asked = () => {
    const found = askTables(folder, located.programs, surveyed.version);
    for (const notice of found) if (options.json !== true) io.stderr.write(noteText(notice));
    return [...notices, ...found];
  };
  if (!isDue || check) {
    tell({ ...report, notices: isDue ? notices : asked() }, options, io);
    return exitCodes[isDue ? 'changes' : 'done'][0];
  }
  const shown = applyText({ ...report, changed: false, pending: true });
  if (options.yes !== true && io.stdin.isTTY && io.stderr.isTTY && options.json !== true) {
    io.stderr.write(shown.replace(' (nothing was changed):', ':'));
  }
  lock?.mustBeHeld();
  await confirmed(`change this on ${folder.manifest.host}?`, options, io);
  const backup = await install(folder, located, surveyed, io, after);
  const answered = surveyed.runs ? surveyed.listeners.map((listener) => listener.shown) : [];
  tell({ ...report, backup, answered, notices: asked() }, options, io);
  return exitCodes.done[0];
}

function controlled({ config }: Located): readonly Problem[] {
  const notice = versionControlled(config);
  return notice === undefined ? [] : [notice];
}

function tell(report: ApplyReport, options: Options, io: Io): void {
  if (options.json === true) io.stdout.write(`${JSON.stringify(applyDocument(report), undefined, 2)}\n`);
  else if (options.quiet !== true) io.stdout.write(applyText(report));
}

function facts(
  { manifest }: HostFolder,
  located: Located,
  { pending, target, rehearsal, runs }: Survey,
  options: Options,
) {
  const { installDir, host } = manifest;
  return {
    ...{ host, config: located.config, postfix: located.version, postfixRuns: runs, answered: [] },
    files: pending.files.map(({ name, mode }) => ({
      path: join(installDir, name),
      mode: mode.toString(8).padStart(4, '0'),
    })),
    tables: pending.tables.map(({ type, file }) => `${type}:${join(installDir, file)}`),
    settings: pending.settings.map(({ name, value, was }) => ({ name, value, ...(was === undefined ? {} : { was }) })),
    removals: pending.removals,
    services: pending.services.map(({ line }) => line),
    drops: pending.drops.map(({ line }) => line),
    unfinished: pending.unfinished,
    ...(options.diff === true ? { diffs: diffsOf(pending, target, rehearsal) } : {}),
  };
}

function notProved(proof: 'broken' | 'unknown', verification: readonly ServerVerification[]): Refusal {
  const message =
    proof === 'broken'
      ? "nothing changed: with this host's own settings the wrong clients could relay, or the right ones could not"
      : 'nothing changed: what this host would do cannot be decided from what lies on it';
  const wrong = verification.filter((one) => outcomeOf([one]) !== 'met');
  return {
    exit: proof === 'broken' ? 'denied' : 'unknown',
    problem: {
      code: `proof-${proof}`,
      message: `${message}; see the lines marked "${proof}"`,
      hint: 'change what they name, or make this folder again from the settings of this host: postconf -n >base; certrelay init --base-main-cf base --yes',
    },
    details: [verificationText(wrong).trimEnd()],
    verification,
  };
}

/** Performs the steps; answers the path of the backup. */
async function install(
  folder: HostFolder,
  located: Located,
  { target, pending, rehearsal, unlessSet, elements, listeners, runs, judge }: Survey,
  io: Io,
  after: ((step: Step | undefined) => void) | undefined,
): Promise<string> {
  const { installDir } = folder.manifest;
  const { programs, config } = located;
  const cutOff = target.backups.find((one) => pending.unfinished && isBelieved(one))?.path;
  const backup = cutOff ?? join(`${installDir}.backup`, backupName(io.now(), target.backups));
  const work: Installing = {
    ...{ programs, config, installDir, backup, runs, folder, target, pending, shown: rehearsal },
    ...{ stage: join(installDir, '.new'), snapshot: new Snapshot(), folders: new Map(), sleep },
    records: (original) => recordsAfter(folder.manifest, unlessSet, target, original, elements),
    judge() {
      const verification = judge(hostTexts(programs));
      const proof = outcomeOf(verification);
      if (proof === 'met') return undefined;
      const table = plainLines(verificationText(verification).trimEnd());
      return new StepFailure(`see the lines marked "${proof}"`, table, proof === 'broken' ? 'denied' : 'unknown');
    },
  };
  sweepLeftovers(config, installDir);
  const steps = stepsOf(pending, folder.manifest, { runs, listeners });
  const tellEnd = (text: string) => io.stderr.write(plainLines(text));
  await perform(steps, { handlers, work, tell: tellEnd, ...(after === undefined ? {} : { after }) });
  pruneBackups(installDir);
  return backup;
}

/** Tells a refusal, and answers the exit code. */
function tellRefusal(refusal: Refusal, options: Options, io: Io): number {
  const { exit, problem, details } = refusal;
  const { hint, ...bare } = problem;
  const shown = details.length === 0 ? '' : `${plainLines(details.join('\n'))}\n`;
  io.stderr.write(`${problemText(bare)}${shown}${hint === undefined ? '' : `hint: ${plainLines(hint)}\n`}`);
  if (options.json === true) io.stdout.write(`${JSON.stringify(refusedDocument(refusal), undefined, 2)}\n`);
  return exitCodes[exit][0];
}
