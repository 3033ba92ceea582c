/** A set of characters: membership of the ASCII ones, and whether all others belong. */
export interface CharacterSet {
  readonly ascii: readonly boolean[];
  readonly others: boolean;
}

/** A regular expression whose meaning is the same in every dialect: what the syntax readers of this folder produce. */
export type Expression =
  | { readonly kind: 'set'; readonly set: CharacterSet }
  | { readonly kind: 'start' | 'end' }
  | { readonly kind: 'sequence' | 'choice'; readonly parts: readonly Expression[] }
  | { readonly kind: 'group'; readonly body: Expression; readonly capture: boolean }
  | {
      readonly kind: 'repeat';
      readonly body: Expression;
      readonly min: number;
      readonly max: number;
      readonly lazy: boolean;
    };

/** One step of a compiled expression; `split` goes on at both places. */
type Step =
  | { readonly op: 'set'; readonly set: CharacterSet }
  | { readonly op: 'start' | 'end' }
  | { op: 'split'; first: number; second: number }
  | { op: 'jump'; to: number };

/** True when the expression matches somewhere in the text, given as character codes. */
export type Matcher = (codes: readonly number[]) => boolean;

const mostSteps = 20_000;

/**
 * Compiles an expression to a matcher that follows all alternatives at once (Thompson's construction), so that time is
 * bounded by text length times pattern size, whatever the pattern. Undefined when it would be too large.
 */
export function compileExpression(expression: Expression): Matcher | undefined {
  const steps: Step[] = [];
  if (!emit(expression, steps)) return undefined;
  const accept = steps.length;
  const marks = new Int32Array(accept + 1);
  return (codes) => {
    marks.fill(-1);
    let current: number[] = [];
    for (let at = 0; at <= codes.length; at++) {
      // A match may begin anywhere, so the first step joins at every character.
      if (reach(0, at, codes.length, steps, current, marks)) return true;
      const code = codes[at];
      if (code === undefined) break;
      const next: number[] = [];
      for (const index of current) {
        const step = steps[index];
        if (step?.op === 'set' && holds(step.set, code)) {
          if (reach(index + 1, at + 1, codes.length, steps, next, marks)) return true;
        }
      }
      current = next;
    }
    return false;
  };
}

/** Adds the set steps reachable from `start` without a character; true when the end of the expression is reachable. */
function reach(
  start: number,
  at: number,
  end: number,
  steps: readonly Step[],
  into: number[],
  marks: Int32Array,
): boolean {
  const pending = [start];
  for (let index = pending.pop(); index !== undefined; index = pending.pop()) {
    if (marks[index] === at) continue;
    marks[index] = at;
    const step = steps[index];
    if (step === undefined) return true;
    if (step.op === 'set') into.push(index);
    else if (step.op === 'jump') pending.push(step.to);
    else if (step.op === 'split') pending.push(step.second, step.first);
    else if (step.op === 'start' ? at === 0 : at === end) pending.push(index + 1);
  }
  return false;
}

/** Whether a character is in a set; beyond ASCII all are treated alike. */
export function holds(set: CharacterSet, code: number): boolean {
  return code < 128 ? set.ascii[code] === true : set.others;
}

function emit(expression: Expression, steps: Step[]): boolean {
  if (steps.length > mostSteps) return false;
  switch (expression.kind) {
    case 'set':
      steps.push({ op: 'set', set: expression.set });
      return true;
    case 'start':
    case 'end':
      steps.push({ op: expression.kind });
      return true;
    case 'group':
      return emit(expression.body, steps);
    case 'sequence':
      return expression.parts.every((part) => emit(part, steps));
    case 'choice':
      return emitChoice(expression.parts, steps);
    case 'repeat':
      return emitRepeat(expression.body, expression.min, expression.max, steps);
  }
}

function emitChoice(parts: readonly Expression[], steps: Step[]): boolean {
  const jumps: { op: 'jump'; to: number }[] = [];
  for (const [index, part] of parts.entries()) {
    const last = index === parts.length - 1;
    const split: Step = { op: 'split', first: steps.length + 1, second: 0 };
    if (!last) steps.push(split);
    if (!emit(part, steps)) return false;
    if (last) break;
    const jump = { op: 'jump' as const, to: 0 };
    jumps.push(jump);
    steps.push(jump);
    split.second = steps.length;
  }
  for (const jump of jumps) jump.to = steps.length;
  return true;
}

function emitRepeat(body: Expression, min: number, max: number, steps: Step[]): boolean {
  for (let i = 0; i < min; i++) if (!emit(body, steps)) return false;
  if (max === Number.POSITIVE_INFINITY) {
    const split: Step = { op: 'split', first: steps.length + 1, second: 0 };
    const start = steps.length;
    steps.push(split);
    if (!emit(body, steps)) return false;
    steps.push({ op: 'jump', to: start });
    split.second = steps.length;
    return true;
  }
  const splits: { op: 'split'; first: number; second: number }[] = [];
  for (let i = min; i < max; i++) {
    const split = { op: 'split' as const, first: steps.length + 1, second: 0 };
    splits.push(split);
    steps.push(split);
    if (!emit(body, steps)) return false;
  }
  for (const split of splits) split.second = steps.length;
  return true;
}
