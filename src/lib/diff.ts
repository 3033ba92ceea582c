/** Lines of a side by their place; an edit script is a list of these. */
interface Edit {
  readonly kind: ' ' | '-' | '+';
  readonly text: string;
}

const context = 3;
// Two texts that differ in more lines than this are shown as a whole old and a whole new one: the search costs time
// and memory by the square of the differences, and nobody reads a diff that long.
const mostDifferences = 500;

/** The difference of two texts in unified format (diff -u); empty when they are equal. */
export function unifiedDiff(oldName: string, newName: string, before: string, after: string): string {
  if (before === after) return '';
  const edits = editScript(linesOf(before), linesOf(after));
  const hunks = hunksOf(edits).map(({ start, end }) => hunkText(edits, start, end));
  return `--- ${oldName}\n+++ ${newName}\n${hunks.join('')}`;
}

/** Lines with their ends, so that a missing one at the end of a file is a difference. */
function linesOf(text: string): readonly string[] {
  return text === '' ? [] : text.split(/(?<=\n)/);
}

function editScript(before: readonly string[], after: readonly string[]): readonly Edit[] {
  let head = 0;
  while (head < before.length && head < after.length && before[head] === after[head]) head += 1;
  let tail = 0;
  while (
    tail < before.length - head &&
    tail < after.length - head &&
    before[before.length - 1 - tail] === after[after.length - 1 - tail]
  ) {
    tail += 1;
  }
  const same = (text: string): Edit => ({ kind: ' ', text });
  return [
    ...before.slice(0, head).map(same),
    ...shortest(before.slice(head, before.length - tail), after.slice(head, after.length - tail)),
    ...before.slice(before.length - tail).map(same),
  ];
}

/** The shortest edit script, by Myers' greedy search ("An O(ND) difference algorithm", 1986). */
function shortest(before: readonly string[], after: readonly string[]): readonly Edit[] {
  const replaced: readonly Edit[] = [
    ...before.map((text) => ({ kind: '-', text }) as const),
    ...after.map((text) => ({ kind: '+', text }) as const),
  ];
  if (before.length === 0 || after.length === 0) return replaced;
  const reached: ReadonlyMap<number, number>[] = [];
  let front = new Map<number, number>([[1, 0]]);
  for (let differences = 0; differences <= mostDifferences; differences += 1) {
    reached.push(front);
    const next = new Map(front);
    for (let diagonal = -differences; diagonal <= differences; diagonal += 2) {
      let x = startOf(front, diagonal, differences);
      while (x < before.length && x - diagonal < after.length && before[x] === after[x - diagonal]) x += 1;
      next.set(diagonal, x);
      if (x >= before.length && x - diagonal >= after.length) return walkBack(before, after, reached);
    }
    front = next;
  }
  return replaced;
}

/** True when the furthest way onto a diagonal comes from the one above it, by an insertion. */
function fromAbove(front: ReadonlyMap<number, number>, diagonal: number, differences: number): boolean {
  if (diagonal === -differences) return true;
  return diagonal !== differences && (front.get(diagonal - 1) ?? -1) < (front.get(diagonal + 1) ?? -1);
}

/** Where a diagonal begins, before the lines that both sides share. */
function startOf(front: ReadonlyMap<number, number>, diagonal: number, differences: number): number {
  return fromAbove(front, diagonal, differences) ? (front.get(diagonal + 1) ?? 0) : (front.get(diagonal - 1) ?? 0) + 1;
}

function walkBack(
  before: readonly string[],
  after: readonly string[],
  reached: readonly ReadonlyMap<number, number>[],
): readonly Edit[] {
  const edits: Edit[] = [];
  let [x, y] = [before.length, after.length];
  for (let step = reached.length - 1; step > 0; step -= 1) {
    const front = reached[step] ?? new Map<number, number>();
    const inserted = fromAbove(front, x - y, step);
    const start = startOf(front, x - y, step);
    for (; x > start; x -= 1, y -= 1) edits.push({ kind: ' ', text: before[x - 1] ?? '' });
    if (inserted) y -= 1;
    else x -= 1;
    edits.push(inserted ? { kind: '+', text: after[y] ?? '' } : { kind: '-', text: before[x] ?? '' });
  }
  for (; x > 0; x -= 1) edits.push({ kind: ' ', text: before[x - 1] ?? '' });
  return edits.reverse();
}

/** Groups of changes with their context, joined where contexts meet. */
function hunksOf(edits: readonly Edit[]): readonly { readonly start: number; readonly end: number }[] {
  const hunks: { start: number; end: number }[] = [];
  for (const [index, edit] of edits.entries()) {
    if (edit.kind === ' ') continue;
    const last = hunks.at(-1);
    if (last !== undefined && index - context <= last.end) last.end = Math.min(edits.length, index + context + 1);
    else hunks.push({ start: Math.max(0, index - context), end: Math.min(edits.length, index + context + 1) });
  }
  return hunks;
}

function hunkText(edits: readonly Edit[], start: number, end: number): string {
  const count = (list: readonly Edit[], not: Edit['kind']): number => list.filter(({ kind }) => kind !== not).length;
  const [head, body] = [edits.slice(0, start), edits.slice(start, end)];
  const range = (not: Edit['kind']): string => {
    const [before, length] = [count(head, not), count(body, not)];
    return `${length === 0 ? before : before + 1}${length === 1 ? '' : `,${length}`}`;
  };
  const lines = body.map(({ kind, text }) =>
    text.endsWith('\n') ? `${kind}${text}` : `${kind}${text}\n\\ No newline at end of file\n`,
  );
  return `@@ -${range('+')} +${range('-')} @@\n${lines.join('')}`;
}
