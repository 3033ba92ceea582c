/** How long a child process may run. */
export interface TimeLimit {
  readonly seconds: number;
  /** As the user writes it, e.g. `5m`. */
  readonly shown: string;
}
