import { lstatSync, statSync } from 'node:fs';
import { join } from 'node:path';
import type { Edit } from '../../../diagnose/configuration/edit.ts';
import type { MailLog } from '../../../diagnose/maillog/session.ts';
import { isOffered, type Repair } from '../../../diagnose/repair/repair.ts';
import { type GatherRequest, gather } from '../../../diagnose/replay/gather.ts';
import { copyWhole, Snapshot, writeWhole } from '../../../hosts/apply/snapshot.ts';
import type { PostfixPrograms } from '../../../hosts/programs/postfix-programs.ts';
import type { Ended } from '../../../hosts/programs/programs.ts';
import { CertrelayError, exitCodes, type Problem, usage } from '../../../lib/problem.ts';
import { type Applied, appliedText, type Explanation } from '../../../report/explain/explain.ts';
import type { Io, Options } from '../../command.ts';
import { confirmed } from '../../confirm.ts';
import { print } from './print.ts';
import { installedPostfix } from './request.ts';

/**
 * Makes one of the offered repairs on this host: keeps a copy of each file, changes them with postconf(1) and postmap(1),
 * has Postfix check them, plays the sessions again on what now lies there, and only then has Postfix read it. Whatever
 * goes wrong before, the files are put back.
 */
export async function applyRepair(
  explanation: Explanation,
  request: GatherRequest,
  options: Options,
  io: Io,
): Promise<number> {
  const repair = chosen(explanation.repairs, options.apply);
  const programs = installedPostfix(options, io);
  const asDocument = options.json === true || options.format !== undefined;
  if (!asDocument) print(explanation, options, io);
  await confirmed(`make this change on this host: ${repair.commands.join('; ')}?`, options, io);
  const applied = await made(repair, programs, io.now(), () => judge(repair, request, explanation.evidence.log));
  if (asDocument) print({ ...explanation, applied }, options, io);
  else io.stdout.write(`\n${appliedText(applied)}`);
  return exitCodes.done[0];
}

/** The repair of a number, or the better one. Throws a CertrelayError. */
function chosen(repairs: readonly Repair[], wanted: Options[string]): Repair {
  const offered = repairs.filter(isOffered);
  const [first] = offered;
  if (first === undefined) {
    const hint = repairs.length === 0 ? 'nothing that failed has one' : 'what would help lets in others as well';
    throw new CertrelayError('denied', { code: 'apply-nothing', message: 'no repair is offered', hint });
  }
  if (typeof wanted !== 'string') return offered.find(({ preferred }) => preferred) ?? first;
  const found = /^[1-9]\d*$/.test(wanted) ? offered[Number(wanted) - 1] : undefined;
  if (found === undefined)
    throw usage(
      'apply-number',
      `--apply "${wanted}" is no repair: there are ${offered.length}`,
      'the report numbers them; without --apply it only shows them',
    );
  return found;
}

const compiledEndings = ['.db', '.lmdb', '.cdb', '.pag', '.dir'];

async function made(
  { title, commands, edits }: Repair,
  programs: PostfixPrograms,
  now: Date,
  judged: () => Promise<Problem | undefined>,
): Promise<Applied> {
  const files = filesOf(edits, programs.config);
  const stamp = now.toISOString().replace(/[-:]|\.\d+/g, '');
  const backups = files.map((file) => ({ file, backup: `${file}.certrelay-${stamp}` }));
  const snapshot = new Snapshot();
  for (const file of files) snapshot.take(file);
  for (const edit of edits) {
    if (edit.kind === 'table') for (const ending of compiledEndings) snapshot.take(`${edit.path}${ending}`);
  }
  try {
    for (const { file, backup } of backups) copyWhole(file, backup);
    for (const edit of edits) make(edit, programs);
    succeeded(programs.postfix('check'), 'postfix check');
    const wrong = await judged();
    if (wrong !== undefined) throw new CertrelayError('failure', wrong);
    const reloaded = programs.runs();
    if (reloaded) succeeded(programs.postfix('reload'), 'postfix reload');
    return { title, commands, backups, reloaded, undo: undoOf(backups, edits, reloaded) };
  } catch (error) {
    const left = snapshot.restore();
    throw failure(error, left);
  }
}

function filesOf(edits: readonly Edit[], config: string): readonly string[] {
  const files = edits.map((edit) =>
    edit.kind === 'table' ? edit.path : join(config, edit.service === undefined ? 'main.cf' : 'master.cf'),
  );
  return [...new Set(files)];
}

function make(edit: Edit, programs: PostfixPrograms): void {
  if (edit.kind === 'table') {
    const { mode, uid, gid } = statSync(edit.path);
    writeWhole(edit.path, edit.text, { mode: mode & 0o7777, uid, gid });
    const type = edit.spec.slice(0, edit.spec.indexOf(':'));
    const isCompiled = compiledEndings.some((ending) => lstatSync(`${edit.path}${ending}`, { throwIfNoEntry: false }));
    if (isCompiled) succeeded(programs.postmap([`${type}:${edit.path}`]), `postmap ${type}:${edit.path}`);
    return;
  }
  const { name, value, service } = edit;
  if (service === undefined) succeeded(programs.postconf('-e', `${name} = ${value}`), `postconf -e ${name}`);
  else succeeded(programs.postconf('-P', `${service}/${name}=${value}`), `postconf -P ${service}/${name}`);
}

function succeeded({ status, stderr }: Ended, what: string): void {
  if (status === 0) return;
  const reason = stderr.trim().split('\n').at(-1) ?? '';
  throw new CertrelayError('failure', {
    code: 'apply-failed',
    message: `${what}: ${reason || `exit status ${status}`}`,
  });
}

/** The sessions that the repair is for, on what now lies there. */
async function judge(
  { sessions }: Repair,
  request: GatherRequest,
  log: MailLog | undefined,
): Promise<Problem | undefined> {
  const again = await gather(request, log);
  const names = new Set(sessions.map(({ name }) => name));
  const refused = again.evidence.replays.find(({ name, verdict }) => names.has(name) && verdict.verdict !== 'permit');
  if (refused === undefined) return undefined;
  return { code: 'apply-in-vain', message: `${refused.name} would still not be permitted` };
}

function undoOf(backups: Applied['backups'], edits: readonly Edit[], reloaded: boolean): readonly string[] {
  return [
    ...backups.map(({ file, backup }) => `cp -p ${backup} ${file}`),
    ...edits.flatMap((edit) => (edit.kind === 'table' ? [`postmap ${edit.spec}`] : [])),
    ...(reloaded ? ['postfix reload'] : []),
  ];
}

function failure(error: unknown, left: readonly string[]): CertrelayError {
  const problems =
    error instanceof CertrelayError
      ? error.problems
      : [{ code: 'apply-failed', message: error instanceof Error ? error.message : String(error) }];
  const state =
    left.length === 0
      ? 'nothing was changed: all files are as they were'
      : `these could not be put back: ${left.join(', ')}`;
  return new CertrelayError('failure', ...problems, { code: 'apply-undone', message: state });
}
