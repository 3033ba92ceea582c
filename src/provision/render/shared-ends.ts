/** Below this a text is kept as it is. */
const worthwhile = 4_096;

/**
 * Keeps long texts that differ in their first lines only, as the scripts of thousands of hosts do, in the memory of one and
 * of those lines. Texts of one kind are compared with the first of that kind.
 */
export class SharedEnds {
  readonly #first = new Map<string, string>();

  /** Yields the text, put together each time when it is asked for. */
  keep(kind: string, text: string): () => string {
    const first = this.#first.get(kind);
    if (first === undefined) this.#first.set(kind, text);
    const length = first === undefined || text.length < worthwhile ? 0 : commonEnd(text, first);
    if (first === undefined || length < worthwhile) return whole(text);
    return joined(copied(text.slice(0, text.length - length)), first.slice(first.length - length));
  }
}

// Functions of their own: what is made in one scope keeps everything of that scope, the whole text too.
function whole(text: string): () => string {
  return () => text;
}

function joined(start: string, end: string): () => string {
  return () => start + end;
}

/** How many characters at the end of two texts are the same. */
function commonEnd(one: string, other: string): number {
  let same = 0;
  let differ = Math.min(one.length, other.length) + 1;
  while (differ - same > 1) {
    const middle = (same + differ) >> 1;
    // Two parts are compared word by word, where endsWith goes character by character: ten thousand scripts are two seconds.
    if (one.slice(one.length - middle) === other.slice(other.length - middle)) same = middle;
    else differ = middle;
  }
  return same;
}

/** A part of a string keeps all of it in memory; a copy does not. */
function copied(part: string): string {
  return Buffer.from(part, 'utf8').toString('utf8');
}
