import type { Problem } from '../../lib/problem.ts';
import { CertrelayError } from '../../lib/problem.ts';
import { minorReleases } from '../../policy/postfix/version.ts';
import { databaseOutputs } from './database-outputs.ts';
import { guard } from './guard.ts';
import { type Engine, engine, isPartial, type Template } from './handlebars.ts';
import { type Draft, draft, hostNames } from './host-view.ts';
import type { RenderInput } from './input.ts';
import { noticesOf } from './notices.ts';
import { SharedEnds } from './shared-ends.ts';
import type { Assignment, HostView, Output, Role, VersionRange } from './view.ts';

export type { Template } from './handlebars.ts';
export type { RenderInput } from './input.ts';

export interface RenderPlan {
  readonly outputs: readonly Output[];
  /** The view of each host, for those who need to know more than the files say; by name. */
  readonly hosts: ReadonlyMap<string, HostView>;
  /** What the operator should know about the hosts; nothing here stops a rendering. */
  readonly notices: readonly Problem[];
}

/** A role's template: `<role>/<path>.hbs`. */
interface RoleTemplate {
  readonly name: string;
  readonly role: Role;
  readonly path: string;
  readonly kind: Output['kind'];
}

/** Postfix has no include, so what goes into main.cf is a fragment; told by the name. */
const fragments = new Set(['main.cf']);
const fragmentFrame = '_partials/_fragment.hbs';
const noRange: VersionRange = { from: '', to: '', last: '', text: '' };

/**
 * All files that follow from inventory and ledger: each template of a role for each host with that role. A host
 * with both roles gets one fragment, the server's half before the client's; any other file that both roles have is
 * about the host as a whole and must come out the same. A template that renders to nothing makes no file.
 * `names` are the hosts to be rendered; all, when they are left out. `step` is told how many are done.
 * Throws `CertrelayError` (usage) for settings that no rendering exists for, before anything is returned.
 */
export function plan(
  input: RenderInput,
  templates: readonly Template[],
  names: readonly string[] = hostNames(input),
  step: (done: number, total: number) => void = () => {},
): RenderPlan {
  const renderer = engine(templates);
  const roleTemplates = templates.flatMap(({ name }) => roleTemplate(name) ?? []);
  const ranges = new Map<string, VersionRange>();
  const hosts = new Map<string, HostView>();
  const outputs: Output[] = [];
  const ends = new SharedEnds();
  for (const name of names) {
    const drafted = draft(input, name);
    const key = shapeOf(drafted);
    const versions = ranges.get(key) ?? rangeOf(renderer, roleTemplates, input, drafted);
    ranges.set(key, versions);
    const rendered = renderHost(renderer, roleTemplates, drafted, versions);
    hosts.set(name, rendered.view);
    for (const output of rendered.outputs) outputs.push(kept(output, ends));
    step(hosts.size, names.length);
  }
  outputs.push(...databaseOutputs(renderer, templates, input));
  return { outputs, hosts, notices: noticesOf(input, [...hosts.values()]) };
}

/** Of ten thousand hosts the scripts alone would be hundreds of megabytes. */
function kept({ content, ...output }: Output, ends: SharedEnds): Output {
  const text = ends.keep(output.template, content);
  return {
    ...output,
    get content() {
      return text();
    },
  };
}

function roleTemplate(name: string): RoleTemplate | undefined {
  const match = /^(server|client)\/(.+)\.hbs$/.exec(name);
  if (match === null || isPartial(name)) return undefined;
  const path = match[2] ?? '';
  return {
    name,
    role: match[1] === 'server' ? 'server' : 'client',
    path,
    kind: fragments.has(path) ? 'fragment' : 'file',
  };
}

function renderHost(
  renderer: Engine,
  templates: readonly RoleTemplate[],
  drafted: Draft,
  versions: VersionRange,
): { readonly view: HostView; readonly outputs: readonly Output[] } {
  const { unlessSet, ...host } = drafted;
  const isElement = new Set(drafted.elements.map(({ name }) => name));
  const mine = templates.filter(({ role }) => drafted.roles.includes(role));
  const halves = guard({ ...host, versions, parameters: [] });
  const bodies = drafted.roles.flatMap((role) =>
    mine
      .filter((template) => template.kind === 'fragment' && template.role === role)
      .map((template) => renderer.render(template.name, halves).trimEnd()),
  );
  const parameters = parametersOf(bodies.join('\n'))
    .filter(({ name }) => !isElement.has(name))
    .map((set) => ({ ...set, unlessSet: unlessSet.includes(set.name) }));
  const view: HostView = { ...halves, parameters };
  const byPath = new Map<string, Output>();
  for (const template of mine) {
    const content =
      template.kind === 'fragment'
        ? renderer.render(fragmentFrame, { ...view, bodies })
        : renderer.render(template.name, view);
    const known = byPath.get(template.path);
    if (known !== undefined && known.content !== content) {
      throw new Error(`"${known.template}" and "${template.name}" make different files of one name`);
    }
    if (known !== undefined || content.trim() === '') continue;
    const to = `hosts/${view.name}/${template.path}`;
    byPath.set(template.path, { template: template.name, to, mode: 0o644, kind: template.kind, content });
  }
  return { view, outputs: [...byPath.values()] };
}

