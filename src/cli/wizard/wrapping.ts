/**
 * Breaks a line between words at the width; what follows keeps the line's own indentation. A longer word stays whole, and
 * so do the columns of a table as far as they fit.
 */
export function wrapped(line: string, width: number): readonly string[] {
  const indent = /^ */.exec(line)?.[0] ?? '';
  const lines: string[] = [];
  let current = '';
  for (const piece of line.match(/ *\S+/g) ?? []) {
    if (current !== '' && current.length + piece.length > width) {
      lines.push(current);
      current = indent + piece.trimStart();
    } else current += piece;
  }
  return [...lines, current];
}
