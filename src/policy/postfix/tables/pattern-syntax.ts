import { anyCharacter, SetBuilder, single } from './character-set.ts';
import type { Expression } from './expression.ts';

/** A pattern whose meaning is not certain here; the reason completes "the pattern …". */
export class Untranslatable extends Error {}

/** The two dialects differ in what a backslash, a brace and a question mark may mean. */
export type Dialect = 'posix' | 'perl';

const inf = Number.POSITIVE_INFINITY;
const deepestGroups = 200;

/**
 * Reads the part of POSIX extended and of Perl-compatible syntax (regexp_table(5), pcre_table(5)) whose meaning is
 * certain: literals, sets, anchors, groups, choices, repetitions. Anything else is Untranslatable, never guessed;
 * so is a pattern that the library itself would refuse.
 */
export function readPattern(pattern: string, dialect: Dialect, fold: boolean): Expression {
  const reader = new PatternReader(pattern, dialect, fold);
  return reader.whole();
}

class PatternReader {
  private at = 0;
  private depth = 0;
  private readonly text: string;
  private readonly dialect: Dialect;
  private readonly fold: boolean;

  constructor(text: string, dialect: Dialect, fold: boolean) {
    this.text = text;
    this.dialect = dialect;
    this.fold = fold;
  }

  whole(): Expression {
    const expression = this.choice();
    if (this.at < this.text.length) throw new Untranslatable('has an unmatched ")"');
    return expression;
  }

  private choice(): Expression {
    const parts = [this.sequence()];
    while (this.text[this.at] === '|') {
      this.at++;
      parts.push(this.sequence());
    }
    const [only] = parts;
    return parts.length === 1 && only !== undefined ? only : { kind: 'choice', parts };
  }

  private sequence(): Expression {
    const parts: Expression[] = [];
    while (this.at < this.text.length && this.text[this.at] !== '|' && this.text[this.at] !== ')') {
      parts.push(this.repeated(this.atom()));
    }
    return { kind: 'sequence', parts };
  }

  private repeated(atom: Expression): Expression {
    const bounds = this.bounds();
    if (bounds === undefined) return atom;
    if (atom.kind === 'start' || atom.kind === 'end') throw new Untranslatable('repeats an anchor');
    let lazy = false;
    if (this.dialect === 'perl' && this.text[this.at] === '?') {
      this.at++;
      lazy = true;
    }
    if ('*+?{'.includes(this.text.charAt(this.at)) && this.at < this.text.length) {
      throw new Untranslatable('repeats a repetition');
    }
    return { kind: 'repeat', body: atom, ...bounds, lazy };
  }

  private bounds(): { readonly min: number; readonly max: number } | undefined {
    const mark = this.text[this.at];
    if (mark === '*' || mark === '+' || mark === '?') {
      this.at++;
      return { min: mark === '+' ? 1 : 0, max: mark === '?' ? 1 : inf };
    }
    if (mark !== '{') return undefined;
    const match = /^\{([0-9]{1,3})(,([0-9]{0,3}))?\}/.exec(this.text.slice(this.at, this.at + 10));
    if (match === null) throw new Untranslatable('has a "{" that is no interval');
    this.at += match[0].length;
    const min = Number(match[1]);
    const max = match[2] === undefined ? min : match[3] === '' ? inf : Number(match[3]);
    // The C library refuses more than 255 repetitions.
    if (max < min || min > 255 || (max !== inf && max > 255)) throw new Untranslatable('has an interval out of range');
    return { min, max };
  }

  private atom(): Expression {
    const character = this.text.charAt(this.at);
    const code = this.text.charCodeAt(this.at);
    if (code > 127) throw new Untranslatable('has characters outside ASCII');
    this.at++;
    switch (character) {
      case '(':
        return this.group();
      case '[':
        return { kind: 'set', set: this.bracket() };
      case '.':
        return { kind: 'set', set: anyCharacter };
      case '^':
        return { kind: 'start' };
      case '$':
        return { kind: 'end' };
      case '\\':
        return this.escape();
      case '*':
      case '+':
      case '?':
      case '{':
        throw new Untranslatable(`has a "${character}" with nothing before it`);
      default:
        return { kind: 'set', set: single(code, this.fold) };
    }
  }