/** The series for which a host of this shape comes out the same; the map is left out, for no version changes it. */
function rangeOf(
  renderer: Engine,
  templates: readonly RoleTemplate[],
  input: RenderInput,
  drafted: Draft,
): VersionRange {
  // Of a fleet's clients none but itself makes a difference, and there are as many renderings as versions.
  const clients = input.inventory.clients.filter(({ name }) => name === drafted.name);
  const inventory = { ...input.inventory, clients };
  const bare = (version: string): Draft => {
    const settings = drafted.isServer
      ? { ...inventory.settings, postfix: version }
      : { ...inventory.settings, clientPostfix: version };
    const there = draft({ ...input, inventory: { ...inventory, settings } }, drafted.name);
    // The list of tables is the host's own, whatever a version has for it.
    const server = there.server.map((view) => ({
      ...{ ...view, entries: [], kept: [] },
      database: view.database.map((database) => ({ ...database, proxyReadMaps: '' })),
    }));
    return { ...there, postfix: '', server };
  };
  return versionRange(drafted.postfix, bare, (there) =>
    JSON.stringify(renderHost(renderer, templates, there, noRange).outputs),
  );
}

/** What of a host the version range can depend on: hosts of one shape differ in names only. */
function shapeOf({ roles, files, name }: Draft): string {
  return JSON.stringify([roles, files.map((file) => file.name.replace(name, ''))]);
}

/**
 * The parameters that a fragment sets, in its order, as its text says them: what is installed is what is read here,
 * so that text and installation cannot differ. Fragments have one parameter a line (no continuation), none twice.
 */
export function parametersOf(fragment: string): readonly Assignment[] {
  const found = new Map<string, string>();
  for (const line of fragment.split('\n')) {
    if (line === '' || line.startsWith('#')) continue;
    const match = /^([A-Za-z][A-Za-z0-9_]*) =(?: (\S|\S.*\S))?$/.exec(line);
    const name = match?.[1];
    if (name === undefined) throw new Error(`a template makes a line that is no parameter: ${JSON.stringify(line)}`);
    if (found.has(name)) throw new Error(`a template sets "${name}" twice`);
    found.set(name, match?.[2] ?? '');
  }
  return [...found].map(([name, value]) => ({ name, value }));
}

/** The minor release of a version: `2.10` of `2.10.1`. */
function minorOf(version: string): string {
  return version.split('.').slice(0, 2).join('.');
}

/**
 * The unbroken range of minor releases around a version for which `render` gives the same text. A minor release for which the same
 * settings cannot be rendered at all ends the range. `view` is all that a rendering is made of: where that is the same, so is
 * the text, and it is not rendered to be compared.
 */
function versionRange<View>(
  version: string,
  view: (version: string) => View,
  render: (view: View) => string,
): VersionRange {
  const wanted = view(version);
  const wantedParts = JSON.stringify(wanted);
  let wantedText: string | undefined;
  const same = (minor: string): boolean => {
    try {
      const there = view(minor);
      if (JSON.stringify(there) === wantedParts) return true;
      wantedText ??= render(wanted);
      return render(there) === wantedText;
    } catch (error) {
      if (error instanceof CertrelayError) return false;
      throw error;
    }
  };
  const here = minorReleases.indexOf(minorOf(version));
  let from = here;
  let last = here;
  while (from > 0 && same(minorReleases[from - 1] ?? '')) from -= 1;
  while (last < minorReleases.length - 1 && same(minorReleases[last + 1] ?? '')) last += 1;
  return rangeBetween(minorReleases[from] ?? '', minorReleases[last] ?? '', minorReleases[last + 1]);
}

function rangeBetween(from: string, last: string, next: string | undefined): VersionRange {
  const [major = 0, minor = 0] = last.split('.').map(Number);
  return { from, last, to: next ?? `${major}.${minor + 1}`, text: from === last ? from : `${from} to ${last}` };
}
