import { isAbsolute, join } from 'node:path';
import { suggest } from '../../lib/nearest.ts';
import type { Problem } from '../../lib/problem.ts';
import type { Reading } from './host-name.ts';
import { type OptionKey, type OptionRule, type OptionValues, optionKeys, optionRules } from './option-rules.ts';

/** Option values as a command line yields them: camelCase names. */
export type FlagValues = Readonly<Record<string, string | boolean | readonly string[] | undefined>>;

/** A config file after JSON or YAML was parsed: any value at all, for it has not been looked at. */
export interface ConfigFile {
  readonly file: string;
  readonly values: unknown;
}

/** What one source says, each value read by its rule. */
export type Given = { [Key in OptionKey]?: OptionValues[Key] };

const pathKeys: readonly OptionKey[] = ['clientsFile', 'passphraseFile', 'databaseCa', 'serverCa', 'baseMainCf'];

interface Findings {
  readonly presets: readonly string[];
  readonly problems: Problem[];
  readonly notes: Problem[];
}

/** Reads flags; keys that describe no set-up (such as `yes`) are none of this function's business. */
export function readFlags(flags: FlagValues, findings: Findings): Given {
  const given: Given = {};
  for (const key of optionKeys) {
    const value = flags[key];
    // A switch can only be turned off by a flag; `true` is what the command line fills in when it was left out.
    if (value === undefined || value === true) continue;
    const rule = optionRules[key];
    const source = rule.takes === 'switch' ? `--no-${rule.name}` : `--${rule.name}`;
    const texts = typeof value === 'object' ? value : [String(value)];
    assign(given, key, texts, { ...findings, source });
  }
  return given;
}

/**
 * Reads a config file. Its keys are the names of the flags without dashes in front; paths in it are relative to the
 * folder of the file.
 */
export function readConfig({ file, values }: ConfigFile, folder: string, findings: Findings): Given {
  const given: Given = {};
  if (values === null || typeof values !== 'object' || Array.isArray(values)) {
    findings.problems.push({
      code: 'config-shape',
      message: `"${file}" does not hold options with their values`,
      hint: 'write one option a line, such as "relay-port: 587"',
    });
    return given;
  }
  const names = optionKeys.map((key) => optionRules[key].name);
  for (const [name, value] of Object.entries(values)) {
    const key = keyOfName(name);
    if (key === undefined) {
      findings.problems.push({
        code: 'config-key-unknown',
        message: `"${file}": ${JSON.stringify(name.slice(0, 80))} is not known`,
        hint: suggest(name, names),
      });
      continue;
    }
    const source = `"${file}": ${name}`;
    const { name: present } = optionRules[key];
    if (name !== present) {
      if (present in values) {
        findings.problems.push({
          code: 'config-key-twice',
          message: `${source} is the former name of ${present}, which is there as well`,
          hint: `take ${name} out`,
        });
        continue;
      }
      findings.notes.push({
        code: 'option-renamed',
        message: `${source} is now called ${present}; the next release refuses the old name`,
      });
    }
    const texts = configTexts(optionRules[key], value);
    if ('message' in texts) {
      findings.problems.push({ ...texts, message: `${source} ${texts.message}` });
      continue;
    }
    const resolved = pathKeys.includes(key) ? texts.map((text) => resolve(folder, text)) : texts;
    assign(given, key, resolved, { ...findings, source });
  }
  return given;
}

/** The option that a config file calls `name`; the name of the release before counts as well. */
export function keyOfName(name: string): OptionKey | undefined {
  return optionKeys.find((key) => optionRules[key].name === name || optionRules[key].formerName === name);
}

const resolve = (folder: string, path: string) => (path === '' || isAbsolute(path) ? path : join(folder, path));

function assign<Key extends OptionKey>(given: Given, key: Key, texts: readonly string[], reading: Reading): void {
  const rule: OptionRule<OptionValues[Key]> = optionRules[key];
  const value = rule.read(texts, reading);
  if (value !== undefined) given[key] = value;
}

/** The texts that a flag would have brought, or what is wrong with the kind of the value. */
function configTexts(rule: OptionRule<unknown>, value: unknown): readonly string[] | Problem {
  if (rule.takes === 'switch') {
    return typeof value === 'boolean' ? [String(value)] : kindProblem('must be true or false', 'without quotes');
  }
  if (rule.takes === 'list') {
    const list = Array.isArray(value) ? value : [value];
    return list.every((one) => typeof one === 'string') ? list : kindProblem('must be a name or a list of names');
  }
  if (typeof value === 'string') return [value];
  if (typeof value !== 'number') return kindProblem('must be a single value');
  if (rule.takes === 'number') return [String(value)];
  // YAML reads 3.10 as the number 3.1, which is another Postfix.
  return kindProblem('must be a text, not a number', `put it in quotes: ${rule.name}: "…"`);
}

function kindProblem(message: string, hint?: string): Problem {
  return { code: 'config-value-kind', message, ...(hint === undefined ? {} : { hint }) };
}
