import { jsonErrorAt } from '../../lib/json-error.ts';
import type { Problem, Span } from '../../lib/problem.ts';
import { checkBase } from '../settings/given-texts.ts';
import type { Reading } from '../settings/host-name.ts';
import { standardInstallDir } from '../settings/install-dir.ts';
import { readNames } from '../settings/name-list.ts';
import { type OptionKey, type OptionValues, optionRules } from '../settings/option-rules.ts';
import type { AuthorityWanted, Host, Inventory, Settings } from '../settings/types.ts';

type Fields = Readonly<Record<string, unknown>>;

const schema = 'certrelay/inventory@1';

/** Which option's rule judges a stored setting; the three texts beside them are judged here. */
const ruled = [
  ...[
    'postfix',
    'clientPostfix',
    'os',
    'clientOs',
    'relayPort',
    'dedicatedPort',
    'digest',
    'keyType',
    'days',
    'tableType',
    'database',
    'policy',
  ],
  ...['unauthorized', 'permitSasl', 'mynetworks', 'clientLevel', 'pin', 'serverCert', 'installDir'],
] as readonly (keyof Settings & OptionKey)[];
const optional: readonly string[] = ['os', 'clientOs', 'dedicatedPort', 'tableType', 'database', 'mynetworks'];
/** The name under which a setting is stored: 0.1.0 called the dedicated service's port `service`, and must read it, too. */
const storedName = (name: string): string => (name === 'dedicatedPort' ? 'service' : name);
const texts = ['databaseCa', 'serverCa', 'baseMainCf'] as const;

/**
 * Reads the text of inventory.json. Every value is judged by the rule that judges it as an option, for people edit this
 * file; what it shows of certificates is a view of the ledger and is passed over.
 */
export function readInventory(text: string, file: string): Inventory | readonly Problem[] {
  const { fields, problem } = parse(text, file);
  if (problem !== undefined) return [problem];
  const problems: Problem[] = [];
  const reader = new Reader(file, problems);
  const version = versionProblem(fields.schema, file);
  if (version !== undefined) return [version];
  reader.only(fields, '', ['schema', 'events', 'authority', 'settings', 'servers', 'clients']);
  const inventory = {
    schema,
    authority: reader.authority(fields.authority),
    settings: reader.settings(fields.settings),
    servers: reader.hosts(fields.servers, 'servers'),
    clients: reader.hosts(fields.clients, 'clients'),
  } as const;
  return problems.length > 0 ? problems : inventory;
}

function versionProblem(found: unknown, file: string): Problem | undefined {
  if (found === schema) return undefined;
  const where = { file, line: 1, column: 1 };
  const newer = typeof found === 'string' ? /^certrelay\/inventory@([0-9]+)$/.exec(found) : null;
  if (newer !== null) {
    return {
      code: 'inventory-newer',
      message: `the inventory has schema version ${newer[1]}; this certrelay knows version 1`,
      hint: 'use the certrelay that wrote it, or a newer one',
      where,
    };
  }
  return {
    code: 'inventory-schema',
    message: `the file is no inventory: its "schema" is not "${schema}"`,
    hint: 'name the right folder with --out',
    where,
  };
}

type Parsed =
  | { readonly fields: Fields; readonly problem?: undefined }
  | { readonly fields?: undefined; readonly problem: Problem };

function parse(text: string, file: string): Parsed {
  try {
    const value: unknown = JSON.parse(text);
    if (isObject(value)) return { fields: value };
    const where = { file, line: 1, column: 1 };
    return { problem: { code: 'inventory-json', message: 'the inventory is not a JSON object', where } };
  } catch {
    const position = jsonErrorAt(text);
    const isCut = position >= text.trimEnd().length;
    const problem = {
      code: 'inventory-json',
      message: isCut ? 'the inventory ends in the middle: it was cut short' : 'the inventory is not valid JSON',
      hint: 'restore it from a copy, or put it right by hand; it was not overwritten',
      where: spanAt(text, isCut ? text.length : position, file),
    };
    return { problem };
  }
}

