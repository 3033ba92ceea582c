import type { ReadyKey } from '../../lib/ready-key.ts';
import { type PostfixConfig, type Table, TableFailure } from '../../postfix/config.ts';
import { atLeast } from '../../postfix/version.ts';
import type { Trail } from '../trail.ts';
import type { Key } from './keys.ts';

/** A value that stands for what an unknown table might hold. */
const unknownValue = 'unknown';

/** The tables of one map parameter, asked in order as maps_find() does. */
export class Maps {
  readonly parameter: string;
  readonly tables: readonly Table[];
  private readonly emptyIs: 'retry' | 'config';

  constructor(config: PostfixConfig, parameter: string) {
    this.parameter = parameter;
    this.tables = config.tables(parameter);
    this.emptyIs = atLeast(config.version, '3.4') ? 'config' : 'retry';
  }

  /** No table is configured: nothing is ever found. */
  get empty(): boolean {
    return this.tables.length === 0;
  }

  /** The first key that some table has: each key is asked of all tables in turn. */
  findAny(keys: readonly Key[], trail: Trail): string | undefined | TableFailure {
    for (const key of keys) {
      const value = this.find(key.text, trail, key.full);
      if (value !== undefined) return value;
    }
    return undefined;
  }

  /** Whether some table has the key, whatever it says of it; a failure where one was met before. */
  has(ready: ReadyKey, trail: Trail): boolean | TableFailure {
    for (let i = 0; i < this.tables.length; i++) {
      const table = this.tables[i];
      if (table?.has === undefined || table.opaque !== undefined) {
        const value = this.find(ready.given, trail, true, ready);
        return value instanceof TableFailure ? value : value !== undefined;
      }
      if (table.has(ready)) return true;
    }
    return false;
  }

  /** `full`: the key is not a part of a longer one, so that pattern tables are asked too. `ready`: as of a table. */
  find(key: string, trail: Trail, full = true, ready?: ReadyKey): string | undefined | TableFailure {
    for (let i = 0; i < this.tables.length; i++) {
      const table = this.tables[i];
      if (table === undefined || !(full || table.fixed)) continue;
      if (table.opaque !== undefined) {
        const supposed = trail.suppose(`table ${table.spec} key "${key}"`, [undefined, unknownValue]);
        if (supposed !== undefined) return supposed;
        continue;
      }
      const value = table.find(key, ready);
      // An empty result is a mistake in the table, not an answer.
      if (value === '')
        return new TableFailure(this.emptyIs, [`${this.parameter} lookup of ${key} returns an empty string result`]);
      if (value !== undefined) return value;
    }
    return undefined;
  }
}
