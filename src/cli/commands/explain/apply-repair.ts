import { setTimeout as sleep } from 'node:timers/promises';
import type { MailLog } from '../../../diagnose/maillog/session.ts';
import { isOffered, type Repair } from '../../../diagnose/repair/repair.ts';
import { type GatherRequest, gather } from '../../../diagnose/replay/gather.ts';
import { holding } from '../../../hosts/apply/host-lock.ts';
import { makeRepair, type RepairRequest } from '../../../hosts/apply/repair.ts';
import { CertrelayError, exitCodes, usage } from '../../../lib/problem.ts';
import { appliedText, type Explanation } from '../../../report/explain/explain.ts';
import type { Io, Options } from '../../command.ts';
import { confirmed } from '../../confirm.ts';
import { locatedBy } from '../apply/request.ts';
import { print } from './print.ts';

/**
 * Makes one of the offered repairs on this host as `certrelay apply` installs a folder: under its lock, with a backup that
 * `certrelay apply --undo` returns to. The sessions are played again on what then lies there before Postfix reads it;
 * whatever goes wrong, the files are put back.
 */
export async function applyRepair(
  explanation: Explanation,
  request: GatherRequest,
  options: Options,
  io: Io,
  after?: RepairRequest['after'],
): Promise<number> {
  const repair = chosen(explanation.repairs, options.apply);
  const located = locatedBy(options, io);
  const asDocument = options.json === true || options.format !== undefined;
  if (!asDocument) print(explanation, options, io);
  const { title, commands, edits } = repair;
  await confirmed(`make this change on this host: ${commands.join('; ')}?`, options, io);
  const lock = await holding(located.config, 'certrelay explain', io.now);
  try {
    lock.mustBeHeld();
    const { backup, copies, reloaded } = await makeRepair(located, {
      ...{ edits, now: io.now(), sleep, judge: () => whyInVain(repair, request, explanation.evidence.log) },
      tell: (text) => io.stderr.write(text),
      ...(after === undefined ? {} : { after }),
    });
    const programs = typeof options.programs === 'string' ? ` --programs ${options.programs}` : '';
    const undo = [`certrelay apply --undo ${backup} --yes${programs}`];
    const applied = { title, commands, backups: copies, reloaded, undo };
    if (asDocument) print({ ...explanation, applied }, options, io);
    else io.stdout.write(`\n${appliedText(applied)}`);
    return exitCodes.done[0];
  } finally {
    lock.release();
  }
}

/** The repair of a number, or the recommended one. Throws a CertrelayError. */
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

/** The sessions that the repair is for, on what now lies there. */
async function whyInVain(
  { sessions }: Repair,
  request: GatherRequest,
  log: MailLog | undefined,
): Promise<string | undefined> {
  const again = await gather(request, log);
  const names = new Set(sessions.map(({ name }) => name));
  const refused = again.evidence.replays.find(({ name, verdict }) => names.has(name) && verdict.verdict !== 'permit');
  if (refused === undefined) return undefined;
  return `${refused.name} would still not be permitted`;
}
