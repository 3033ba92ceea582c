import { usage } from '../../lib/problem.ts';
import { readPostfixVersion } from '../settings/postfix-version.ts';

/**
 * The grammar of each kind of text that reaches a template. The inventory has checked what people typed, but it is
 * a file that anybody may edit and the ledger is another: what is written to main.cf, a map or a script is checked
 * here once more, and a text outside its grammar stops the plan.
 */
const grammars = {
  'host name': /^(?=.{1,253}$)[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?(?:\.[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?)*$/,
  'installation folder': /^(?:\/(?!\.{1,2}(?:\/|$))[A-Za-z0-9._+-]+)+$/,
  'lookup table type': /^(?:[a-z]{2,16}|\$default_database_type)$/,
  fingerprint: /^[0-9A-F]{2}(?::[0-9A-F]{2}){15,63}$/,
  'serial number': /^[0-9a-f]{1,40}$/,
  time: /^[0-9]{4,6}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}(?:\.[0-9]{1,9})?Z$/,
  'parameter name': /^[A-Za-z][A-Za-z0-9_]*$/,
  // Whatever a main.cf may hold in one logical line: no control character and none of Unicode's line ends.
  'parameter value': /^(?:|[^\p{Cc}\u2028\u2029\s](?:[^\p{Cc}\u2028\u2029]*[^\p{Cc}\u2028\u2029\s])?)$/u,
} as const;

export type Field = keyof typeof grammars;

/** The value itself when it is one of its kind, else the problem that says what it is not; exit code 2. */
export function field(kind: Field, value: unknown): string {
  if (typeof value === 'string' && grammars[kind].test(value)) return value;
  throw usage(
    `render-${kind.replaceAll(' ', '-')}`,
    `${shown(value)} is no ${kind}`,
    'see inventory.json and ledger.jsonl',
  );
}

/** One of a list of words; for settings that are a choice. */
export function choice<T extends string>(kind: string, value: unknown, words: readonly T[]): T {
  const found = words.find((word) => word === value);
  if (found !== undefined) return found;
  throw usage('render-choice', `${shown(value)} is no ${kind}`, `known are ${words.join(', ')}`);
}

/** A whole number within bounds, as text. */
export function whole(kind: string, value: unknown, least: number, most: number): string {
  if (typeof value === 'number' && Number.isInteger(value) && value >= least && value <= most) return String(value);
  throw usage('render-number', `${shown(value)} is no ${kind}`, `a whole number from ${least} to ${most}`);
}

/** A Postfix version that certrelay renders for. */
export function postfixVersion(value: unknown): string {
  const read = typeof value === 'string' && /^[0-9.]+$/.test(value) ? readPostfixVersion(value) : undefined;
  if (typeof read === 'string') return read;
  throw usage('render-version', read?.message ?? `${shown(value)} is no Postfix version`, read?.hint);
}

/** Quoted for a message: control characters escaped, long texts cut. */
function shown(value: unknown): string {
  return typeof value === 'string' ? JSON.stringify(value.slice(0, 80)) : `a value of type "${typeof value}"`;
}
