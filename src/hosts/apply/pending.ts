import { type Entry, type FileMode, lineOf, type Manifest, type Setting } from '../programs/manifest.ts';
import { isListener, squeezed } from './dedicated-service.ts';
import type { HostFolder } from './read-folder.ts';
import type { InstalledFile, Target } from './target.ts';

/** A parameter to be set, beside what it is now; undefined: not set. */
export interface DueSetting extends Setting {
  readonly was: string | undefined;
}

/** Everything by which a host differs from what its folder says. */
export interface Pending {
  readonly files: readonly { readonly name: string; readonly mode: FileMode; readonly content: Buffer }[];
  /** Tables to be built; the type is one that Postfix has. */
  readonly tables: readonly { readonly type: string; readonly file: string; readonly source: Buffer }[];
  readonly settings: readonly DueSetting[];
  /** Parameters that an earlier run set, that the folder no longer names, and that were not set before it. */
  readonly removals: readonly string[];
  readonly services: readonly Entry[];
  /** Entries of master.cf that an earlier run put there and the folder no longer has. */
  readonly drops: readonly Entry[];
  /** A run was cut off: Postfix may still work by what was before it. */
  readonly unfinished: boolean;
}

/** What is known of the host beside its files. */
export interface HostFacts {
  /** The type of a table as Postfix reads it from main.cf. */
  tableType(type: string): string;
  /** Files of the folder whose tables on the host answer to every key as the folder says. */
  readonly answering: ReadonlySet<string>;
  /** `mynetworks_style` as it is in force. */
  readonly networksStyle: string;
  /** The host's own lists, each with the element that the folder adds; absent: it adds none. */
  readonly elements?: readonly Setting[];
}

/** Works out what is to be done; nothing is done. */
export function pendingOf({ manifest, files }: HostFolder, target: Target, facts: HostFacts): Pending {
  const due = manifest.files.filter(
    ({ name, mode }) => !isInstalled(files.get(name), mode, target.installed.get(name)),
  );
  const fileNames = new Set(due.map(({ name }) => name));
  const tables = manifest.maps.filter(({ file }) => fileNames.has(file) || !facts.answering.has(file));
  const unlessSet = settingsUnlessSet(manifest, target, facts);
  const leftOver = leftOverOf([...manifest.settings, ...unlessSet, ...(facts.elements ?? [])], target);
  const settings = [
    ...[...manifest.settings, ...(facts.elements ?? [])].filter(({ name, value }) => target.set.get(name) !== value),
    ...unlessSet.filter(({ name }) => !target.set.has(name)),
    ...leftOver.settings,
  ];
  return {
    files: due.map(({ name, mode }) => ({ name, mode, content: files.get(name) ?? Buffer.alloc(0) })),
    tables: tables.map(({ type, file }) => ({
      ...{ type: facts.tableType(type), file },
      source: files.get(file) ?? Buffer.alloc(0),
    })),
    settings: settings.map((setting) => ({ ...setting, was: target.set.get(setting.name) })),
    removals: leftOver.removals,
    services: manifest.services.filter(
      ({ service, line }) => squeezed(target.entries.get(service) ?? '') !== squeezed(line),
    ),
    drops: dropsOf(manifest, target),
    unfinished: target.backups[0]?.unfinished === true,
  };
}

/** True when there is anything to do. */
export function isPending({ files, tables, settings, removals, services, drops, unfinished }: Pending): boolean {
  return unfinished || [files, tables, settings, removals, services, drops].some((list) => list.length > 0);
}

/**
 * The settings that give way to the host's own. A server that leaves mynetworks to a default that is every network it is
 * attached to (up to 2.11, and later below compatibility level 2; postconf(5), mynetworks_style) gets the loopback
 * networks: permit_mynetworks would let each machine there relay without a certificate.
 */
export function settingsUnlessSet(
  { settings, settingsUnlessSet: rendered, relayPort, services }: Manifest,
  { set }: Pick<Target, 'set'>,
  { networksStyle }: Pick<HostFacts, 'networksStyle'>,
): readonly Setting[] {
  const isSaid = [...settings, ...rendered].some(({ name }) => name === 'mynetworks');
  // A service of its own lets nobody in by address, and the others are none of its business.
  const hasOwnService = services.some(isListener);
  if (relayPort === undefined || hasOwnService || isSaid || set.has('mynetworks_style') || networksStyle === 'host')
    return rendered;
  return [...rendered, { name: 'mynetworks', value: '127.0.0.0/8, [::1]/128' }];
}

/**
 * Parameters that an earlier run set and the folder no longer names, where they still have the value of that run: they
 * go back to what they were before certrelay came.
 */
function leftOverOf(rendered: readonly Setting[], { owned, before, set }: Target) {
  const settings: Setting[] = [];
  const removals: string[] = [];
  const named = new Set(rendered.map(({ name }) => name));
  for (const { name, value } of owned) {
    if (named.has(name) || set.get(name) !== value) continue;
    const was = before.find((setting) => setting.name === name);
    if (was === undefined) removals.push(name);
    else settings.push(was);
  }
  return { settings, removals };
}

/** Entries that are still as that run made them; one that somebody edited is his. */
function dropsOf({ services }: Manifest, { put, entries }: Target): readonly Entry[] {
  const named = new Set(services.map(({ service }) => service));
  const last = new Map(put.map((entry) => [entry.service, entry]));
  return [...last.values()].filter(
    ({ service }) =>
      !named.has(service) &&
      put.some((one) => one.service === service && squeezed(one.line) === squeezed(entries.get(service) ?? '')),
  );
}

function isInstalled(content: Buffer | undefined, mode: number, there: InstalledFile | undefined): boolean {
  return there !== undefined && content?.equals(there.content) === true && there.mode === mode && there.isRoots;
}

/** What main.cf set and master.cf had before a run (of the whole chain of runs, when one was cut off). */
export interface Original {
  readonly set: ReadonlyMap<string, string>;
  readonly entries: ReadonlyMap<string, string>;
}

/** The lines of the records beside the backups, by their names. */
export type Records = Readonly<Record<'owned' | 'before' | 'entries', readonly string[]>>;

/**
 * The records beside the backups after a run: the parameters that are certrelay's now, what they were before they became
 * so, and the entries of master.cf that are certrelay's.
 */
export function recordsAfter(
  manifest: Manifest,
  unlessSet: readonly Setting[],
  { owned, before, put }: Pick<Target, 'owned' | 'before' | 'put'>,
  original: Original,
  elements: readonly Setting[] = [],
): Records {
  const known = new Set(owned.map(lineOf));
  // A value that gave way to the host's own is not certrelay's.
  const taken = unlessSet.filter((setting) => known.has(lineOf(setting)) || !original.set.has(setting.name));
  const grown = elements.filter(
    (setting) => known.has(lineOf(setting)) || original.set.get(setting.name) !== setting.value,
  );
  const all = [...manifest.settings, ...taken, ...grown];
  const was = ({ name }: Setting) =>
    owned.some((setting) => setting.name === name)
      ? before.find((setting) => setting.name === name)?.value
      : original.set.get(name);
  return {
    owned: all.map(lineOf),
    before: all.flatMap((setting) => {
      const value = was(setting);
      return value === undefined ? [] : [`${setting.name} = ${value}`];
    }),
    // An entry that was there already, as it is wanted, is somebody else's.
    entries: manifest.services
      .filter(
        ({ service, line }) =>
          put.some((one) => one.service === service) ||
          squeezed(original.entries.get(service) ?? '') !== squeezed(line),
      )
      .map(({ service, line }) => `${service} ${line}`),
  };
}
