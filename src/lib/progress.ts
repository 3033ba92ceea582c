/** Told how far some work has come. */
export type Step = (done: number, total: number) => void;

export interface Progress {
  readonly step: Step;
  /** The same for work of another kind in the same run, on the same line. */
  of(what: string): Step;
  /** Wipes the line. */
  end(): void;
}
