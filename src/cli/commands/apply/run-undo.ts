import { join, resolve } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { type Backup, backupsOf, foldersWithBackups, isBelieved } from '../../../hosts/apply/backups.ts';
import { removeIfEmpty } from '../../../hosts/apply/handlers/folders.ts';
import type { Work } from '../../../hosts/apply/handlers/handler.ts';
import { undoHandlers } from '../../../hosts/apply/handlers/index.ts';
import { type Holding, holding } from '../../../hosts/apply/host-lock.ts';
import { listenersOf } from '../../../hosts/apply/listeners.ts';
import type { Located } from '../../../hosts/apply/locate.ts';
import { perform } from '../../../hosts/apply/perform.ts';
import { readFolder, trustedOwners } from '../../../hosts/apply/read-folder.ts';
import { Snapshot, sweepLeftovers } from '../../../hosts/apply/snapshot.ts';
import { undoSteps } from '../../../hosts/apply/steps.ts';
import { entriesOf, readTarget } from '../../../hosts/apply/target.ts';
import { settingOf } from '../../../hosts/programs/manifest.ts';
import { CertrelayError, exitCodes, usage } from '../../../lib/problem.ts';
import { smtpServersOf } from '../../../policy/postfix/smtp-services.ts';
import { parseVersion } from '../../../policy/postfix/version.ts';
import { backupsText, type UndoReport, undoText } from '../../../report/apply.ts';
import type { Io, Options } from '../../command.ts';
import { confirmed } from '../../confirm.ts';
import { locatedBy } from './request.ts';

/** Where the backups of a host are, and the port of the server that is to answer afterwards. */
interface Place {
  readonly host: string;
  readonly installDir: string;
  readonly relayPort: string | undefined;
}

/** certrelay apply [DIR] --backups: what --undo can return to. */
export function runBackups(dir: string | undefined, options: Options, io: Io): number {
  const located = locatedBy(options, io);
  const { installDir } = placeOf(dir, located, io);
  const backups = backupsFor(installDir, located).map((backup) => ({
    ...{ name: backup.name, files: backup.names, unfinished: backup.unfinished },
    ...{ parameters: parametersOf(backup), services: servicesOf(backup) },
  }));
  const folder = `${installDir}.backup`;
  if (options.json === true) {
    const document = { schema: 'certrelay/apply@1', config: located.config, folder, backups };
    io.stdout.write(`${JSON.stringify(document, undefined, 2)}\n`);
  } else io.stdout.write(backupsText(folder, backups));
  return exitCodes.done[0];
}

/** certrelay apply [DIR] --undo [BACKUP]: returns to what was before the newest run, or before that of a backup. */
export async function runUndo(dir: string | undefined, options: Options, io: Io): Promise<number> {
  const located = locatedBy(options, io);
  const lock = options.check === true ? undefined : await holding(located.config, 'certrelay apply', io.now);
  try {
    return await undoOn(located, dir, options, io, lock);
  } finally {
    lock?.release();
  }
}

async function undoOn(
  located: Located,
  dir: string | undefined,
  options: Options,
  io: Io,
  lock: Holding | undefined,
): Promise<number> {
  const place = placeOf(dir, located, io);
  const chosen = chosenOf(backupsFor(place.installDir, located), options.undo, place.installDir);
  const { programs } = located;
  const report: UndoReport = {
    ...{ host: place.host, config: located.config, changed: false, pending: chosen.length > 0 },
    ...{ undone: chosen.map(({ name }) => name), postfixRuns: programs.runs() },
    names: [
      ...new Set(chosen.flatMap((one) => [...one.names, ...parametersOf(one), ...servicesOf(one), ...one.tables])),
    ],
  };
  if (chosen.length === 0) {
    const nothing = backupsText(`${place.installDir}.backup`, []);
    if (options.json === true) io.stdout.write(`${JSON.stringify({ schema: 'certrelay/apply@1', ...report })}\n`);
    else io.stdout.write(nothing);
    return exitCodes.done[0];
  }
  if (options.check === true) {
    tell(report, options, io);
    return exitCodes.changes[0];
  }
  if (options.yes !== true && io.stdin.isTTY && io.stderr.isTTY && options.json !== true) {
    io.stderr.write(undoText(report).replace(': nothing was changed', ':'));
  }
  checkBelieved(chosen);
  lock?.mustBeHeld();
  await confirmed(`return ${place.host} to what was before ${chosen.at(-1)?.name}?`, options, io);
  await undo(place, chosen, located, report.postfixRuns, io);
  tell({ ...report, changed: true, pending: false }, options, io);
  return exitCodes.done[0];
}

