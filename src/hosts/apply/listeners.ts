import type { Values } from '../../policy/postfix/postconf-values.ts';
import { portOf, type SmtpServers } from '../../policy/postfix/smtp-services.ts';
import type { PostfixPrograms } from '../programs/postfix-programs.ts';
import type { DedicatedService } from './dedicated-service.ts';
import { readOverrides } from './refusals/hidden.ts';

/** Where on this host an SMTP server answers. */
export interface Listener {
  readonly address: string;
  readonly port: number;
  /** TLS comes before SMTP there. */
  readonly isWrapped: boolean;
  /** Address and port, for messages. */
  readonly shown: string;
}

const asked = [
  ...['smtpd_tls_wrappermode', 'inet_protocols', 'inet_interfaces'],
  ...['smtpd_upstream_proxy_protocol', 'postscreen_upstream_proxy_protocol'],
];

/**
 * The places to ask the servers that clients come to. Not asked are a port by a name that is not well known, and a server
 * that speaks to a proxy only (postconf(5), smtpd_upstream_proxy_protocol).
 */
export function listenersOf(
  { reached }: SmtpServers,
  programs: PostfixPrograms,
  own?: Pick<DedicatedService, 'service' | 'overrides'>,
): readonly Listener[] {
  if (reached.length === 0) return [];
  const values = programs.expandedValues(...asked);
  const overrides = readOverrides(programs.postconf('-xP').stdout);
  return reached.flatMap(({ listener, service, isScreened }): Listener[] => {
    const port = Number(portOf(listener));
    const inForce = (name: string, entry: string): string => {
      // A service that the folder brings may not be there yet.
      const options = entry === own?.service ? own.overrides : overrides.get(entry);
      return options?.findLast((option) => option.name === name)?.value ?? values.get(name) ?? '';
    };
    const proxy = isScreened
      ? inForce('postscreen_upstream_proxy_protocol', `${listener}/inet`)
      : inForce('smtpd_upstream_proxy_protocol', service);
    if (!Number.isInteger(port) || proxy !== '') return [];
    const isWrapped = inForce('smtpd_tls_wrappermode', service).toLowerCase() === 'yes';
    const address = addressOf(listener) ?? interfaceOf(values);
    return [{ address, port, isWrapped, shown: `${address} port ${port}` }];
  });
}

/** The address in the name of the service, `[::1]:smtp` or `192.0.2.1:25`. */
function addressOf(listener: string): string | undefined {
  const address = /^(?:\[([^\]]+)\]|([^:]+)):[^:]+$/.exec(listener);
  return address?.[1] ?? address?.[2];
}

/** The first of inet_interfaces; everywhere and on the loopback only are the loopback. */
function interfaceOf(values: Values): string {
  const loopback = /ipv4|all/.test(values.get('inet_protocols') ?? 'all') ? '127.0.0.1' : '::1';
  const [first = 'all'] = (values.get('inet_interfaces') ?? '').split(/[\s,]+/).filter(Boolean);
  return ['all', 'loopback-only', 'localhost'].includes(first) ? loopback : first.replace(/^\[(.*)\]$/, '$1');
}
