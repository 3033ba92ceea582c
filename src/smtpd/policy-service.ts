import { trimSpace } from '../lib/text.ts';
import { closedGroup } from '../postfix/tables/braced-list.ts';
import { tokens } from '../postfix/tokens.ts';
import { atLeast, type Version, within } from '../postfix/version.ts';

/** A policy service as a restriction names it (SMTPD_POLICY_README). */
export interface PolicyService {
  /** `inet:host:port` or `unix:path`. */
  readonly endpoint: string;
  /** What its own attributes set in place of main.cf. */
  readonly defaultAction?: string;
}

/** Attributes of `{ endpoint, name = value, … }`, with the releases that know them. */
const attributes: readonly {
  readonly name: string;
  readonly since: string;
  readonly kind: 'time' | 'number' | 'text';
}[] = [
  { name: 'timeout', since: '3.0', kind: 'time' },
  { name: 'max_idle', since: '3.0', kind: 'time' },
  { name: 'max_ttl', since: '3.0', kind: 'time' },
  { name: 'request_limit', since: '3.0', kind: 'number' },
  { name: 'retry_delay', since: '3.0', kind: 'time' },
  { name: 'try_limit', since: '3.0', kind: 'number' },
  { name: 'default_action', since: '3.0', kind: 'text' },
  { name: 'policy_context', since: '3.1', kind: 'text' },
];

const values = { time: /^\d+[smhdw]?$/i, number: /^\d+$/, text: /^/ } as const;

/** Reads the argument of check_policy_service; or the line with which a server that is given it does not start. */
export function readPolicyService(argument: string, version: Version): PolicyService | { readonly fatal: string } {
  if (!argument.startsWith('{')) return endpointOf(argument);
  if (!atLeast(version, '3.0')) return endpointOf(argument);
  const inner = closedGroup(argument);
  if (typeof inner !== 'string') return { fatal: `policy service syntax error: ${inner.problem}` };
  const [endpoint, ...settings] = tokens(inner, version);
  if (endpoint === undefined) return { fatal: `empty policy service: "${argument}"` };
  let defaultAction: string | undefined;
  for (const setting of settings) {
    const group = setting.startsWith('{') ? closedGroup(setting) : setting;
    if (typeof group !== 'string') return { fatal: group.problem };
    const equals = group.indexOf('=');
    const name = trimSpace(equals < 0 ? group : group.slice(0, equals));
    const value = trimSpace(group.slice(equals + 1));
    if (equals < 0) return { fatal: `missing '=' after attribute name: "${group}"` };
    const row = attributes.find((each) => each.name === name && within(version, each));
    if (row === undefined) return { fatal: `unknown attribute name: ${name}` };
    if (!values[row.kind].test(value)) return { fatal: `invalid attribute value: ${name} = ${value}` };
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
