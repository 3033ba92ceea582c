import type { CharacterSet } from './expression.ts';

/** The POSIX character classes in the C locale, by name. */
const classes: Readonly<Record<string, (code: number) => boolean>> = {
  alpha: (code) => isUpper(code) || isLower(code),
  digit: isDigit,
  alnum: (code) => isUpper(code) || isLower(code) || isDigit(code),
  upper: isUpper,
  lower: isLower,
  space: (code) => code === 32 || (code >= 9 && code <= 13),
  blank: (code) => code === 32 || code === 9,
  punct: (code) => code > 32 && code < 127 && !(isUpper(code) || isLower(code) || isDigit(code)),
  print: (code) => code >= 32 && code < 127,
  graph: (code) => code > 32 && code < 127,
  cntrl: (code) => code < 32 || code === 127,
  xdigit: (code) => isDigit(code) || (code >= 65 && code <= 70) || (code >= 97 && code <= 102),
  word: (code) => isUpper(code) || isLower(code) || isDigit(code) || code === 95,
};

function isDigit(code: number): boolean {
  return code >= 48 && code <= 57;
}

function isUpper(code: number): boolean {
  return code >= 65 && code <= 90;
}

function isLower(code: number): boolean {
  return code >= 97 && code <= 122;
}

/** A set under construction. */
export class SetBuilder {
  readonly ascii: boolean[] = new Array<boolean>(128).fill(false);
  others = false;

  add(from: number, to: number = from): void {
    for (let code = from; code <= to; code++) this.ascii[code] = true;
  }

  /** Adds the class, or its complement; false when there is no class of that name. */
  addClass(name: string, complement = false): boolean {
    const belongs = Object.hasOwn(classes, name) ? classes[name] : undefined;
    if (belongs === undefined) return false;
    for (let code = 0; code < 128; code++) if (belongs(code) !== complement) this.ascii[code] = true;
    if (complement) this.others = true;
    return true;
  }

  /** The finished set; letters match in both cases when `fold` says so, before the whole is negated. */
  build(fold: boolean, negated = false): CharacterSet {
    const ascii = this.ascii.slice();
    if (fold) {
      for (let code = 65; code <= 90; code++) {
        const either = ascii[code] === true || ascii[code + 32] === true;
        ascii[code] = either;
        ascii[code + 32] = either;
      }
    }
    if (!negated) return { ascii, others: this.others };
    return { ascii: ascii.map((member) => !member), others: !this.others };
  }
}

/** The set of one character; with `fold`, of its other letter case too. */
export function single(code: number, fold: boolean): CharacterSet {
  const set = new SetBuilder();
  set.add(code);
  return set.build(fold);
}

export const anyCharacter: CharacterSet = { ascii: new Array<boolean>(128).fill(true), others: true };
