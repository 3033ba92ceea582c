import { portWords } from '../../provision/settings/service-port.ts';
import type { Host, Inventory } from '../../provision/settings/types.ts';

/** What a second run finds, for the person to decide what to add. */
export function existingLines(inventory: Inventory): readonly string[] {
  const { authority, servers, clients, settings } = inventory;
  return [
    'this folder holds a set-up already:',
    `  authority  ${authority.name}`,
    `  servers    ${listed(servers)}`,
    `  clients    ${listed(clients)}`,
    `  Postfix    ${settings.postfix} on the servers, ${settings.clientPostfix} on the clients`,
    `  digest     ${settings.digest}, ${portWords(settings)}`,
  ];
}

/** A fleet has thousands of names; the first few tell which set-up this is. */
function listed(hosts: readonly Host[], most = 5): string {
  if (hosts.length === 0) return 'none';
  const names = hosts.slice(0, most).map((host) => host.name);
  return [...names, ...(hosts.length > most ? [`and ${hosts.length - most} more`] : [])].join(', ');
}
