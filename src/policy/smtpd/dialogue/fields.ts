import { nearest } from '../../../lib/nearest.ts';
import type { Problem } from '../../../lib/problem.ts';

/** What is wrong with a scenario; caught where the scenario is read, so that a batch goes on. */
export class ScenarioError extends Error {
  readonly problem: Problem;

  constructor(code: string, message: string, hint?: string) {
    super(message);
    this.problem = { code, message, ...(hint === undefined ? {} : { hint }) };
  }
}

export type Fields = Readonly<Record<string, unknown>>;

/** The value as an object of fields; anything else is an error that names the field. */
export function fieldsOf(value: unknown, name: string): Fields {
  if (typeof value === 'object' && value !== null && !Array.isArray(value)) return value as Fields;
  throw new ScenarioError('scenario-type', `"${name}" is ${kindOf(value)}, not an object`);
}

/**
 * Refuses a field that is a known one misspelt: left unnoticed, what it says would count for nothing. Fields that look
 * like none are somebody's own notes.
 */
export function noMisspelt(given: Fields, name: string, known: ReadonlySet<string>): void {
  for (const key in given) {
    if (known.has(key)) continue;
    const meant = nearest(key, [...known]);
    if (meant !== undefined) {
      throw new ScenarioError('scenario-field', `"${name}.${key}" is not known`, `did you mean "${meant}"?`);
    }
  }
}

/** A text; `undefined` and `null` give the fallback, where there is one. */
export function textOf(value: unknown, name: string, fallback?: string): string {
  if (typeof value === 'string') return oneLine(value, name);
  if ((value === undefined || value === null) && fallback !== undefined) return fallback;
  throw new ScenarioError(
    'scenario-type',
    value === undefined ? `"${name}" is missing` : `"${name}" is ${kindOf(value)}, not a text`,
  );
}

/**
 * A switch; `name` is its path in the scenario, for messages.
 * @throws ScenarioError for anything but true, false and nothing.
 */
export function booleanOf(value: unknown, name: string, fallback: boolean): boolean {
  if (typeof value === 'boolean') return value;
  if (value === undefined || value === null) return fallback;
  throw new ScenarioError('scenario-type', `"${name}" is ${kindOf(value)}, neither true nor false`);
}

/**
 * A list, empty where there is none.
 * @throws ScenarioError for anything else.
 */
export function listOf(value: unknown, name: string): readonly unknown[] {
  if (Array.isArray(value)) return value;
  if (value === undefined || value === null) return [];
  throw new ScenarioError('scenario-type', `"${name}" is ${kindOf(value)}, not a list`);
}

/** Names to texts; `file` values may have many lines. */
export function textsOf(value: unknown, name: string): Readonly<Record<string, string>> {
  if (value === undefined || value === null) return {};
  const given = fieldsOf(value, name);
  // No prototype: a file or parameter may be called anything, "__proto__" included.
  const texts: Record<string, string> = Object.create(null);
  for (const [key, text] of Object.entries(given)) {
    if (typeof text !== 'string')
      throw new ScenarioError('scenario-type', `"${name}.${key}" is ${kindOf(text)}, not a text`);
    texts[key] = text;
  }
  return texts;
}

/** What goes over the wire in one command cannot hold a line end. */
function oneLine(text: string, name: string): string {
  if (/[\r\n\0]/.test(text))
    throw new ScenarioError('scenario-text', `"${name}" holds a line break or a NUL character`);
  return text;
}

function kindOf(value: unknown): string {
  if (value === null || value === undefined) return String(value);
  if (Array.isArray(value)) return 'a list';
  if (typeof value === 'object') return 'an object';
  return typeof value === 'string' ? 'a text' : `a ${typeof value}`;
}
