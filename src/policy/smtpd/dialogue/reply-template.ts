import { Expander } from '../../postfix/expand.ts';
import type { Version } from '../../postfix/version.ts';

/** A template with its attributes filled in. */
export interface Filled {
  readonly text: string;
  /** A name that no attribute has. */
  readonly unknown: string | undefined;
}

/** References by name alone; in a conditional an unknown name is only empty. */
const plainReference = /\$(?:\$|\{\s*(\w+)\s*\}|\(\s*(\w+)\s*\)|(\w+))/g;

/**
 * Fills in the attributes of a reply template, one level deep: what a client says is no template. Characters of a
 * value that are not in `allowed` become `_` (smtpd_expansion_filter). The text of an error where it cannot be expanded.
 */
export function fillTemplate(
  template: string,
  lookUp: (name: string) => string | undefined,
  allowed: ReadonlySet<string>,
  version: Version,
): Filled | { readonly error: string } {
  const value = (name: string): string | undefined => lookUp(name);
  const shown = (name: string): string | undefined => {
    const text = value(name);
    return text === undefined ? undefined : censored(text, allowed).replaceAll('$', '$$$$');
  };
  const text = new Expander(shown, version).expand(template);
  if (typeof text !== 'string') return { error: text.warnings[0] ?? text.fatal };
  for (const [, ...names] of template.matchAll(plainReference)) {
    const name = names.find((each) => each !== undefined);
    if (name !== undefined && value(name) === undefined) return { text, unknown: name };
  }
  return { text, unknown: undefined };
}

function censored(text: string, allowed: ReadonlySet<string>): string {
  let result = '';
  for (const character of text) result += allowed.has(character) ? character : '_'.repeat(byteLength(character));
  return result;
}

function byteLength(character: string): number {
  return new TextEncoder().encode(character).length;
}

const escapes: Readonly<Record<string, string>> = {
  a: '\x07',
  b: '\b',
  f: '\f',
  n: '\n',
  r: '\r',
  t: '\t',
  v: '\v',
};

/** The characters of smtpd_expansion_filter, in which `\t`, `\40` and the like stand for what they do in C. */
export function filterCharacters(text: string): ReadonlySet<string> {
  const plain = text.replace(/\\([0-7]{1,3}|[\s\S])/g, (_, escaped: string) =>
    /^[0-7]/.test(escaped) ? String.fromCharCode(Number.parseInt(escaped, 8) & 255) : (escapes[escaped] ?? escaped),
  );
  return new Set(plain);
}
