import type { PostfixPrograms, Values } from '../../host/postfix-programs.ts';
import { readOverrides } from './hidden.ts';
import type { OwnService } from './own-service.ts';
import { portOf, type SmtpServers } from './services.ts';

/** Where on this host an SMTP server answers. */
export interface Listener {
  readonly address: string;
  readonly port: number;
  /** TLS comes before SMTP there. */
  readonly isWrapped: boolean;
  /** Address and port, for messages. */
  readonly shown: string;
}

/** The places to ask the servers that clients come to; a port by a name that is not well known is not asked. */
export function listenersOf(
  { reached }: SmtpServers,
  programs: PostfixPrograms,
  own?: Pick<OwnService, 'service' | 'overrides'>,
): readonly Listener[] {
  if (reached.length === 0) return [];
  const values = programs.expandedValues('smtpd_tls_wrappermode', 'inet_protocols', 'inet_interfaces');
  const overrides = readOverrides(programs.postconf('-xP').stdout);
  return reached.flatMap(({ listener, service }): Listener[] => {
    const port = Number(portOf(listener));
    if (!Number.isInteger(port)) return [];
    // A service that the folder brings may not be there yet.
    const options = service === own?.service ? own.overrides : overrides.get(service);
    const option = options?.findLast(({ name }) => name === 'smtpd_tls_wrappermode')?.value;
    const wrapped = option ?? values.get('smtpd_tls_wrappermode') ?? '';
    const address = addressOf(listener) ?? interfaceOf(values);
    return [{ address, port, isWrapped: wrapped.toLowerCase() === 'yes', shown: `${address} port ${port}` }];
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
