import type { ExitName } from '../../../lib/problem.ts';
import type { PostfixPrograms } from '../../programs/postfix-programs.ts';
import type { Ended } from '../../programs/programs.ts';
import type { Original, Pending, Records } from '../pending.ts';
import type { HostFolder } from '../read-folder.ts';
import type { Snapshot } from '../snapshot.ts';
import type { StepKind, StepOf } from '../steps.ts';
import type { Target } from '../target.ts';

/** What the steps of one run share. */
export interface Work {
  readonly programs: PostfixPrograms;
  readonly config: string;
  /** Folder on the host. */
  readonly installDir: string;
  /** Where new files wait until they are complete. */
  readonly stage: string;
  /** The backup of this run; that of a run that was cut off goes on. */
  readonly backup: string;
  readonly snapshot: Snapshot;
  /** Whether Postfix ran when the run began. */
  readonly runs: boolean;
  /** Folders that this run made, and modes that it changed: what was there before. */
  readonly folders: Map<string, number | undefined>;
  readonly sleep: (milliseconds: number) => Promise<void>;
}

/** A run whose result is judged before Postfix reads it. */
export interface Judged extends Work {
  /** Judges the configuration as it now lies there; what is wrong with it, or nothing. */
  judge(): StepFailure | undefined | Promise<StepFailure | undefined>;
}

/** The rest of what installing needs, and undoing does not. */
export interface Installing extends Judged {
  readonly folder: HostFolder;
  readonly target: Target;
  readonly pending: Pending;
  /** main.cf and master.cf as they were shown. */
  readonly shown: { readonly mainCf: Buffer; readonly masterCf: Buffer };
  /** What the records beside the backups are to say, given what main.cf set before. */
  records(original: Original): Records;
}

/** How a kind of step is done and taken back. Taking back answers what could not be put back; it never throws or waits. */
export interface StepHandler<Kind extends StepKind, Shared extends Work = Work> {
  perform(step: StepOf<Kind>, work: Shared): void | Promise<void>;
  undo?(step: StepOf<Kind>, work: Shared): readonly string[];
  /** Processes of Postfix that start meanwhile may work by it: when it is taken back, a Postfix that runs is reloaded. */
  readonly isSeen?: true;
}

/** A step that did not succeed: why, in one line, and the lines that show it. */
export class StepFailure extends Error {
  readonly exit: ExitName;
  readonly details: string;

  constructor(message: string, details = '', exit: ExitName = 'failure') {
    super(message);
    this.name = 'StepFailure';
    this.exit = exit;
    this.details = details;
  }
}

/** @throws StepFailure with what the program complained about, when it did not succeed. */
export function succeeded({ status, stdout, stderr }: Ended): void {
  if (status === 0) return;
  const complaint = (stderr.trim() === '' ? stdout : stderr).trim();
  if (complaint === '') throw new StepFailure(`exit status ${status}`);
  const isOneLine = !complaint.includes('\n');
  throw isOneLine ? new StepFailure(complaint) : new StepFailure(`exit status ${status}, see above`, complaint);
}
