import type { ReadyKey } from '../../../lib/ready-key.ts';
import { type PostfixConfig, type Table, TableFailure } from '../../postfix/config.ts';
import { atLeast } from '../../postfix/version.ts';
import type { Trail } from '../questions/trail.ts';
import type { Key } from './keys.ts';

/** A value that stands for what an unknown table might hold. */
const unknownValue = 'unknown';

/** Whether some tables are not known, and none of them can fail. */
export function canWait(tables: readonly Table[]): boolean {
  return (
    tables.some(({ opaque }) => opaque !== undefined) &&
    tables.every(({ opaque, has }) => opaque !== undefined || has !== undefined)
  );
}

/** The tables of one map parameter, asked in order as maps_find() does. */
export class Maps {
  readonly parameter: string;
  readonly tables: readonly Table[];
  /** Some of them are not known, and none can fail: nothing need be asked of them before it counts. */
  readonly canWait: boolean;
  private readonly emptyIs: 'retry' | 'config';

  constructor(config: PostfixConfig, parameter: string) {
    this.parameter = parameter;
    this.tables = config.tables(parameter);
    this.canWait = canWait(this.tables);
    this.emptyIs = atLeast(config.version, '3.4') ? 'config' : 'retry';
  }

  /** No table is configured: nothing is ever found. */
  get empty(): boolean {
    return this.tables.length === 0;
  }

  /** The same of the tables that are known, as if there were no others. */
  findKnown(keys: readonly Key[]): string | undefined | TableFailure {
    for (let i = 0; i < keys.length; i++) {
      const { text, full } = keys[i] ?? { text: '', full: false };
      for (const table of this.tables) {
        const value = table.opaque === undefined && (full || table.fixed) ? table.find(text) : undefined;
        if (value !== undefined) return value;
      }
    }
    return undefined;
  }

  /** The first key that some table has: each key is asked of all tables in turn. */
  findAny(keys: readonly Key[], trail: Trail): string | undefined | TableFailure {
    for (let i = 0; i < keys.length; i++) {
      const key = keys[i];
      const value = key === undefined ? undefined : this.look(key.text, trail, key.full, i === 0);
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
    return this.look(key, trail, full, true, ready);
  }

  /**
   * Whether a table that is not known lists an address, by whichever of its keys, is one question, which `isFirst` asks:
   * an answer for each key would be more of them and decide nothing else.
   */
  private look(
    key: string,
    trail: Trail,
    full: boolean,
    isFirst: boolean,
    ready?: ReadyKey,
  ): string | undefined | TableFailure {
    for (let i = 0; i < this.tables.length; i++) {
      const table = this.tables[i];
      if (table === undefined || !(full || table.fixed)) continue;
      if (table.opaque !== undefined) {
        if (!isFirst) continue;
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
