import type { TimeLimit } from '../../lib/time-limit.ts';
import type { Digest, KeyType } from '../../x509/algorithms.ts';
import type { Seen } from './seen-in-use.ts';
import type { Selection } from './selection.ts';
/** What one run of rotate is to do. */
export interface RotateRequest {
  readonly selection: Selection;
  readonly digest: Digest | undefined;
  /** Hosts that are said to have the files of their folders. */
  readonly deployed: readonly string[];
  /** Logs that may show new certificates in use; `-` is standard input. */
  readonly inUseLogs: readonly string[];
  /** What these showed. */
  readonly seen: Seen;
  readonly reuseKey: boolean;
  /** Seconds. */
  readonly overlap: number | undefined;
  readonly deployHook: string | undefined;
  /** Of each hook. */
  readonly hookLimit: TimeLimit;
  readonly beforeHook: string | undefined;
  readonly afterHook: string | undefined;
  readonly authority: { readonly name?: string; readonly days?: number; readonly keyType?: KeyType };
  readonly passphraseFile: string | undefined;
  readonly dryRun: boolean;
}
