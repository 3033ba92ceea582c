import { splitNameValue } from '../../postfix/main-cf.ts';
import { closedGroup } from '../../postfix/tables/braced-list.ts';
import { tokens } from '../../postfix/tokens.ts';
import { atLeast, type Version } from '../../postfix/version.ts';
import type { FingerprintKind } from './fingerprints.ts';

/** What a key of a certificate's table may be made of; nothing where the word is taken and then not acted on. */
export const searchWords: ReadonlyMap<string, FingerprintKind | undefined> = new Map<
  string,
  FingerprintKind | undefined
>([
  ['cert_fingerprint', 'certificate'],
  ['pubkey_fingerprint', 'public key'],
  ['issuer_cn', undefined],
  ['subject_cn', undefined],
]);

/** The argument of check_ccert_access: a table, and the keys to look for in their order. */
export interface CertificateTable {
  readonly table: string;
  /** Words of `searchWords`. */
  readonly order: readonly string[];
}

const usual = ['cert_fingerprint', 'pubkey_fingerprint'];

/**
 * Reads `type:table`, or from 3.5 on `{ type:table, { search_order = cert_fingerprint, … } }`, where a setting without
 * blanks and commas needs no braces of its own (postconf(5), check_ccert_access). Older releases take the braces for part
 * of a table's name. Undefined where the server finds a mistake, which it tells when it starts.
 */
export function certificateTable(argument: string, version: Version): CertificateTable | undefined {
  if (!argument.startsWith('{') || !atLeast(version, '3.5')) return { table: argument, order: usual };
  const body = closedGroup(argument);
  if (typeof body !== 'string') return undefined;
  const [table, ...settings] = tokens(body, version);
  if (table?.includes(':') !== true || table.startsWith('{')) return undefined;
  let order: readonly string[] = usual;
  for (const setting of settings) {
    const text = setting.startsWith('{') ? closedGroup(setting) : setting;
    const pair = typeof text === 'string' ? splitNameValue(text) : '';
    if (typeof pair === 'string' || pair.name.toLowerCase() !== 'search_order') return undefined;
    order = tokens(pair.value.toLowerCase(), version);
  }
  // Only the last order counts, and only it is judged.
  return order.every((word) => searchWords.has(word)) ? { table, order } : undefined;
}
