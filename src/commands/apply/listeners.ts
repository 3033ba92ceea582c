import type { PostfixPrograms } from '../../host/postfix-programs.ts';
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
export function listenersOf({ reached }: SmtpServers, programs: PostfixPrograms): readonly Listener[] {
  return reached.flatMap(({ listener, service }): Listener[] => {
    const port = Number(portOf(listener));
    if (!Number.isInteger(port)) return [];
    const option = programs.postconf('-xP', `${service}/smtpd_tls_wrappermode`).stdout.trim();
    const wrapped = option === '' ? programs.expanded('smtpd_tls_wrappermode') : option;
    const address = addressOf(listener) ?? interfaceOf(programs);
    return [{ address, port, isWrapped: /(?:^|= )yes$/.test(wrapped), shown: `${address} port ${port}` }];
  });
}

/** The address in the name of the service, `[::1]:smtp` or `192.0.2.1:25`. */
function addressOf(listener: string): string | undefined {
  const address = /^(?:\[([^\]]+)\]|([^:]+)):[^:]+$/.exec(listener);
  return address?.[1] ?? address?.[2];
}

/** The first of inet_interfaces; everywhere and on the loopback only are the loopback. */
function interfaceOf(programs: PostfixPrograms): string {
  const loopback = /ipv4|all/.test(programs.expanded('inet_protocols')) ? '127.0.0.1' : '::1';
  const [first = 'all'] = programs
    .expanded('inet_interfaces')
    .split(/[\s,]+/)
    .filter(Boolean);
  return ['all', 'loopback-only', 'localhost'].includes(first) ? loopback : first.replace(/^\[(.*)\]$/, '$1');
}
