/** What an operating system installs as Postfix. */
export interface Preset {
  readonly name: string;
  /** Postfix version, `X.Y.Z`. */
  readonly version: string;
  /** What `postconf -h default_database_type` says there. */
  readonly tableType: string;
  /** The active lines of the main.cf that a fresh installation has, in its order. */
  readonly parameters: readonly (readonly [name: string, value: string])[];
}
