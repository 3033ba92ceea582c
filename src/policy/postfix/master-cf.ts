import type { Problem, Span } from '../../lib/problem.ts';
import { isSpaceCode, printable } from '../../lib/text.ts';
import { logicalLines, orphanWarning } from './logical-lines.ts';
import { splitNameValue } from './main-cf.ts';
import { closedGroup } from './tables/braced-list.ts';
import { argumentTokens } from './tokens.ts';
import { atLeast, type Version } from './version.ts';

/** One `-o name=value` of a service, in order; a later one of the same name wins. */
export interface Override {
  readonly name: string;
  readonly value: string;
  readonly where: Span;
}

/** One line of master.cf (master(5)). */
export interface Service {
  readonly name: string;
  readonly type: string;
  /** private, unprivileged, chroot, wakeup, process limit: as written. */
  readonly columns: readonly string[];
  /** Program name as written. */
  readonly command: string;
  readonly args: readonly string[];
  readonly overrides: readonly Override[];
  /** The line with which the program dies on its arguments. */
  readonly fatal?: string;
  readonly where: Span;
}

export interface MasterCf {
  readonly services: readonly Service[];
  readonly warnings: readonly Problem[];
  /** The line with which the master daemon dies on this file; nothing after it was read. */
  readonly fatal?: Problem;
}

const columnNames = ['service', 'type', 'private', 'unprivileged', 'chroot', 'wakeup_time', 'process_limit', 'command'];

/** Reads the text of a master.cf. */
export function readMasterCf(text: string, file: string, version: Version): MasterCf {
  const services: Service[] = [];
  const warnings: Problem[] = [];
  const state: { fatal?: Problem } = {};
  logicalLines(
    text,
    (logical, line) => {
      if (state.fatal !== undefined) return;
      const where = { file, line, column: 1 };
      const service = readService(logical, where, version);
      if ('services' in service) services.push(service.services);
      else
        state.fatal = {
          code: 'master-cf-syntax',
          message: printable(`${file}: line ${line}: ${service.problem}`),
          where,
        };
    },
    (logical, line) => {
      const message = orphanWarning(file, logical);
      warnings.push({ code: 'master-cf-orphan-line', message, where: { file, line, column: 1 } });
    },
  );
  return { services, warnings, ...(state.fatal === undefined ? {} : { fatal: state.fatal }) };
}

function readService(
  logical: string,
  where: Span,
  version: Version,
): { readonly services: Service } | { readonly problem: string } {
  const columns: string[] = [];
  let at = 0;
  while (columns.length < columnNames.length) {
    while (at < logical.length && isSpaceCode(logical.charCodeAt(at))) at++;
    const start = at;
    while (at < logical.length && !isSpaceCode(logical.charCodeAt(at))) at++;
    if (at === start) return { problem: `missing "${columnNames[columns.length]}" field` };
    columns.push(logical.slice(start, at));
  }
  const args: string[] = [];
  const grouping = atLeast(version, '3.0');
  for (const word of argumentTokens(logical.slice(at), version)) {
    const group = grouping && word.startsWith('{') ? closedGroup(word) : word;
    if (typeof group !== 'string') return { problem: group.problem };
    args.push(group);
  }
  const [name = '', type = '', ...rest] = columns;
  const command = rest.pop() ?? '';
  return { services: { name, type, columns: rest, command, args, ...readOptions(args, where), where } };
}

/** The `-o` options among the arguments, in both spellings, up to the first thing that stops the program. */
function readOptions(args: readonly string[], where: Span): { overrides: Override[]; fatal?: string } {
  const overrides: Override[] = [];
  for (let i = 0; i < args.length; i++) {
    const arg = args[i] ?? '';
    if (!arg.startsWith('-') || arg === '-') return { overrides, fatal: `unexpected command-line argument: ${arg}` };
    if (!arg.startsWith('-o')) continue;
    let option = arg.slice(2);
    if (option === '') {
      i++;
      const next = args[i];
      if (next === undefined) return { overrides, fatal: "option requires an argument -- 'o'" };
      option = next;
    }
    const pair = splitNameValue(option);
    if (typeof pair === 'string') return { overrides, fatal: `invalid "-o ${option}" option value: ${pair}` };
    overrides.push({ ...pair, where });
  }
  return { overrides };
}
