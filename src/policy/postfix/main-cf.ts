import type { Problem, Span } from '../../lib/problem.ts';
import { isSpaceCode, printable, trimEnd } from '../../lib/text.ts';
import { logicalLines, orphanWarning } from './logical-lines.ts';
import { atLeast, type Version } from './version.ts';

/** One `name = value` of main.cf, as written, and where. */
export interface Definition {
  readonly value: string;
  readonly where: Span;
}

/** What a main.cf says: for each name the definition in force, which is the last one. */
export interface MainCf {
  readonly definitions: ReadonlyMap<string, Definition>;
  readonly warnings: readonly Problem[];
  /** The line with which every program dies on this file; nothing after it was read. */
  readonly fatal?: Problem;
}

/** The two halves of `name = value`, or what is wrong with it, in Postfix's words. */
export function splitNameValue(text: string): { readonly name: string; readonly value: string } | string {
  let at = 0;
  while (at < text.length && text.charCodeAt(at) !== 61 && !isSpaceCode(text.charCodeAt(at))) at++;
  if (at === 0) return 'missing attribute name';
  const name = text.slice(0, at);
  while (at < text.length && isSpaceCode(text.charCodeAt(at))) at++;
  if (text.charCodeAt(at) !== 61) return "missing '=' after attribute name";
  at++;
  while (at < text.length && isSpaceCode(text.charCodeAt(at))) at++;
  return { name, value: trimEnd(text.slice(at)) };
}

/**
 * Reads the text of a main.cf or of `postconf -n` (postconf(5), "main.cf configuration file format").
 * Warnings `postconf` printed among its own output are passed over, since they are pasted along so often.
 */
export function readMainCf(text: string, file: string, version: Version): MainCf {
  const definitions = new Map<string, Definition>();
  const warnings: Problem[] = [];
  const state: { fatal?: Problem } = {};
  const tellsDuplicates = atLeast(version, '2.11');
  logicalLines(
    text,
    (logical, line) => {
      if (state.fatal !== undefined || /^(?:\/\S*\/)?postconf: warning: /.test(logical)) return;
      const where = { file, line, column: 1 };
      const pair = splitNameValue(logical);
      if (typeof pair === 'string') {
        state.fatal = {
          code: 'main-cf-syntax',
          message: `${file}, line ${line}: ${pair}: "${printable(logical)}"`,
          where,
        };
        return;
      }
      const before = definitions.get(pair.name);
      if (before !== undefined && before.value !== pair.value && tellsDuplicates) {
        const message = `${file}, line ${line}: overriding earlier entry: ${pair.name}=${before.value}`;
        warnings.push({ code: 'main-cf-duplicate', message: printable(message), where });
      }
      definitions.set(pair.name, { value: pair.value, where });
    },
    (logical, line) => {
      const message = orphanWarning(file, logical);
      warnings.push({ code: 'main-cf-orphan-line', message, where: { file, line, column: 1 } });
    },
  );
  return { definitions, warnings, ...(state.fatal === undefined ? {} : { fatal: state.fatal }) };
}

/** The same from name and value pairs, in their order; line n is the n-th pair. */
export function mainCfFromPairs(pairs: Readonly<Record<string, string>>, file: string): MainCf {
  const definitions = new Map<string, Definition>();
  for (const [index, [name, value]] of Object.entries(pairs).entries()) {
    // A value given as a pair may hold line breaks of a continuation; Postfix joins lines and drops only the break.
    const joined = value.replace(/\r?\n/g, '');
    const nul = joined.indexOf('\0');
    const seen = nul < 0 ? joined : joined.slice(0, nul);
    definitions.set(name, {
      value: trimEnd(seen).replace(/^[ \t\n\v\f\r]+/, ''),
      where: { file, line: index + 1, column: 1 },
    });
  }
  return { definitions, warnings: [] };
}
