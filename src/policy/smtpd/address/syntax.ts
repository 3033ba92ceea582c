import { endingOf } from '../../../lib/ending.ts';
import { readied } from '../../../lib/text.ts';
import { validHostName } from '../questions/host-name.ts';

const plainAddress = /^[a-z0-9_=+][a-z0-9_.=+-]*@([a-z0-9-]+(?:\.[a-z0-9-]+)*\.[a-z][a-z0-9-]*)$/;

/** What the text between the brackets of MAIL FROM or RCPT TO comes to. */
export type Envelope =
  | {
      readonly kind: 'address';
      /** Without quoting and source route. */
      readonly text: string;
      /** Set where rewriting leaves the address alone: lower case, a valid domain with a dot in it, no operators. */
      readonly plainDomain: string | undefined;
      /** `endingOf` it, where it is set. */
      readonly domainEnding: number;
      /** A server with strict_rfc821_envelopes does not take it: it holds a comment, no local part, or a last comma. */
      readonly loose?: true;
    }
  | { readonly kind: 'bad' }
  /** The command line would end elsewhere than the caller meant. */
  | { readonly kind: 'unclear' };

/**
 * Reads an envelope address as the server's RFC 822 scanner does: blanks and comments outside quotes vanish, quotes
 * and backslashes are removed, a leading source route `@a,@b:` is dropped (RFC 5321, section 4.1.1.3).
 */
export function readEnvelope(given: string): Envelope {
  const domain = plainAddress.exec(given)?.[1];
  if (domain !== undefined && validHostName(domain))
    return { kind: 'address', text: given, plainDomain: readied(domain), domainEnding: endingOf(domain) };
  let text = '';
  let routeEnd = -1;
  let i = 0;
  // What stands before is a word: a second one without an operator in between makes it no address.
  let afterWord = false;
  let inAtom = false;
  let loose = false;
  while (i < given.length) {
    const char = given.charAt(i);
    if (char === '"') {
      const end = closing(given, i, '"');
      if (end < 0) return { kind: 'unclear' };
      if (afterWord) return { kind: 'bad' };
      text += withoutBackslashes(given.slice(i + 1, end));
      i = end + 1;
      afterWord = true;
      inAtom = false;
    } else if (char === '[') {
      const end = closing(given, i, ']');
      if (end < 0) return { kind: 'unclear' };
      if (afterWord) return { kind: 'bad' };
      text += given.slice(i, end + 1);
      i = end + 1;
      afterWord = true;
      inAtom = false;
    } else if (char === '(') {
      const end = commentEnd(given, i);
      if (end < 0) return { kind: 'unclear' };
      i = end + 1;
      inAtom = false;
      loose = true;
    } else if (char === ' ' || char === '\t') {
      inAtom = false;
      i += 1;
    } else if (char === '<' || char === '>' || char === ';') {
      return { kind: 'unclear' };
    } else if (
      char === ',' &&
      routeEnd < 0 &&
      text !== '' &&
      !text.startsWith('@') &&
      given.slice(i + 1).trim() === ''
    ) {
      loose = true;
      i += 1;
    } else {
      if (char === ':') {
        if (!text.startsWith('@') || routeEnd >= 0) return { kind: 'unclear' };
        routeEnd = text.length + 1;
      }
      if (char === ',' && (!text.startsWith('@') || routeEnd >= 0)) return { kind: 'bad' };
      const word = isWord(char);
      if (word && afterWord && !inAtom) return { kind: 'bad' };
      afterWord = word;
      inAtom = word;
      const escaped = char === '\\' && i + 1 < given.length;
      text += escaped ? given.charAt(i + 1) : char;
      i += escaped ? 2 : 1;
    }
  }
  const address = routeEnd < 0 ? text : text.slice(routeEnd);
  // With nothing before it, an at sign is no separator but a mistake.
  if (address.startsWith('@@')) return { kind: 'bad' };
  const lax = loose || address.startsWith('@');
  return { kind: 'address', text: address, plainDomain: undefined, domainEnding: 0, ...(lax ? { loose: true } : {}) };
}

function closing(text: string, from: number, quote: string): number {
  for (let i = from + 1; i < text.length; i++) {
    const char = text.charAt(i);
    if (char === '\\') i += 1;
    else if (char === quote) return i;
  }
  return -1;
}

function commentEnd(text: string, from: number): number {
  let depth = 0;
  for (let i = from; i < text.length; i++) {
    const char = text.charAt(i);
    if (char === '\\') i += 1;
    else if (char === '(') depth += 1;
    else if (char === ')') {
      depth -= 1;
      if (depth === 0) return i;
    }
  }
  return -1;
}

function withoutBackslashes(text: string): string {
  return text.replace(/\\([\s\S])/g, '$1');
}

function isWord(char: string): boolean {
  return !'@.,:'.includes(char);
}
