/** Edits (insert, delete, replace, swap of neighbours) that turn one text into the other. */
function distance(a: string, b: string): number {
  let beforeLast: number[] = [];
  let last = Array.from({ length: b.length + 1 }, (_, column) => column);
  for (let row = 1; row <= a.length; row++) {
    const line = [row];
    for (let column = 1; column <= b.length; column++) {
      const same = a[row - 1] === b[column - 1];
      let cost = Math.min(
        (last[column] ?? 0) + 1,
        (line[column - 1] ?? 0) + 1,
        (last[column - 1] ?? 0) + (same ? 0 : 1),
      );
      if (row > 1 && column > 1 && a[row - 1] === b[column - 2] && a[row - 2] === b[column - 1]) {
        cost = Math.min(cost, (beforeLast[column - 2] ?? 0) + 1);
      }
      line.push(cost);
    }
    beforeLast = last;
    last = line;
  }
  return last[b.length] ?? 0;
}

/** For comparison only: letter case and the separators of the common spellings do not count as mistakes. */
const bare = (text: string): string => text.toLowerCase().replace(/[-_ ]/g, '');

/**
 * The known word that the text was probably meant to be: the one with the fewest edits, if these are at most a
 * third of its length. Nothing when no word is that close.
 */
export function nearest(text: string, known: readonly string[]): string | undefined {
  const wanted = bare(text).slice(0, 64);
  let best: { readonly word: string; readonly edits: number } | undefined;
  for (const word of known) {
    const edits = distance(wanted, bare(word));
    if (edits > Math.max(1, Math.floor(word.length / 3))) continue;
    if (best === undefined || edits < best.edits) best = { word, edits };
  }
  return best?.word;
}

/** A hint made from `nearest`, or else the list of what is known. */
export function suggest(text: string, known: readonly string[]): string {
  const word = nearest(text, known);
  return word === undefined ? `known are ${known.join(', ')}` : `did you mean "${word}"?`;
}
