/**
 * How a text ends, as one number: its last character (modulo 128) and its length (modulo 32). Two texts that differ in it
 * differ, so that most texts are known not to be among others by a number that was worked out when they were read.
 */
export function endingOf(text: string): number {
  return ((text.charCodeAt(text.length - 1) & 127) << 5) | (text.length & 31);
}

/** The endings of texts none of which is empty. */
export class Endings {
  /** By last character: a bit for each length. */
  private readonly lengths = new Int32Array(128);

  add(text: string): void {
    const ending = endingOf(text);
    this.lengths[ending >> 5] = (this.lengths[ending >> 5] ?? 0) | (1 << (ending & 31));
  }

  has(ending: number): boolean {
    return (((this.lengths[ending >> 5] ?? 0) >>> (ending & 31)) & 1) === 1;
  }

  /** Whether a text with this ending can end as one of the texts does. */
  hasLast(ending: number): boolean {
    return this.lengths[ending >> 5] !== 0;
  }
}
