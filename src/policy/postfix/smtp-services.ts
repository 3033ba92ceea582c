import { readMasterCf, type Service } from './master-cf.ts';
import type { Version } from './version.ts';

/** The names that services(5) gives to the ports of mail submission. */
const ports: Readonly<Record<string, string>> = { smtp: '25', submission: '587', smtps: '465', submissions: '465' };

/** The port of an inet service by its name in master.cf, which may have an address before it. */
export function portOf(name: string): string {
  const port = name.slice(name.lastIndexOf(':') + 1);
  return ports[port] ?? port;
}

/** An SMTP server of master.cf that clients reach. */
export interface Reached {
  /** What listens: the name of the inet service. */
  readonly listener: string;
  /** What runs smtpd(8) with its -o settings, `name/type`: `smtpd/pass` behind postscreen(8). */
  readonly service: string;
  readonly isScreened: boolean;
  readonly isChrooted: boolean;
}

export interface SmtpServers {
  /** Those on the relay port. */
  readonly reached: readonly Reached[];
  /** The names of all others that listen. */
  readonly others: readonly string[];
}

/** Which of the entries of master.cf are the servers that clients come to, and which are other SMTP servers. */
export function smtpServersOf(masterCf: string, version: Version, relayPort: string): SmtpServers {
  const { services } = readMasterCf(masterCf, 'master.cf', version);
  const program = ({ command }: Service) => command.slice(command.lastIndexOf('/') + 1);
  const runsServer = (service: Service) => ['smtpd', 'postscreen'].includes(program(service));
  const listening = services.filter((service) => service.type === 'inet' && runsServer(service));
  const behind = services.findLast((service) => service.type === 'pass' && program(service) === 'smtpd');
  const reached = listening.flatMap((listener): Reached[] => {
    if (portOf(listener.name) !== portOf(relayPort)) return [];
    const isScreened = program(listener) === 'postscreen';
    const server = isScreened ? behind : listener;
    if (server === undefined) return [];
    const service = `${server.name}/${server.type}`;
    return [{ listener: listener.name, service, isScreened, isChrooted: isChrooted(server, version) }];
  });
  const met = new Set(reached.map(({ listener }) => listener));
  return { reached, others: listening.map(({ name }) => name).filter((name) => !met.has(name)) };
}

/** The third column of the five; left out it means "y" before 3.0 (master(5)). */
function isChrooted({ columns }: Service, { major }: Version): boolean {
  const chroot = columns[2];
  return chroot === 'y' || (chroot === '-' && major < 3);
}
