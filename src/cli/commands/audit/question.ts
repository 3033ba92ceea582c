import { restrictionLists } from '../../../diagnose/configuration/elements.ts';
import { usage } from '../../../lib/problem.ts';
import { type Query, usualLimit } from '../../../policy/explore/query.ts';
import type { Options } from '../../command.ts';

/** What an audit or a comparison is about, and what it is called. */
export interface Question {
  readonly name: string;
  readonly query: Query;
}

/** Lists that judge mail; ETRN brings none. */
const lists: readonly string[] = restrictionLists.filter((list) => list !== 'smtpd_etrn_restrictions');

/** Reads --for and --limit. Throws a CertrelayError. */
export function readQuestion(options: Options, fallback: 'relay' | 'any'): Question {
  const limit = limitOf(options.limit);
  const name = typeof options.for === 'string' ? options.for : fallback;
  if (name === 'relay') return { name, query: { recipients: 'remote', limit } };
  if (name === 'receive') return { name, query: { recipients: 'own', limit } };
  if (name === 'any') return { name, query: { recipients: 'any', limit } };
  if (lists.includes(name)) return { name, query: { recipients: 'any', list: name, limit } };
  throw usage('for-unknown', `--for "${name}" is no question`, `relay, receive, or one of ${lists.join(', ')}`);
}

function limitOf(given: Options[string]): number {
  if (given === undefined) return usualLimit;
  const limit = /^[1-9]\d{0,8}$/.test(String(given)) ? Number(given) : 0;
  if (limit > 0) return limit;
  throw usage('limit-number', `--limit "${String(given)}" is not a number of paths`, 'a whole number from 1 on');
}
