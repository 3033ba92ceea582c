import type { Problem } from '../lib/problem.ts';
import { serverBase } from './base.ts';
import type { RenderInput } from './input.ts';
import type { HostView } from './view.ts';

/** What the operator should know beside the files: nothing here stops a rendering. */
export function noticesOf(input: RenderInput, hosts: readonly HostView[]): readonly Problem[] {
  const { settings } = input.inventory;
  const server = hosts.find(({ isServer }) => isServer);
  const base = server === undefined ? undefined : serverBase(settings, server.postfix);
  const listens = base?.get('inet_interfaces').trim().toLowerCase();
  if (listens === undefined || !['localhost', 'loopback-only', '127.0.0.1'].includes(listens)) return [];
  return [
    {
      code: 'server-loopback-only',
      message: `the server's main.cf has "inet_interfaces = ${listens}": no client can reach it`,
      hint: 'set "inet_interfaces = all" on the server, and restart Postfix there',
    },
  ];
}
