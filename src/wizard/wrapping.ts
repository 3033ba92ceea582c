/** Breaks lines between words at the width; what follows keeps the line's own indentation. A longer word stays whole. */
export function wrapped(line: string, width: number): readonly string[] {
  const indent = /^ */.exec(line)?.[0] ?? '';
  const lines: string[] = [];
  let current = indent;
  // Runs of blanks inside a line that fits are columns of a table, and stay.
  if (line.length <= width) return [line];
  for (const word of line.trim().split(/ +/)) {
    const candidate = current === indent ? indent + word : `${current} ${word}`;
    if (candidate.length > width && current !== indent) {
      lines.push(current);
      current = indent + word;
    } else current = candidate;
  }
  return [...lines, current];
}
