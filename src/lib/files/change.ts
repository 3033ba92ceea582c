/** The order in which changes take effect; what goes away goes last. */
export const ranks = ['key', 'ledger', 'file', 'inventory', 'removal'] as const;

interface Place {
  /** Relative to the root, with `/`. */
  readonly path: string;
  /** Keys come first, for an event may only tell of a certificate whose key exists; the inventory comes last. */
  readonly rank: (typeof ranks)[number];
}

/** The whole content of a file. */
export interface Replace extends Place {
  readonly kind: 'replace';
  readonly content: string | Uint8Array;
  /** Readable by the owner alone (0600); otherwise 0644. */
  readonly secret: boolean;
  /** What to do when the file is there with another content; the same content is always left alone. */
  readonly existing: 'replace' | 'refuse';
}

/** More at the end of a file that only grows. */
export interface Append extends Place {
  readonly kind: 'append';
  readonly content: string;
  /** The size that the file had when it was read; another one means that somebody else wrote. 0: it was not there. */
  readonly size: number;
  /** How much of it is intact; what lies behind, the rest of a torn write, is cut off. */
  readonly keep: number;
}

/** A file that keeps its content, if it is there; only its mode is corrected. For keys, which are never written twice. */
export interface Keep extends Place {
  readonly kind: 'keep';
  readonly secret: boolean;
}

/** A file that is to be gone, and its folder when nothing else is in it. */
export interface Remove extends Place {
  readonly kind: 'remove';
  readonly rank: 'removal';
}

export type Change = Replace | Append | Keep | Remove;

export interface Written {
  /** Paths whose content is new, in the order in which they took effect. */
  readonly written: readonly string[];
  /** Files that had the right content and the wrong mode. */
  readonly repaired: readonly string[];
  /** Files that are gone. */
  readonly removed: readonly string[];
  readonly unchanged: readonly string[];
}

export interface Layout {
  readonly root: string;
  /** Folders, relative to the root, that only the owner may enter (0700); all others are 0755. */
  isPrivate(folder: string): boolean;
}
