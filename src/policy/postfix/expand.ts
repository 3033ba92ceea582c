import { isSpaceCode, printable, trimSpace } from '../../lib/text.ts';
import { domainToAscii, domainToUnicode } from './matching/domain-name.ts';
import { compareAsLevels, compareOperands, isOperator } from './relation.ts';
import { atLeast, type Version } from './version.ts';

/** The value text of a name as written, or undefined when nothing of that name exists. */
export type Lookup = (name: string) => string | undefined;

/** Why a value cannot be expanded: the warnings Postfix logs, then the line it dies with. */
export interface ExpansionFailure {
  readonly warnings: readonly string[];
  readonly fatal: string;
  /** True when this program gave up before Postfix would: the expansion is absurdly long. */
  readonly tooLong?: true;
}

/** Thrown inside this file only. */
class Failed extends Error {
  readonly failure: ExpansionFailure;
  constructor(failure: ExpansionFailure) {
    super(failure.fatal);
    this.failure = failure;
  }
}

const deepest = 100;
/** Beyond this a value that was given in few words has grown out of all proportion, and no memory would hold the next. */
export const longestExpansion = 1 << 20;
const macroError = 'dictionary mail_dict: macro processing error';
const macroFunctions: Readonly<Record<string, (text: string) => string>> = {
  domain_to_ascii: domainToAscii,
  domain_to_utf8: domainToUnicode,
};
const dollarCode = 36;

function fail(warning: string): never {
  throw new Failed({ warnings: [printable(warning)], fatal: macroError });
}

/**
 * Expands `$name`, `${name}`, `$(name)`, `$$`, conditionals and comparisons in main.cf values, as the release does
 * (postconf(5), "main.cf configuration file format"). Values of names are expanded in turn; what a name expands to is
 * kept, so that shared references cost their length once, and nesting beyond Postfix's limit is its error.
 */
export class Expander {
  private readonly lookup: Lookup;
  private readonly known = new Map<string, { readonly value: string; readonly height: number }>();
  private readonly grouping: boolean;
  private readonly blanks: boolean;
  private readonly levels: boolean;
  private readonly functions: boolean;
  private readonly longest: number;
  private reached = 0;

  /** `longest`: characters of a value that is no longer worked out. */
  constructor(lookup: Lookup, version: Version, longest = longestExpansion) {
    this.lookup = lookup;
    this.longest = longest;
    this.grouping = atLeast(version, '3.0');
    this.blanks = atLeast(version, '3.3');
    this.levels = atLeast(version, '3.6');
    this.functions = atLeast(version, '3.11');
  }

  /** The expanded text, or the failure. */
  expand(text: string): string | ExpansionFailure {
    if (!text.includes('$')) return text;
    try {
      return this.text(text, 0);
    } catch (error) {
      if (error instanceof Failed) return error.failure;
      throw error;
    }
  }

  /** Literal runs and macro references of one text, each one level of Postfix's nesting. */
  private text(text: string, level: number): string {
    const pieces: string[] = [];
    let length = 0;
    let literal = '';
    const add = (piece: string) => {
      length += piece.length;
      if (length > this.longest) {
        throw new Failed({ warnings: [], fatal: `expansion exceeds ${this.longest} characters`, tooLong: true });
      }
      if (piece !== '') pieces.push(piece);
    };
    for (let at = 0; at < text.length; ) {
      const dollar = text.indexOf('$', at);
      const end = dollar < 0 ? text.length : dollar;
      if (end > at) literal = literal === '' ? text.slice(at, end) : literal + text.slice(at, end);
      if (text.charCodeAt(end + 1) === dollarCode) {
        literal += '$';
        at = end + 2;
        continue;
      }
      if (literal !== '') {
        this.enter(level, literal);
        add(literal);
        literal = '';
      }
      if (dollar < 0) break;
      const body = macroBody(text, dollar);
      if (body.text === '') fail(`empty macro name: "${text}"`);
      this.enter(level, body.text);
      add(this.reference(body.text, level));
      at = body.end;
    }
    if (literal !== '') {
      this.enter(level, literal);
      add(literal);
    }
    return pieces.join('');
  }

  private enter(level: number, piece: string): void {
    if (level > deepest) fail(`unreasonable macro call nesting: "${piece}"`);
    if (level > this.reached) this.reached = level;
  }

  private reference(body: string, level: number): string {
    const start = this.blanks ? spaceEnd(body, 0) : 0;
    if (this.grouping && body[start] === '{') return this.relation(body, start, level);
    const end = nameEnd(body, start);
    const name = body.slice(start, end);
    const after = this.blanks ? spaceEnd(body, end) : end;
    if (after === body.length) return this.value(name, level);
    const mark = body[after];
    if (mark === '?' || mark === ':') {
      return this.conditional((this.lookup(name) ?? '') !== '', body, after, level);
    }
    if (!this.grouping) fail(`macro name syntax error: "${body}"`);
    if (this.functions && mark === '{') return this.call(name, body, after, level);
    return fail(`attribute name syntax error at: "...${body.slice(0, end)}>>>${body.slice(end, end + 20)}"`);
  }

  /** `function{argument}`, from 3.11 on; the argument is stripped of blanks and expanded. */
  private call(name: string, body: string, brace: number, level: number): string {
    const apply = macroFunctions[name];
    if (apply === undefined) return fail(`bad macro function name: "${name}"`);
    const argument = payload(body, brace);
    if (argument.next < body.length) {
      fail(`unexpected input at: "...${argument.text}}>>>${body.slice(argument.next, argument.next + 20)}"`);
    }
    return apply(this.text(trimSpace(argument.text), level + 1));
  }