  private group(): Expression {
    if (++this.depth > deepestGroups) throw new Untranslatable('nests groups too deeply');
    let capture = true;
    if (this.text[this.at] === '?') {
      if (this.dialect === 'posix' || this.text[this.at + 1] !== ':') throw new Untranslatable('has a "(?" group');
      this.at += 2;
      capture = false;
    } else if (this.text[this.at] === '*') {
      throw new Untranslatable('has a "(*" group');
    }
    const body = this.choice();
    if (this.text[this.at] !== ')') throw new Untranslatable('has an unmatched "("');
    this.at++;
    this.depth--;
    return { kind: 'group', body, capture };
  }

  private escape(): Expression {
    const character = this.text.charAt(this.at);
    const code = this.text.charCodeAt(this.at);
    this.at++;
    if (character === '') throw new Untranslatable('ends in a backslash');
    if (!/[A-Za-z0-9<>`']/.test(character) && code < 128 && code > 32) {
      return { kind: 'set', set: single(code, this.fold) };
    }
    const set = this.dialect === 'perl' ? this.perlClass(character) : undefined;
    if (set === undefined) throw new Untranslatable(`has the escape "\\${character}"`);
    return { kind: 'set', set: set.build(false) };
  }

  private perlClass(character: string): SetBuilder | undefined {
    const name = ({ d: 'digit', w: 'word', s: 'space' } as Readonly<Record<string, string>>)[character.toLowerCase()];
    if (name === undefined) return undefined;
    const set = new SetBuilder();
    set.addClass(name, character !== character.toLowerCase());
    return set;
  }

  /** `[…]`, after its opening bracket. */
  private bracket() {
    const set = new SetBuilder();
    const negated = this.text[this.at] === '^';
    if (negated) this.at++;
    for (let first = true; ; first = false) {
      const character = this.text.charAt(this.at);
      if (character === '') throw new Untranslatable('has an unmatched "["');
      if (character === ']' && !first) break;
      if (this.setClass(set)) continue;
      const from = this.setCharacter();
      if (this.text[this.at] !== '-' || this.text[this.at + 1] === ']') {
        set.add(from);
        continue;
      }
      this.at++;
      if (this.text[this.at] === '[' && /[:.=]/.test(this.text.charAt(this.at + 1))) {
        throw new Untranslatable('has a range that ends in a class');
      }
      const to = this.setCharacter();
      if (to < from) throw new Untranslatable('has a range in reverse order');
      set.add(from, to);
    }
    this.at++;
    return set.build(this.fold, negated);
  }

  private setClass(set: SetBuilder): boolean {
    const rest = this.text.slice(this.at, this.at + 12);
    if (/^\[[.=]/.test(rest)) throw new Untranslatable('has a collating element');
    const named = /^\[:([a-z]+):\]/.exec(rest);
    if (named !== null) {
      const name = named[1] ?? '';
      if ((name === 'word' && this.dialect === 'posix') || !set.addClass(name)) {
        throw new Untranslatable(`has the class "[:${name}:]"`);
      }
      this.at += named[0].length;
      return true;
    }
    if (rest.startsWith('[:')) throw new Untranslatable('has an unfinished class');
    if (this.dialect === 'posix' || rest[0] !== '\\') return false;
    const name = ({ d: 'digit', w: 'word', s: 'space' } as Readonly<Record<string, string>>)[rest.charAt(1)];
    if (name === undefined || this.text[this.at + 2] === '-') return false;
    set.addClass(name);
    this.at += 2;
    return true;
  }

  private setCharacter(): number {
    let code = this.text.charCodeAt(this.at);
    if (code === 92 && this.dialect === 'perl') {
      this.at++;
      code = this.text.charCodeAt(this.at);
      if (/[A-Za-z0-9]/.test(this.text.charAt(this.at))) {
        throw new Untranslatable(`has the escape "\\${this.text.charAt(this.at)}" in a set`);
      }
    }
    if (Number.isNaN(code)) throw new Untranslatable('has an unmatched "["');
    if (code > 127) throw new Untranslatable('has characters outside ASCII');
    this.at++;
    return code;
  }
}
