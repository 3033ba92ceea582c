import { digests } from '../../x509/algorithms.ts';
import { clientPort } from '../settings/service-port.ts';
import { hostsDefault } from '../settings/table-type.ts';
import { serverBase } from './base.ts';
import { rolesOf } from './certificate-names.ts';
import { clientPart } from './client-view.ts';
import { isInDatabase } from './database-table.ts';
import { choice, field, postfixVersion, whole } from './field.ts';
import type { RenderInput } from './input.ts';
import type { Part, Place } from './part.ts';
import { checkPin } from './relay-clientcerts.ts';
import { serverPart } from './server-view.ts';
import type { FileView, HostView } from './view.ts';

/** What is known of a host before its fragment has been rendered. */
export interface Draft extends Omit<HostView, 'versions' | 'parameters'> {
  /** Parameters that give way to a value of the host's own. */
  readonly unlessSet: readonly string[];
}

/** Names of all hosts of the inventory, sorted, each once. */
export function hostNames({ inventory }: RenderInput): readonly string[] {
  return [...new Set([...inventory.servers, ...inventory.clients].map(({ name }) => name))].sort();
}

/** The Postfix version that a host is rendered for: the server's where it is one, for a host has one Postfix. */
export function versionOf({ inventory }: RenderInput, isServer: boolean): string {
  return postfixVersion(isServer ? inventory.settings.postfix : inventory.settings.clientPostfix);
}

/** The view of one host, all of it but what only the rendered fragment can tell. */
export function draft(input: RenderInput, hostName: string): Draft {
  const { settings } = input.inventory;
  const name = field('host name', hostName);
  const roles = rolesOf(input.inventory, name);
  const isServer = roles.includes('server');
  const isClient = roles.includes('client');
  choice('digest', settings.digest, digests);
  checkPin(settings, versionOf(input, isServer));
  const place: Place = {
    name,
    roles,
    version: versionOf(input, isServer),
    folder: field('installation folder', settings.installDir),
    // What every host has of its own is in files all the same.
    tableType: field('lookup table type', (isInDatabase(settings) ? undefined : settings.tableType) ?? hostsDefault),
    port: whole('port', clientPort(settings), 1, 65_535),
  };
  const base = isServer ? serverBase(settings, place.version) : undefined;
  const server = isServer ? [serverPart(input, place, base)] : [];
  const client = isClient ? [clientPart(input, place, base)] : [];
  const parts: readonly Part<unknown>[] = [...server, ...client];
  return {
    name,
    roles,
    isServer,
    isClient,
    postfix: place.version,
    renderCommand: 'certrelay render',
    installDir: place.folder,
    files: once(parts.flatMap(({ files }) => files)),
    pairs: parts.flatMap(({ pairs }) => pairs),
    maps: parts.flatMap(({ maps }) => maps),
    tables: parts.flatMap(({ tables }) => tables),
    elements: parts.flatMap(({ elements }) => elements),
    services: parts.flatMap(({ services }) => services),
    unlessSet: parts.flatMap(({ unlessSet }) => unlessSet),
    relayPort: place.port,
    hasOwnService: isServer && settings.dedicatedPort !== undefined,
    server: server.map(({ view }) => view),
    client: client.map(({ view }) => view),
  };
}

/** Each file once: both halves of a host name the authority. */
function once(files: readonly FileView[]): readonly FileView[] {
  return [...new Map(files.map((file) => [file.name, file])).values()];
}