async function undo(
  { installDir, relayPort }: Place,
  chosen: readonly Backup[],
  { programs, config, major, minor }: Located,
  runs: boolean,
  io: Io,
): Promise<void> {
  const version = parseVersion(`${major}.${minor}`);
  const servers =
    relayPort === undefined || 'code' in version
      ? { reached: [], others: [] }
      : smtpServersOf(programs.postconf('-M').stdout, version, relayPort);
  // A service that is taken back will not answer any more.
  const oldest = chosen.at(-1);
  const before = oldest === undefined ? '' : programs.over(oldest.path).postconf('-M').stdout;
  const gone = new Set(chosen.flatMap(servicesOf).filter((service) => !entriesOf(before).has(service)));
  const reached = servers.reached.filter(({ service }) => !gone.has(service));
  const listeners = listenersOf({ ...servers, reached }, programs);
  const work: Work = {
    ...{ programs, config, installDir, runs, stage: join(installDir, '.new'), backup: chosen[0]?.path ?? '' },
    ...{ snapshot: new Snapshot(), folders: new Map(), sleep },
  };
  const tellEnd = (text: string) => io.stderr.write(text);
  sweepLeftovers(config, installDir);
  await perform(undoSteps(chosen, { runs, listeners }), { handlers: undoHandlers, work, tell: tellEnd });
  for (const folder of [installDir, `${installDir}.backup`]) removeIfEmpty(folder);
}

/** @throws CertrelayError (failure) for a backup that does not hold what it was made of. */
function checkBelieved(chosen: readonly Backup[]): void {
  const broken = chosen.find((backup) => !isBelieved(backup));
  if (broken === undefined) return;
  throw new CertrelayError('failure', {
    code: 'backup-incomplete',
    message: `the backup ${broken.path} is not complete; nothing was changed`,
    hint: 'look at what is in it; when it is moved away, --undo takes back the run before',
  });
}

function tell(report: UndoReport, options: Options, io: Io): void {
  if (options.json === true) {
    io.stdout.write(`${JSON.stringify({ schema: 'certrelay/apply@1', ...report }, undefined, 2)}\n`);
  } else if (options.quiet !== true) io.stdout.write(undoText(report));
}

/** A folder says where its backups are; without one, main.cf does, where it names files beside which backups lie. */
function placeOf(dir: string | undefined, located: Located, io: Io): Place {
  if (dir !== undefined) {
    const folder = readFolder(dir, resolve(io.cwd, dir), trustedOwners(io.env));
    readTarget(folder.manifest, located);
    const { host, installDir, relayPort } = folder.manifest;
    return { host, installDir, relayPort };
  }
  const found = foldersWithBackups(located.programs);
  const [installDir] = found;
  if (installDir === undefined || found.length > 1) {
    const seen = found.length === 0 ? 'no backups were found' : `there are several: ${found.join(', ')}`;
    throw usage('undo-where', `which installation is meant? ${seen}`, 'name its folder: certrelay apply DIR --undo');
  }
  readTarget({ installDir, files: [], maps: [] }, located);
  return { host: located.names[0] ?? 'this host', installDir, relayPort: '25' };
}

/** The backups of this instance, newest first. */
function backupsFor(installDir: string, { config }: Located): readonly Backup[] {
  return backupsOf(installDir).filter((backup) => backup.config === undefined || backup.config === config);
}

/** The backups that have to be undone, newest first, to return to the one that is named. */
function chosenOf(backups: readonly Backup[], undo: Options[string], installDir: string): readonly Backup[] {
  if (typeof undo !== 'string') return backups.slice(0, 1);
  const place = backups.findIndex(({ name }) => name === undo);
  if (place >= 0) return backups.slice(0, place + 1);
  const names = backups.map(({ name }) => name).join(', ');
  throw usage(
    'backup-unknown',
    `there is no backup "${undo}" in ${installDir}.backup`,
    names === '' ? 'there is none at all' : `there are ${names}`,
  );
}

function parametersOf({ settings }: Backup): readonly string[] {
  return [...new Set(settings.map((line) => (line.includes(' =') ? settingOf(line).name : line)))];
}

function servicesOf({ services }: Backup): readonly string[] {
  return [...new Set(services.map((line) => line.slice(0, line.indexOf(' '))))];
}
