import type { Edit } from '../configuration/edit.ts';
import type { Evidence } from '../evidence/evidence.ts';
import { diagnose } from '../findings/diagnose.ts';
import type { Finding } from '../findings/finding.ts';
import type { RepairTarget } from '../trial/targets.ts';
import { trialOf } from '../trial/trial.ts';
import { evidenceWith } from './apply.ts';

/** Edits that let every target through, and the finding that they start from. */
export interface Solution {
  readonly finding: Finding;
  readonly edits: readonly Edit[];
}

/** At most so many findings stand in the way of one session, and so many states are looked at. */
const deepest = 4;
const mostStates = 60;

/**
 * The smallest edits that let the targets through: the edits that findings propose, tried alone, then together with
 * those that the findings of the changed server propose, and so on. A set that has a smaller one within it is left out.
 */
export function search(
  evidence: Evidence,
  findings: readonly Finding[],
  targets: readonly RepairTarget[],
): readonly Solution[] {
  const solutions: Solution[] = [];
  const seen = new Set<string>();
  let frontier: readonly { readonly solution?: Solution; readonly findings: readonly Finding[] }[] = [{ findings }];
  for (let depth = 0, states = 0; depth < deepest && solutions.length === 0; depth++) {
    const next: { readonly solution: Solution; readonly findings: readonly Finding[] }[] = [];
    for (const state of frontier) {
      for (const { finding, edits } of proposals(state.findings)) {
        const all = merged(state.solution?.edits ?? [], edits);
        const key = JSON.stringify([...all].map((edit) => JSON.stringify(edit)).sort());
        if (seen.has(key) || states >= mostStates) continue;
        seen.add(key);
        states += 1;
        const changed = evidenceWith(evidence, all);
        const solution = { finding: state.solution?.finding ?? finding, edits: all };
        if (letsThrough(changed, evidence, targets)) solutions.push(solution);
        else if (depth + 1 < deepest) next.push({ solution, findings: diagnose(changed) });
      }
    }
    frontier = next;
  }
  return solutions;
}

/** The edits that findings propose, each set by itself. */
export function proposals(findings: readonly Finding[]) {
  return findings
    .filter(({ severity }) => severity === 'error')
    .flatMap((finding) => (finding.edits ?? []).map((edits) => ({ finding, edits })));
}

/** The later edit of one parameter or table replaces the earlier one. */
function merged(before: readonly Edit[], added: readonly Edit[]): readonly Edit[] {
  const target = (edit: Edit): string => (edit.kind === 'table' ? edit.path : `${edit.service ?? ''} ${edit.name}`);
  const replaced = new Set(added.map(target));
  return [...before.filter((edit) => !replaced.has(target(edit))), ...added];
}

function letsThrough(changed: Evidence, before: Evidence, targets: readonly RepairTarget[]): boolean {
  return targets.every(({ service, conversation }) => {
    const index = before.server?.services.indexOf(service) ?? -1;
    const now = changed.server?.services[index];
    return (
      now !== undefined && trialOf(now.sources).decideAssumingPermissiveWorld(conversation).verdict.verdict === 'permit'
    );
  });
}
