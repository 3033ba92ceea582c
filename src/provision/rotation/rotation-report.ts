import type { Problem } from '../../lib/problem.ts';
import type { ServerVerification } from '../verify/verify.ts';
import type { DoneStep, RotationStep } from './step.ts';
/** What a run of rotate did, and what is left. */
export interface RotationReport {
  /** The state's folder as the user names it. */
  readonly out: string;
  readonly dryRun: boolean;
  readonly proof: 'met' | 'broken' | 'unknown';
  readonly performed: readonly DoneStep[];
  /** Steps that wait, of the rotations that the run was about. */
  readonly pending: readonly RotationStep[];
  /** Hosts, beside those that steps wait for, that are not known to have the files that followed from a step that was done. */
  readonly behind: readonly string[];
  /** The table in the database does not have the lines that followed from a step that was done. */
  readonly publicationIsDue: boolean;
  /** Hosts that are known, since this run, to have their files. */
  readonly installed: readonly string[];
  /** Certificates that are known, since this run, to be in use, because a log shows them. */
  readonly inUse: readonly { readonly holder: string; readonly serial: string }[];
  /** Hosts to which the deploy hook could not bring their files. */
  readonly failed: readonly { readonly host: string; readonly reason: string }[];
  readonly created: readonly string[];
  readonly updated: readonly string[];
  readonly removed: readonly string[];
  readonly verifications: readonly ServerVerification[];
  readonly notes: readonly Problem[];
}
