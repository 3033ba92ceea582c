import { readMasterCf } from '../../policy/postfix/master-cf.ts';
import { parseVersion, type Version } from '../../policy/postfix/version.ts';
import type { Entry, Manifest, Setting } from '../programs/manifest.ts';

/** The service of a server that its clients alone come to. */
export interface DedicatedService {
  /** `2525/inet`. */
  readonly service: string;
  /** The name of the inet service, which is its port. */
  readonly listener: string;
  /** Its `-o` settings. */
  readonly overrides: readonly Setting[];
}

/** The service of its own that a folder brings; undefined where clients come to one of the server's own. */
export function dedicatedServiceOf({
  services,
  versions,
}: Pick<Manifest, 'services' | 'versions'>): DedicatedService | undefined {
  const entry = services.find(isListener);
  const version = parseVersion(versions.from);
  if (entry === undefined || 'code' in version) return undefined;
  const listener = listenerOf(entry.service);
  return { service: entry.service, listener, overrides: overridesOf(entry, version) };
}

/** The value that the server of the clients has for a parameter, as the folder says it. */
export function folderValueOf(manifest: Manifest, name: string): string | undefined {
  const own = dedicatedServiceOf(manifest);
  const found = own?.overrides.findLast((setting) => setting.name === name);
  return (found ?? manifest.settings.find((setting) => setting.name === name))?.value;
}

/** True for an entry on which an SMTP server listens. */
export function isListener({ service }: Entry): boolean {
  return service.endsWith('/inet');
}

/** The settings of an entry. */
function overridesOf({ line }: Entry, version: Version): readonly Setting[] {
  const [read] = readMasterCf(line, 'master.cf', version).services;
  return (read?.overrides ?? []).map(({ name, value }) => ({ name, value }));
}

/** The name of an inet service without its type. */
export function listenerOf(service: string): string {
  return service.slice(0, service.lastIndexOf('/'));
}

/** An entry with one blank between its words, for comparison and for people. */
export function squeezed(line: string): string {
  return line.split(/\s+/).filter(Boolean).join(' ');
}
