import { compareLevels, parseLevel } from './compatibility-level.ts';

/** `==`, `!=`, `<`, `<=`, `>`, `>=`, as main.cf writes them. */
export type Operator = '==' | '!=' | '<' | '<=' | '>' | '>=';

const operators: Readonly<Record<Operator, (order: number) => boolean>> = {
  '==': (order) => order === 0,
  '!=': (order) => order !== 0,
  '<': (order) => order < 0,
  '<=': (order) => order <= 0,
  '>': (order) => order > 0,
  '>=': (order) => order >= 0,
};

/** Whether a text is one of the comparisons that `${{a} OPERATOR {b}}` takes in main.cf. */
export function isOperator(text: string): text is Operator {
  return Object.hasOwn(operators, text);
}

const longMax = 9223372036854775807n;
const allDigits = /^[0-9]+$/;

/** What the comparison says, or why it cannot be made: a warning before the macro error, or a fatal line of its own. */
export type Outcome = boolean | { readonly warning: string } | { readonly fatal: string };

/**
 * Compares two expanded operands (postconf(5), "main.cf configuration file format"): as numbers when both are all
 * digits, else byte by byte.
 */
export function compareOperands(left: string, operator: Operator, right: string): Outcome {
  if (!allDigits.test(left) || !allDigits.test(right)) return operators[operator](compareBytes(left, right));
  for (const text of [left, right]) {
    if (text.length > 18 && BigInt(text) > longMax) return { fatal: `mac_exp_eval: bad conversion: ${text}` };
  }
  const a = BigInt(left);
  const b = BigInt(right);
  return operators[operator](a < b ? -1 : a > b ? 1 : 0);
}

/** Compares two compatibility levels, part by part (`<=level` and its kin, from 3.6 on). */
export function compareAsLevels(left: string, operator: Operator, right: string): Outcome {
  const a = parseLevel(left);
  if (a === undefined) return { warning: `malformed compatibility level syntax: "${left}"` };
  const b = parseLevel(right);
  if (b === undefined) return { warning: `malformed compatibility level syntax: "${right}"` };
  return operators[operator](compareLevels(a, b));
}

/** The order of the UTF-8 bytes, which is that of the code points (UTF-16 order differs above U+FFFF). */
function compareBytes(a: string, b: string): number {
  const length = Math.min(a.length, b.length);
  for (let i = 0; i < length; ) {
    const x = a.codePointAt(i) ?? 0;
    const y = b.codePointAt(i) ?? 0;
    if (x !== y) return x - y;
    i += x > 0xffff ? 2 : 1;
  }
  return a.length - b.length;
}
