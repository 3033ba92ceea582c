import { nearest } from '../../lib/nearest.ts';
import { CertrelayError, type Problem } from '../../lib/problem.ts';
import { isHostName, readHostName } from './host-name.ts';
import type { Inventory } from './types.ts';

/** The hosts of an inventory that were named; upper case is folded. @throws CertrelayError (usage) with each unknown name. */
export function knownHosts(given: readonly string[], { servers, clients }: Inventory): readonly string[] {
  const known = new Set([...servers, ...clients].map(({ name }) => name));
  const names = [...new Set(given.map(folded))];
  const problems = names.flatMap((name): readonly Problem[] => {
    if (known.has(name)) return [];
    const close = nearest(name, [...known]);
    const hint = close === undefined ? '"certrelay status" lists the hosts' : `did you mean "${close}"?`;
    return [{ code: 'host-unknown', message: `there is no host "${name}" in this set-up`, hint }];
  });
  if (problems.length > 0) throw new CertrelayError('usage', ...problems);
  return names;
}

/** A name as the inventory would have it; one that cannot be a host name is left for the message. */
export function folded(given: string): string {
  const read = readHostName(given);
  return isHostName(read) ? read.name : given;
}