  /** The value of a name, expanded; kept with the height of its nesting, which must fit wherever it is used again. */
  private value(name: string, level: number): string {
    const before = this.known.get(name);
    if (before !== undefined && level + before.height <= deepest) {
      this.reached = Math.max(this.reached, level + before.height);
      return before.value;
    }
    const text = this.lookup(name);
    if (text === undefined || text === '') return '';
    const outer = this.reached;
    this.reached = level;
    const value = this.text(text, level + 1);
    this.known.set(name, { value, height: this.reached - level });
    this.reached = Math.max(outer, this.reached);
    return value;
  }

  /** `{left} operator {right}`, then nothing (`true` or empty) or a conditional. */
  private relation(body: string, start: number, level: number): string {
    const left = payload(body, start);
    const at = left.next;
    let end = at;
    while ('=!<>'.includes(body.charAt(end)) && end < body.length) end++;
    const operator = body.slice(at, end);
    if (!isOperator(operator)) {
      const expected = '"==" or "!="" or "<"" or "<="" or ">="" or ">" expected at';
      return fail(`${expected}: "...${left.text}}>>>${body.slice(at, at + 20)}"`);
    }
    const suffixEnd = this.levels ? nameEnd(body, end) : end;
    const suffix = body.slice(end, suffixEnd);
    if (suffix !== '' && suffix !== 'level') fail(`bad operator suffix at: "...${operator}>>>${suffix}"`);
    const brace = spaceEnd(body, suffixEnd);
    if (body[brace] !== '{') {
      const rest = body.slice(suffixEnd, suffixEnd + 20);
      fail(`"{expression}" expected at: "...{${left.text}} ${operator}${suffix}>>>${rest}"`);
    }
    const right = payload(body, brace);
    const a = this.text(left.text, level + 1);
    const b = this.text(right.text, level + 1);
    const outcome = suffix === 'level' ? compareAsLevels(a, operator, b) : compareOperands(a, operator, b);
    if (typeof outcome !== 'boolean') {
      if ('warning' in outcome) return fail(outcome.warning);
      throw new Failed({ warnings: [], fatal: outcome.fatal });
    }
    if (right.next === body.length) return outcome ? 'true' : '';
    const mark = body[right.next];
    if (mark === '?' || mark === ':') return this.conditional(outcome, body, right.next, level);
    return fail(`"?" or ":" expected at: "...}>>>${body.slice(right.next, right.next + 20)}"`);
  }

  /** `?text`, `:text`, and from 3.0 on `?{text}`, `:{text}`, `?{text}:{text}`; `mark` is where `?` or `:` stands. */
  private conditional(holds: boolean, body: string, mark: number, level: number): string {
    const positive = body[mark] === '?';
    let whenTrue: string | undefined;
    let rest = mark;
    if (positive) {
      const first = this.branch(body, mark + 1);
      whenTrue = first.text;
      rest = first.next;
      if (rest < body.length && body[rest] !== ':') {
        fail(`":" expected at: "...${first.text}}>>>${body.slice(rest, rest + 20)}"`);
      }
    }
    let whenFalse: string | undefined;
    if (rest < body.length) {
      const second = this.branch(body, rest + 1);
      whenFalse = second.text;
      if (second.next < body.length) {
        fail(`unexpected input at: "...${second.text}}>>>${body.slice(second.next, second.next + 20)}"`);
      }
    }
    const chosen = holds ? whenTrue : whenFalse;
    return chosen === undefined || chosen === '' ? '' : this.text(chosen, level + 1);
  }

  private branch(body: string, at: number): { readonly text: string; readonly next: number } {
    const brace = spaceEnd(body, at);
    if (this.grouping && body[brace] === '{') return payload(body, brace);
    return { text: body.slice(at), next: body.length };
  }
}

/** What follows a `$`: the name, or the text inside its parentheses or braces; and where the reference ends. */
function macroBody(text: string, dollar: number): { readonly text: string; readonly end: number } {
  const next = text[dollar + 1];
  if (next === '(' || next === '{') {
    const end = balanced(text, dollar + 1);
    if (end < 0) fail(`truncated macro reference: "${text}"`);
    return { text: text.slice(dollar + 2, end - 1), end };
  }
  const end = nameEnd(text, dollar + 1);
  return { text: text.slice(dollar + 1, end), end };
}

/** The text inside the braces that open at `at`, and where the next thing after them begins. */
function payload(body: string, at: number): { readonly text: string; readonly next: number } {
  const end = balanced(body, at);
  if (end < 0) return fail(`unbalanced {} in attribute expression: "${body.slice(at)}"`);
  return { text: body.slice(at + 1, end - 1), next: spaceEnd(body, end) };
}

/** Where the group that opens at `at` has closed, counting its own kind of parenthesis only; -1 when it never does. */
function balanced(text: string, at: number): number {
  const open = text.charCodeAt(at);
  const close = open === 40 ? 41 : 125;
  let depth = 0;
  for (let i = at; i < text.length; i++) {
    const code = text.charCodeAt(i);
    if (code === open) depth++;
    else if (code === close && --depth === 0) return i + 1;
  }
  return -1;
}

function spaceEnd(text: string, at: number): number {
  let end = at;
  while (end < text.length && isSpaceCode(text.charCodeAt(end))) end++;
  return end;
}

function nameEnd(text: string, at: number): number {
  let end = at;
  while (end < text.length && isNameCode(text.charCodeAt(end))) end++;
  return end;
}

/** Letters, digits and `_`. */
function isNameCode(code: number): boolean {
  return (code >= 48 && code <= 57) || (code >= 65 && code <= 90) || code === 95 || (code >= 97 && code <= 122);
}
