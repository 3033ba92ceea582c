import { currentCertificate, type LedgerState } from '../ledger/ledger-state.ts';
import type { Inventory, LedgerEvent } from '../settings/types.ts';
import { isPublished } from './publication.ts';

/** What brings the lines to servers that share a table. */
export function publishLine(out: string): string {
  return `certrelay publish --database URL${out === 'out' ? '' : ` --out ${out}`}`;
}

/** What the operator does after add, a line each. */
export function nextLines(
  names: readonly string[],
  events: readonly LedgerEvent[],
  { state }: { readonly state: LedgerState },
  { servers, settings }: Inventory,
  out: string,
): readonly string[] {
  const suffix = out === 'out' ? '' : ` --out ${out}`;
  const some = (hosts: readonly string[]) => (hosts.length > 3 ? `${hosts.length} hosts` : hosts.join(', '));
  const all = servers.map(({ name }) => name);
  const copies = `copy ${out}/hosts/${all.length === 1 ? all[0] : 'NAME'}/ to ${some(all)} and run there, as root: sh install.sh`;
  const hasTable = isPublished({ settings });
  const [name = 'NAME'] = names;
  const issued = events.find((event) => event.event === 'issued' && event.role !== 'authority');
  const origin = issued?.event === 'issued' ? issued.origin : undefined;
  const isServer = issued?.event === 'issued' && issued.role === 'server';
  // One publication for all servers; of their files none says who the clients are.
  const maps = hasTable && !isServer ? publishLine(out) : copies;
  const isThere = issued?.event === 'issued' && currentCertificate(state, name, 'client') !== undefined;
  const own = `on ${name}, in the copied folder: cat KEY ${name}.crt > ${name}.pem (KEY is its private key; chmod 600)`;
  const files = `${out}/hosts/${names.length === 1 ? name : 'NAME'}/`;
  if (origin === 'request' && isThere) {
    // It takes the place of another, which the host goes on using until every server has the map.
    return [
      maps,
      hasTable
        ? `then go on, for the files of ${name} change only then: certrelay rotate ${name}${suffix}`
        : `then say so, for the files of ${name} change only then: certrelay rotate --deployed ${all.join(' ')}${suffix}`,
      `copy ${files} to ${name}`,
      own,
      `run there, as root: sh install.sh, and say so: certrelay rotate --deployed ${name}${suffix}`,
    ];
  }
  // Listed beside what the host has; nothing of its own changes.
  if (origin === 'elsewhere' && isThere) return [maps];
  return [
    maps,
    ...(origin === 'request' ? [own] : []),
    ...(origin === 'elsewhere'
      ? [`on ${name}, in the copied folder: cat KEY CERTIFICATE > ${name}.pem (chmod 600)`]
      : []),
    isServer
      ? `then the same with ${out}/hosts/NAME/ on every client, which relays through ${some(all)} from then on`
      : `then the same with ${files} on ${some(names)}: sh install.sh`,
  ];
}
