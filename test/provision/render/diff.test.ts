import { fc, test as property } from '@fast-check/vitest';
import { describe, expect, it } from 'vitest';
import { unifiedDiff } from '../../../src/lib/diff.ts';

/** Applies a unified difference, line by line, and complains where the old text is not what it says. */
function patch(before: string, diff: string): string {
  const old = before === '' ? [] : before.split(/(?<=\n)/);
  const made: string[] = [];
  let at = 0;
  const lines = diff.split(/(?<=\n)/).slice(2);
  for (const [index, line] of lines.entries()) {
    const range = /^@@ -(\d+)(?:,(\d+))? \+/.exec(line);
    if (line.startsWith('\\')) continue;
    if (range !== null) {
      const start = range[2] === '0' ? Number(range[1]) : Number(range[1]) - 1;
      made.push(...old.slice(at, start));
      at = start;
      continue;
    }
    const unended = lines[index + 1]?.startsWith('\\') === true;
    const text = unended ? line.slice(1, -1) : line.slice(1);
    if (line[0] !== '+') expect(old[at]).toBe(text);
    if (line[0] !== '+') at += 1;
    if (line[0] !== '-') made.push(text);
  }
  return [...made, ...old.slice(at)].join('');
}

describe('unified differences', () => {
  it('shows a changed line with three lines around it', () => {
    const before = 'a\nb\nc\nd\ne\nf\ng\nh\n';
    expect(unifiedDiff('old', 'new', before, before.replace('e', 'E'))).toBe(
      '--- old\n+++ new\n@@ -2,7 +2,7 @@\n b\n c\n d\n-e\n+E\n f\n g\n h\n',
    );
  });

  it('says nothing of equal texts', () => {
    expect(unifiedDiff('old', 'new', 'a\n', 'a\n')).toBe('');
  });

  it('counts from nothing for a new file, and marks a missing end of line', () => {
    expect(unifiedDiff('/dev/null', 'new', '', 'a\nb')).toBe(
      '--- /dev/null\n+++ new\n@@ -0,0 +1,2 @@\n+a\n+b\n\\ No newline at end of file\n',
    );
  });

  it('keeps to a bound where everything differs', () => {
    const many = (name: string): string => Array.from({ length: 3_000 }, (_, index) => `${name}${index}\n`).join('');
    expect(patch(many('a'), unifiedDiff('old', 'new', many('a'), many('b')))).toBe(many('b'));
  });

  const text = fc
    .array(fc.constantFrom('a\n', 'b\n', 'c\n', '\n', 'd'), { maxLength: 40 })
    .map((lines) => lines.join(''));
  property.prop([text, text])('turns the old text into the new one', (before, after) => {
    const diff = unifiedDiff('old', 'new', before, after);
    expect(diff === '' ? before : patch(before, diff)).toBe(after);
  });
});
