const lineFeed = 10;
/** No scenario is as long, and a file without line ends must not fill the memory. */
const longestScenario = 1 << 28;

/**
 * The lines of a stream of text, in groups: those that one piece of input completes come together, so that
 * nothing waits for more input than it needs. Lines end with a line feed; a carriage return before it stays. Lines that
 * are longer than `longestLine`, in bytes, are cut.
 */
export async function* lineGroups(
  pieces: AsyncIterable<Buffer>,
  longestLine = longestScenario,
): AsyncGenerator<readonly Buffer[]> {
  let begun: Buffer[] = [];
  let length = 0;
  const rest = (): Buffer => {
    const line = Buffer.concat(begun);
    begun = [];
    length = 0;
    return line;
  };
  for await (const piece of pieces) {
    const lines: Buffer[] = [];
    let start = 0;
    for (let end = piece.indexOf(lineFeed); end >= 0; end = piece.indexOf(lineFeed, start)) {
      if (length === 0) lines.push(piece.subarray(start, end));
      else {
        begun.push(piece.subarray(start, end));
        lines.push(rest());
      }
      start = end + 1;
    }
    if (start < piece.length && length < longestLine) {
      begun.push(piece.subarray(start));
      length += piece.length - start;
    }
    if (lines.length > 0) yield lines;
  }
  if (length > 0) yield [rest()];
}
