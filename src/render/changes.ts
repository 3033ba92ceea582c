import { unifiedDiff } from './diff.ts';
import type { RenderPlan } from './plan.ts';

/** What writing an output would do to the file that is there. */
export interface Change {
  readonly to: string;
  readonly kind: 'create' | 'update' | 'unchanged';
  readonly mode: number;
  readonly content: string;
  /** Unified format, from the file that is there to the one to be; empty when nothing changes. */
  readonly diff: string;
}

/**
 * Compares a plan with what is there, by content, in the plan's order. `read` answers with a file's text by its path below
 * the output folder, or undefined where there is none.
 */
export function changes(
  plan: Pick<RenderPlan, 'outputs'>,
  read: (path: string) => string | undefined,
): readonly Change[] {
  return plan.outputs.map(({ to, mode, content }) => {
    const present = read(to);
    const kind = present === undefined ? 'create' : present === content ? 'unchanged' : 'update';
    const diff = unifiedDiff(present === undefined ? '/dev/null' : to, to, present ?? '', content);
    return { to, kind, mode, content, diff };
  });
}
