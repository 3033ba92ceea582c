import { trimSpace } from '../../../lib/text.ts';
import { closedGroup } from '../../postfix/tables/braced-list.ts';
import { tokens } from '../../postfix/tokens.ts';
import { atLeast, type Version, within } from '../../postfix/version.ts';

/** A policy service as a restriction names it (SMTPD_POLICY_README). */
export interface PolicyService {
  /** `inet:host:port` or `unix:path`. */
  readonly endpoint: string;
  /** What its own attributes set in place of main.cf. */
  readonly defaultAction?: string;
}

/** Attributes of `{ endpoint, name = value, … }`, with the releases that know them. */
const attributes: readonly Attribute[] = [
  { name: 'timeout', since: '3.0', kind: 'time', min: 1 },
  { name: 'max_idle', since: '3.0', kind: 'time', min: 1 },
  { name: 'max_ttl', since: '3.0', kind: 'time', min: 1 },
  { name: 'request_limit', since: '3.0', kind: 'number', min: 0 },
  { name: 'retry_delay', since: '3.0', kind: 'time', min: 1 },
  { name: 'try_limit', since: '3.0', kind: 'number', min: 1 },
  { name: 'default_action', since: '3.0', kind: 'text', min: 0 },
  { name: 'policy_context', since: '3.1', kind: 'text', min: 0 },
];

interface Attribute {
  readonly name: string;
  readonly since: string;
  readonly kind: 'time' | 'number' | 'text';
  readonly min: number;
}

function valueFailure({ name, kind, min }: Attribute, value: string): string | undefined {
  if (kind === 'text') return undefined;
  if (kind === 'number') {
    if (!/^-?\d+$/.test(value)) return `bad numerical configuration: ${name} = ${value}`;
    return Number(value) < min ? `invalid ${name} parameter value ${value} < ${min}` : undefined;
  }
  const time = /^(\d+)[smhdw]?$/i.exec(value);
  if (time === null) return `${name}: bad time value or unit: ${value}`;
  return Number(time[1]) < min ? `invalid ${name}: ${time[1]} (min ${min})` : undefined;
}

/** Reads the argument of check_policy_service; or the line with which a server that is given it does not start. */
export function readPolicyService(argument: string, version: Version): PolicyService | { readonly fatal: string } {
  if (!argument.startsWith('{')) return endpointOf(argument);
  if (!atLeast(version, '3.0')) return endpointOf(argument);
  const inner = closedGroup(argument);
  if (typeof inner !== 'string') {
    // What Postfix shows is the text inside the braces, if they close.
    const end = inner.problem.startsWith('missing') ? argument.length : argument.lastIndexOf('}');
    return { fatal: `policy service syntax error: ${argument.slice(1, end)}` };
  }
  const [endpoint, ...settings] = tokens(inner, version);
  if (endpoint === undefined) return { fatal: `empty policy service: "${argument}"` };
  let defaultAction: string | undefined;
  for (const setting of settings) {
    const group = setting.startsWith('{') ? closedGroup(setting) : setting;
    if (typeof group !== 'string') return { fatal: group.problem };
    const equals = group.indexOf('=');
    if (equals < 0) return { fatal: `malformed option: missing '=' after attribute name: "...${group}..."` };
    const name = trimSpace(group.slice(0, equals));
    const value = trimSpace(group.slice(equals + 1));
    const row = attributes.find((each) => each.name === name && within(version, each));
    if (row === undefined) return { fatal: `unknown option: "${name} = ${value}"` };
    const fatal = valueFailure(row, value);
    if (fatal !== undefined) return { fatal };
    if (name === 'default_action') defaultAction = value;
  }
  const service = endpointOf(endpoint);
  return 'fatal' in service || defaultAction === undefined ? service : { ...service, defaultAction };
}

function endpointOf(text: string): PolicyService | { readonly fatal: string } {
  const colon = text.indexOf(':');
  if (colon <= 0 || colon === text.length - 1) {
    return { fatal: `need service transport:endpoint instead of "${text}"` };
  }
  const transport = text.slice(0, colon);
  return ['inet', 'unix', 'local'].includes(transport)
    ? { endpoint: text }
    : { fatal: `invalid transport name: ${transport} in service: ${text}` };
}
