/** What options have certrelay write outside its state. */
export type OutputKind = 'revocation-list' | 'metrics' | 'units';

/** One option of a command; help, parsing, the wizard and completion read the same row. */
export interface OptionRow {
  /** commander syntax, e.g. `--digest <name>`, `--server <name...>`, `--no-permit-sasl`. */
  readonly flags: string;
  /** The option as the release before named it: still read, with a note, and shown nowhere. */
  readonly formerFlags?: string;
  readonly doc: string;
  readonly choices?: readonly string[];
  /** What completion offers for the value where its placeholder does not say it: a host of the set-up, for one. */
  readonly completes?: 'file' | 'folder' | 'host';
  /** Set where the value names what is to be written; `output-files.ts` refuses places that must not be overwritten. */
  readonly writes?: OutputKind;
  /** Set where the value names a file that holds a secret: `lib/files/secret.ts` reads it, whoever wants it. */
  readonly isSecret?: true;
  /** Shown in help only; the inventory or the preset may supply another. */
  readonly fallback?: string;
}
