import type { ConfigSources } from '../../policy/postfix/config.ts';
import type { ServiceEvidence } from '../evidence/evidence.ts';

/** The master.cf entry (`submission/inet`) whose -o sets a parameter; undefined where main.cf or nobody does. */
export function overrideOf({ config, name, service }: ServiceEvidence, parameter: string): string | undefined {
  if (config.origin(parameter).kind !== 'master.cf' || service === undefined) return undefined;
  return `${name}/${service.type}`;
}

/** A parameter set to another value, in main.cf or, where a service is named, as its `-o`. */
export interface ParameterEdit {
  readonly kind: 'parameter';
  readonly name: string;
  readonly value: string;
  /** The master.cf entry, `submission/inet`; absent: main.cf. */
  readonly service?: string;
}

/** A lookup table's source with other lines. */
export interface TableEdit {
  readonly kind: 'table';
  /** As the configuration names it, with its type: `hash:/etc/postfix/relay_clientcerts`. */
  readonly spec: string;
  readonly path: string;
  /** The whole source after the edit. */
  readonly text: string;
}

export type Edit = ParameterEdit | TableEdit;

/** A parameter set in main.cf (postconf -e), or with -o for a service of master.cf (postconf -P), such as `smtp/inet`. */
export function setTo(name: string, value: string, service?: string): ParameterEdit {
  if (service === undefined) return { kind: 'parameter', name, value };
  // postconf -P takes no blanks; commas part the elements of a list as well.
  const compact = value.includes('{') ? value : value.replace(/\s*,\s*|\s+/g, ',');
  return { kind: 'parameter', name, value: compact, service };
}

/** The sources with the edits made; what postconf(1) would make of the files. */
export function edited(sources: ConfigSources, edits: readonly Edit[]): ConfigSources {
  let now = sources;
  for (const edit of edits) now = once(now, edit);
  return now;
}

function once(sources: ConfigSources, edit: Edit): ConfigSources {
  if (edit.kind === 'table') return { ...sources, tables: { ...sources.tables, [edit.path]: edit.text } };
  if (edit.service === undefined) return { ...sources, mainCf: withParameter(sources.mainCf, edit) };
  return { ...sources, masterCf: withOverride(sources.masterCf ?? '', edit) };
}

function withParameter(mainCf: ConfigSources['mainCf'], edit: ParameterEdit): ConfigSources['mainCf'] {
  return typeof mainCf === 'string'
    ? parameterSet(mainCf, edit.name, edit.value)
    : { ...mainCf, [edit.name]: edit.value };
}

/**
 * A main.cf text as `postconf -e 'name = value'` leaves it: each definition replaced where it stands, its continuation
 * lines gone. A new one goes to the end, or to its place in sorted text, which is what `postconf -n` prints.
 */
export function parameterSet(text: string, name: string, value: string): string {
  const lines = text.replace(/\n*$/, '').split('\n');
  const line = value === '' ? `${name} =` : `${name} = ${value}`;
  const definition = new RegExp(`^${name}\\s*=`);
  const kept: string[] = [];
  let replacing = false;
  let found = false;
  for (const each of lines) {
    const isText = !/^\s*(?:#|$)/.test(each);
    const continues = isText && /^[ \t]/.test(each);
    if (isText && !continues) replacing = definition.test(each);
    if (isText && replacing) {
      found = true;
      if (!continues) kept.push(line);
    } else kept.push(each);
  }
  if (!found) kept.splice(newPlace(kept, name), 0, line);
  return `${kept.join('\n')}\n`;
}

function newPlace(lines: readonly string[], name: string): number {
  const names = lines.map((line) => /^(\w+)\s*=/.exec(line)?.[1] ?? '');
  const isSorted = names.every((each, index) => index === 0 || (names[index - 1] ?? '') < each);
  const next = isSorted ? names.findIndex((each) => each > name) : -1;
  return next < 0 ? lines.length : next;
}

/** A master.cf text as `postconf -P 'service/type/name = value'` leaves it, but for its layout. */
export function withOverride(text: string, { name, value, service = '' }: ParameterEdit): string {
  const [own, type] = service.split(/\/(?=[^/]*$)/);
  const lines = text.split('\n');
  const start = lines.findLastIndex((line) => {
    const [first, second] = line.split(/\s+/);
    return !/^(?:#|\s)/.test(line) && first === own && second === type;
  });
  if (start < 0) return text;
  let end = start + 1;
  while (end < lines.length && /^(?:[ \t]|#)/.test(lines[end] ?? '')) end++;
  while (end > start + 1 && /^#/.test(lines[end - 1] ?? '')) end--;
  const option = value === '' || /^[^\s{}]+$/.test(value) ? `-o ${name}=${value}` : `-o { ${name} = ${value} }`;
  const present = new RegExp(`-o\\s*(?:\\{\\s*${name}\\s*=[^}]*\\}|${name}=\\S*)`);
  for (let at = start; at < end; at++) {
    if (present.test(lines[at] ?? '')) {
      lines[at] = (lines[at] ?? '').replace(present, () => option);
      return lines.join('\n');
    }
  }
  lines.splice(end, 0, `  ${option}`);
  return lines.join('\n');
}
