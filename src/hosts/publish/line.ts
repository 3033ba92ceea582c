import type { MapEntry } from '../../provision/render/view.ts';
/** One line of the table. */
export interface Line {
  readonly fingerprint: string;
  readonly name: string;
  readonly kind: 'certificate' | 'public key';
  /** Serial numbers of the certificates with this fingerprint; none for a line of an earlier map. */
  readonly serials: readonly string[];
  /** ISO 8601 in whole seconds: when the last of them ends. */
  readonly expires: string | undefined;
}

/** How the table has to change. */
export interface Difference {
  readonly added: readonly Line[];
  readonly removed: readonly Line[];
  /** As they will be. */
  readonly changed: readonly Line[];
  /** Lines once it is done. */
  readonly lines: number;
}

/** What turns the lines that are there into those that are wanted, by fingerprint. */
export function differenceOf(present: readonly Line[], wanted: readonly Line[]): Difference {
  const there = new Map(present.map((line) => [line.fingerprint, line]));
  const asked = new Set(wanted.map(({ fingerprint }) => fingerprint));
  const added = wanted.filter(({ fingerprint }) => !there.has(fingerprint));
  const changed = wanted.filter((line) => {
    const before = there.get(line.fingerprint);
    return before !== undefined && !isSame(before, line);
  });
  return {
    ...{ added, changed, removed: present.filter(({ fingerprint }) => !asked.has(fingerprint)) },
    lines: asked.size,
  };
}

/** True when there is nothing to change. */
export function isEmpty({ added, removed, changed }: Difference): boolean {
  return added.length + removed.length + changed.length === 0;
}

function isSame(one: Line, other: Line): boolean {
  return (
    one.name === other.name &&
    one.kind === other.kind &&
    one.expires === other.expires &&
    one.serials.length === other.serials.length &&
    one.serials.every((serial, index) => serial === other.serials[index])
  );
}

/** The lines as a source of postmap(1) has them, for the simulator and for comparing. */
export function dumpOf(lines: readonly Line[]): string {
  return lines.map(({ fingerprint, name }) => `${fingerprint} ${name}\n`).join('');
}

/** A line of the map as a line of the table: all that the comment above it says, in columns. */
export function lineOf({ fingerprint, client, kind, certificates }: MapEntry): Line {
  const ends = certificates.map(({ notAfter }) => Date.parse(notAfter));
  return {
    ...{ fingerprint, name: client, kind, serials: certificates.map(({ serial }) => serial) },
    expires: ends.length === 0 ? undefined : new Date(Math.max(...ends)).toISOString().replace(/\.\d+Z$/, 'Z'),
  };
}
