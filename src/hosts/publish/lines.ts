import type { MapEntry } from '../../provision/render/view.ts';
import type { Line } from './line.ts';

/** A line of the map as a line of the table: all that the comment above it says, in columns. */
export function lineOf({ fingerprint, client, kind, certificates }: MapEntry): Line {
  const ends = certificates.map(({ notAfter }) => Date.parse(notAfter));
  return {
    ...{ fingerprint, name: client, kind, serials: certificates.map(({ serial }) => serial) },
    expires: ends.length === 0 ? undefined : new Date(Math.max(...ends)).toISOString().replace(/\.\d+Z$/, 'Z'),
  };
}