function spanAt(text: string, position: number, file: string): Span {
  const before = text.slice(0, position).split('\n');
  return { file, line: before.length, column: (before.at(-1) ?? '').length + 1 };
}

function isObject(value: unknown): value is Fields {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** Reads the parts of an inventory and collects what is wrong with them. */
class Reader {
  readonly file: string;
  readonly problems: Problem[];

  constructor(file: string, problems: Problem[]) {
    this.file = file;
    this.problems = problems;
  }

  only(fields: Fields, path: string, known: readonly string[]): void {
    for (const name of Object.keys(fields)) {
      if (!known.includes(name)) this.wrong(path + name, 'is not known');
    }
  }

  authority(found: unknown): AuthorityWanted {
    const fields = this.object(found, 'authority');
    this.only(fields, 'authority.', ['name', 'keyType', 'days', 'constrain', 'certificates']);
    return {
      name: this.value(fields, 'authority.', 'name', 'caName') ?? '',
      keyType: this.value(fields, 'authority.', 'keyType', 'keyType') ?? 'ec-p256',
      days: this.value(fields, 'authority.', 'days', 'caDays') ?? 1,
      constrain: this.value(fields, 'authority.', 'constrain', 'constrain') ?? [],
    };
  }

  settings(found: unknown): Settings {
    const fields = this.object(found, 'settings');
    this.only(fields, 'settings.', [...ruled.map(storedName), ...texts]);
    const settings: Record<string, unknown> = { installDir: standardInstallDir };
    for (const name of ruled) {
      const stored = storedName(name);
      if (fields[stored] === undefined && optional.includes(name)) continue;
      const value = this.value(fields, 'settings.', stored, name);
      if (value !== undefined) settings[name] = value;
    }
    for (const name of texts) {
      const value = fields[name];
      if (value === undefined) continue;
      if (typeof value !== 'string' || typeof checkBase(value, this.file) !== 'string') {
        this.wrong(`settings.${name}`, 'is wrong');
      } else settings[name] = value;
    }
    // Complete when no problem was found: every name that is not optional was read or reported.
    return settings as unknown as Settings;
  }

  hosts(found: unknown, name: string): readonly Host[] {
    if (!Array.isArray(found)) {
      this.wrong(name, 'is missing or wrong');
      return [];
    }
    const given = found.map((host, index) => {
      const fields = this.object(host, `${name}[${index}]`);
      this.only(fields, `${name}[${index}].`, ['name', 'certificates']);
      return { text: typeof fields.name === 'string' ? fields.name : '' };
    });
    const notes: Problem[] = [];
    const names = readNames(given, { problems: this.problems, notes, source: `"${this.file}": ${name}` }) ?? [];
    return names.map((host) => ({ name: host }));
  }

  /** One stored value, as the rule of the option reads it. */
  value<Key extends OptionKey>(fields: Fields, path: string, name: string, key: Key): OptionValues[Key] | undefined {
    const rule: { takes: string; read(given: readonly string[], reading: Reading): OptionValues[Key] | undefined } =
      optionRules[key];
    const found = fields[name];
    const kinds = { text: 'string', number: 'number', switch: 'boolean', list: 'object' } as const;
    const isRight =
      typeof found === kinds[optionRules[key].takes] &&
      (rule.takes !== 'list' || (Array.isArray(found) && found.every((one) => typeof one === 'string')));
    if (!isRight) {
      this.wrong(path + name, found === undefined ? 'is missing' : 'is of the wrong kind');
      return undefined;
    }
    const given: readonly string[] = Array.isArray(found) ? found : [String(found)];
    const presets = key === 'os' || key === 'clientOs' ? given : [];
    return rule.read(given, { presets, problems: this.problems, notes: [], source: `"${this.file}": ${path}${name}` });
  }

  private object(found: unknown, name: string): Fields {
    if (isObject(found)) return found;
    this.wrong(name, 'is missing or wrong');
    return {};
  }

  private wrong(name: string, says: string): void {
    this.problems.push({
      code: 'inventory-field',
      message: `"${this.file}": "${name}" ${says}`,
      hint: 'put it right by hand, or restore the file from a copy',
    });
  }
}
