import type { Problem } from '../lib/problem.ts';
import type { ServerVerification } from '../provision/verify/verify.ts';
import { verificationDocument } from './verification.ts';

/** What a run on a host did, or would do. */
export interface ApplyReport {
  readonly host: string;
  /** Configuration directory. */
  readonly config: string;
  /** Version of the Postfix there. */
  readonly postfix: string;
  readonly changed: boolean;
  /** Something would change, and --check was given. */
  readonly pending: boolean;
  readonly files: readonly { readonly path: string; readonly mode: string }[];
  /** `type:path`. */
  readonly tables: readonly string[];
  /** `was` is missing for a parameter that was not set. */
  readonly settings: readonly { readonly name: string; readonly value: string; readonly was?: string }[];
  /** Parameters that are no longer set. */
  readonly removals: readonly string[];
  /** Entries of master.cf. */
  readonly services: readonly string[];
  /** Entries of master.cf that are taken out. */
  readonly drops: readonly string[];
  /** An interrupted run did not come to reload Postfix. */
  readonly unfinished: boolean;
  /** The backup that takes this back. */
  readonly backup?: string;
  readonly postfixRuns: boolean;
  /** Where servers were asked after the reload, and answered. */
  readonly answered: readonly string[];
  /** True when the folder was compared with inventory and ledger. */
  readonly comparedWithLedger: boolean;
  readonly verification: readonly ServerVerification[];
  readonly notices: readonly Problem[];
  readonly diffs?: readonly { readonly path: string; readonly diff: string }[];
}

/** The run as people read it: the answer first, then what changed, then how to go back. */
export function applyText(report: ApplyReport): string {
  const { host, changed, pending, backup, answered, diffs = [] } = report;
  if (!changed && !pending) return `nothing to change: ${host} has all of this already\n`;
  const lines = [
    pending ? `would change on ${host} (nothing was changed):` : `applied: ${host} is ready${statusOf(report)}`,
    ...pendingLines(report),
  ];
  if (answered.length > 0) lines.push(`  answers  ${answered.join(', ')}`);
  if (backup !== undefined) lines.push(`  backup   ${backup} ("certrelay apply DIR --undo" takes this back)`);
  return plainLines(`${lines.join('\n')}\n${diffs.map(({ diff }) => diff).join('')}`);
}

/** Text from files of the host, in lines: nothing of it may steer the terminal. */
export function plainLines(text: string): string {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: those are what it is about
  return text.replace(/[\0-\x08\x0b-\x1f\x7f-\x9f]/g, '?');
}

/** Why nothing was done, for programs. */
export function refusedDocument({
  problem,
  details,
  verification = [],
}: {
  readonly problem: Problem;
  readonly details: readonly string[];
  readonly verification?: readonly ServerVerification[];
}) {
  return {
    ...{ schema: 'certrelay/apply@1', changed: false, errors: [problem], details },
    verification: verification.map(verificationDocument),
  };
}

function statusOf({ postfixRuns }: ApplyReport): string {
  return postfixRuns ? '; Postfix reloaded' : '; Postfix does not run, and was not started';
}

/** What changes, a line each. */
function pendingLines({
  files,
  tables,
  settings,
  removals,
  services,
  drops,
  unfinished,
}: ApplyReport): readonly string[] {
  return [
    ...files.map(({ path, mode }) => `  file     ${path} (${mode})`),
    ...tables.map((table) => `  table    ${table}`),
    ...settings.map(({ name, value, was }) => {
      const before = was === undefined ? 'was not set' : `was: ${was === '' ? 'empty' : was}`;
      return `  main.cf  ${name} =${value === '' ? '' : ` ${value}`}  (${before})`;
    }),
    ...removals.map((name) => `  main.cf  ${name} no longer set`),
    ...drops.map((line) => `  master.cf  no longer ${line}`),
    ...services.map((line) => `  master.cf  ${line}`),
    ...(unfinished ? ['  Postfix  reload, which an interrupted run did not come to'] : []),
  ];
}

/** The same for programs. */
export function applyDocument({ verification, ...report }: ApplyReport) {
  return { schema: 'certrelay/apply@1', ...report, verification: verification.map(verificationDocument) };
}

/** A backup as a list shows it. */
export interface BackupLine {
  readonly name: string;
  readonly files: readonly string[];
  readonly parameters: readonly string[];
  readonly services: readonly string[];
  readonly unfinished: boolean;
}

/** The backups to which --undo returns, newest first. */
export function backupsText(folder: string, backups: readonly BackupLine[]): string {
  if (backups.length === 0) return `nothing to undo: there is no backup in ${folder}\n`;
  const lines = backups.map(({ name, files, parameters, services, unfinished }) => {
    const parts = [
      `${files.length} ${files.length === 1 ? 'file' : 'files'}`,
      `${parameters.length} ${parameters.length === 1 ? 'parameter' : 'parameters'}`,
      ...(services.length === 0 ? [] : [`master.cf: ${services.join(', ')}`]),
    ];
    return `  ${name}  ${parts.join(', ')}${unfinished ? '  (its run was cut off)' : ''}`;
  });
  return `backups in ${folder}, newest first; --undo NAME returns to what was before that run:\n${lines.join('\n')}\n`;
}

export interface UndoReport {
  readonly host: string;
  readonly config: string;
  readonly changed: boolean;
  readonly pending: boolean;
  /** The backups that are used up, newest first; the last says what the host is like now. */
  readonly undone: readonly string[];
  readonly postfixRuns: boolean;
  /** Files, parameters and entries that are what they were before. */
  readonly names: readonly string[];
}

/** What --undo did, or would do with --check, for people. */
export function undoText({ host, changed, undone, postfixRuns, names }: UndoReport): string {
  const last = undone.at(-1) ?? '';
  const reloaded = postfixRuns ? '; Postfix reloaded' : '; Postfix does not run, and was not started';
  const head = changed
    ? `undone: ${host} is as it was before ${last}${reloaded}`
    : `would restore ${undone.join(', ')}: nothing was changed`;
  return `${[head, ...names.map((name) => `  ${name}`)].join('\n')}\n`;
}
