import { shownFingerprint } from '../../../lib/placeholder-fingerprint.ts';
import { type Table, TableFailure } from '../config.ts';

/**
 * What Postfix puts in the place of a table that it could not open: every lookup is a retry error. It counts as a
 * pattern table, so partial keys are not looked up in it.
 */
export function surrogate(spec: string, reason: string, where?: { file: string; line: number }): Table {
  return {
    spec,
    fixed: false,
    find: (key) =>
      new TableFailure('retry', [
        `warning: ${spec} is unavailable. ${reason}`,
        `warning: ${spec} lookup error for "${shownFingerprint(key)}"`,
      ]),
    keys: () => [],
    warnings: [
      {
        code: 'table-unavailable',
        message: `error: ${reason}`,
        ...(where === undefined ? {} : { where: { ...where, column: 1 } }),
      },
    ],
  };
}

/** A table with which the server does not even start; `fatal` is its last log line. */
export function fatalTable(spec: string, fatal: string): Table {
  return { ...surrogate(spec, fatal), warnings: [{ code: 'table-fatal', message: `fatal: ${fatal}` }], fatal };
}
