import type { Problem } from '../../lib/problem.ts';
import { type KeyType, keyTypes } from '../../x509/algorithms.ts';
import type { Given } from './given-values.ts';
import type { AuthorityWanted, Inventory } from './types.ts';

/** What the ledger tells of the authority. */
export interface AuthorityIssued {
  readonly holder: string;
  /** A KeyType, or the description of another when the authority is from elsewhere. */
  readonly keyType: string;
  readonly notBefore: string;
  readonly notAfter: string;
}

interface Existing {
  readonly existing?: Inventory | undefined;
  readonly authority?: AuthorityIssued | undefined;
}

const standardDays = 3650;

/**
 * The authority that is wanted: the existing one if there is one, for it is never changed in place; then every option
 * that would have it otherwise is a problem.
 */
export function wantedAuthority(
  given: Given,
  keyType: KeyType,
  firstServer: string | undefined,
  { existing, authority }: Existing,
  problems: Problem[],
  notes: Problem[],
): AuthorityWanted {
  const wanted: AuthorityWanted = {
    name: given.caName ?? standardName(firstServer),
    keyType,
    days: given.caDays ?? standardDays,
    constrain: given.constrain ?? [],
  };
  const present =
    existing?.authority ?? (authority === undefined ? undefined : fromLedger(authority, wanted.constrain));
  if (present === undefined) return wanted;
  for (const [option, asked, has] of [
    ['--ca-name', given.caName, present.name],
    ['--ca-days', given.caDays, present.days],
    ['--constrain', given.constrain && domains(given.constrain), domains(present.constrain)],
  ] as const) {
    if (asked === undefined || asked === has) continue;
    problems.push({
      code: 'authority-exists',
      message: `${option}: the authority exists and has ${JSON.stringify(has)}, not ${JSON.stringify(asked)}`,
      hint: `an authority is never changed; "certrelay rotate --authority ${option} …" makes the next one`,
    });
  }
  if (given.keyType !== undefined && given.keyType !== present.keyType) {
    notes.push({
      code: 'authority-keeps-key-type',
      message: `the authority keeps its ${present.keyType} key; ${given.keyType} concerns certificates issued from now on`,
    });
  }
  return present;
}

// The order in which domains are given means nothing in the extension.
const domains = (list: readonly string[]): string => [...list].sort().join(', ');

/** RFC 5280 ends common names at 64 characters. */
function standardName(firstServer: string | undefined): string {
  const name = `certrelay authority of ${firstServer ?? ''}`.trim();
  return firstServer !== undefined && name.length <= 64 ? name : 'certrelay authority';
}

function fromLedger(issued: AuthorityIssued, constrain: readonly string[]): AuthorityWanted {
  const length = Date.parse(issued.notAfter) - Date.parse(issued.notBefore);
  const days = Math.floor(length / 86_400_000);
  return { name: issued.holder, keyType: nearestKeyType(issued.keyType), days, constrain };
}

/** The key type to have for one that certrelay does not make: the next authority gets it, and the present keeps its own. */
function nearestKeyType(described: string): KeyType {
  const same = keyTypes.find((keyType) => keyType === described);
  return same ?? (described.startsWith('rsa') ? 'rsa-4096' : 'ec-p384');
}
