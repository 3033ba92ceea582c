import { shownFingerprint } from '../../../lib/placeholder-fingerprint.ts';
import { type Table, TableFailure } from '../config.ts';

/** A table whose source exists on the host and was not given. */
export function notGivenTable(spec: string, fixed: boolean): Table {
  return { ...opaqueTable(spec, `the source of ${spec} was not given`, fixed), notGiven: true };
}

/** A table whose content cannot be known from text; its lookups are questions to the caller. */
export function opaqueTable(spec: string, reason: string, fixed: boolean): Table {
  return {
    spec,
    fixed,
    find: (key) => new TableFailure('retry', [`warning: ${spec} lookup error for "${shownFingerprint(key)}"`]),
    opaque: reason,
    warnings: [],
  };
}
