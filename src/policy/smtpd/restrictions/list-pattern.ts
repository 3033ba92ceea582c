/** Which addresses of a DNS list count; or what is wrong with the pattern, in Postfix's words. */
export type ListPattern = { readonly counts: (address: string) => boolean } | { readonly problem: string };

type Field = readonly (readonly [low: number, high: number])[];

/**
 * Reads what follows the `=` of a DNS list: four fields with dots between, each a number or `[a;b..c]`; the whole may
 * stand in brackets (postconf(5), reject_rbl_client).
 */
export function readListPattern(text: string): ListPattern {
  if (text === '') return { problem: 'empty address pattern' };
  const scanner = new Scanner(
    text.startsWith('[') && text.endsWith(']') && !text.includes('[', 1) ? text.slice(1, -1) : text,
  );
  const fields: Field[] = [];
  for (let i = 0; i < 4; i++) {
    if (i > 0 && !scanner.skip('.')) return scanner.problem('need "."');
    const field = scanner.field();
    if (typeof field === 'string') return scanner.problem(field);
    fields.push(field);
  }
  if (!scanner.ended) return scanner.problem('garbage after pattern');
  return {
    counts: (address) => {
      const octets = address.split('.').map(Number);
      return octets.length === 4 && fields.every((field, i) => fits(field, octets[i] ?? -1));
    },
  };
}

function fits(field: Field, octet: number): boolean {
  return field.some(([low, high]) => octet >= low && octet <= high);
}

const needNumber = 'need decimal number 0..255 or "["';

class Scanner {
  private readonly text: string;
  private at = 0;

  constructor(text: string) {
    this.text = text;
  }

  get ended(): boolean {
    return this.at === this.text.length;
  }

  skip(word: string): boolean {
    const found = this.text.startsWith(word, this.at);
    if (found) this.at += word.length;
    return found;
  }

  /** A number or a bracketed list of numbers and ranges; the complaint where there is neither. */
  field(): Field | string {
    if (!this.skip('[')) {
      const number = this.number();
      return number === undefined ? needNumber : [[number, number]];
    }
    const ranges: (readonly [number, number])[] = [];
    do {
      const low = this.number();
      if (low === undefined) return 'need decimal number 0..255';
      const high = this.skip('.') ? (this.skip('.') ? this.number() : undefined) : low;
      if (high === undefined) return 'numeric range error';
      if (high < low) {
        this.at -= String(high).length;
        return 'numeric range error';
      }
      ranges.push([low, high]);
    } while (this.skip(';'));
    return this.skip(']') ? ranges : 'need ";", ".." or "]"';
  }

  /** Shows where reading came to a stop. */
  problem(what: string): { readonly problem: string } {
    const token = /^(\d+|[\s\S]|$)/.exec(this.text.slice(this.at))?.[0] ?? '';
    const after = this.text.slice(this.at + token.length);
    return { problem: `${what} at "${this.text.slice(0, this.at)}>${token}<${after}"` };
  }

  private number(): number | undefined {
    const digits = /^\d+/.exec(this.text.slice(this.at))?.[0];
    if (digits === undefined || Number(digits) > 255) return undefined;
    this.at += digits.length;
    return Number(digits);
  }
}
