/** A lookup key that was put in order when it was read: many tables can be asked for it without looking at its text. */
export interface ReadyKey {
  /** As it was given, for tables that do not fold and for messages. */
  readonly given: string;
  /** In lower case (ASCII), as fixed-string tables keep their keys. */
  readonly text: string;
  /** `hashOf` the text. */
  readonly hash: number;
}

/** The key for a text that is ASCII. */
export function readyKey(given: string): ReadyKey {
  const text = given.toLowerCase();
  return { given, text, hash: hashOf(text) };
}

/** A signed 32-bit number that differs for most texts (FNV-1a over UTF-16 units, then mixed as MurmurHash3 does). */
export function hashOf(text: string): number {
  let hash = firstState;
  for (let i = 0; i < text.length; i++) hash = Math.imul(hash ^ text.charCodeAt(i), multiplier);
  return mixed(hash);
}

/** `hashOf` the text in lower case, without making that text; undefined where it is not ASCII. */
export function foldedHashOf(text: string): number | undefined {
  let hash = firstState;
  for (let i = 0; i < text.length; i++) {
    const code = text.charCodeAt(i);
    if (code > 127) return undefined;
    hash = Math.imul(hash ^ (code >= 65 && code <= 90 ? code + 32 : code), multiplier);
  }
  return mixed(hash);
}

const firstState = 0x811c9dc5;
const multiplier = 0x01000193;

function mixed(state: number): number {
  let hash = Math.imul(state ^ (state >>> 16), 0x85ebca6b);
  hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2ae35);
  return hash ^ (hash >>> 16);
}
