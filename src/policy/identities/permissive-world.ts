import type { SessionInput } from './sessions.ts';

/** DNS in which every name of the session exists and receives mail, and no DNS list has an entry. */
export function permissiveWorld({
  client,
  helo,
  mailFrom,
  rcptTo,
}: Pick<SessionInput, 'client' | 'helo' | 'mailFrom' | 'rcptTo'>): Record<string, readonly string[]> {
  const domains = [
    helo,
    client.name,
    ...[mailFrom, ...rcptTo].map((address) => address.slice(address.lastIndexOf('@') + 1)),
  ];
  return Object.fromEntries(
    domains.flatMap((domain) => [
      [`${domain}/MX`, [`10 ${domain}`]],
      [`${domain}/NS`, [`ns.${domain}`]],
      [`${domain}/A`, [client.address]],
      [`ns.${domain}/A`, [client.address]],
    ]),
  );
}

/** Every policy service that `text` names, answering DUNNO. */
export function permissivePolicies(text: string): Record<string, string> {
  const named = text.matchAll(/check_policy_service[\s,]*\{?[\s,]*((?:inet|unix):[^\s,{}]+)/gi);
  return Object.fromEntries([...named].map(([, service = '']) => [service, 'DUNNO']));
}
