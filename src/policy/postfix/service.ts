import type { MasterCf, Service } from './master-cf.ts';

/** The names services(5) gives to the ports of mail submission. */
const ports: Readonly<Record<string, string>> = { smtp: '25', submission: '587', smtps: '465', submissions: '465' };

/** `address` and `port` of an inet service name; the address is absent when it listens everywhere. */
interface Endpoint {
  readonly address: string | undefined;
  readonly port: string;
}

function endpoint(name: string): Endpoint {
  const match = /^(?:\[([^\]]*)\]|([^:]*)):([^:]+)$/.exec(name);
  const port = match?.[3] ?? name;
  return { address: (match?.[1] ?? match?.[2])?.toLowerCase(), port: ports[port] ?? port };
}

/** Whether a line of master.cf is of this program. */
export function runs(service: Service, program: string): boolean {
  return service.command.slice(service.command.lastIndexOf('/') + 1) === program;
}

/** The services of master.cf that run the SMTP server, by name. */
export function smtpServices(master: MasterCf): readonly Service[] {
  return master.services.filter(
    (service) => (service.type === 'inet' || service.type === 'pass') && runs(service, 'smtpd'),
  );
}

/**
 * The SMTP server behind a service name, a port or `address:port`: the line of exactly that name, else the line of the
 * same port (smtp is 25, submission 587, smtps and submissions 465), else, with a given address, the line that listens
 * everywhere. Where postscreen(8) listens, the server is the `pass` service it hands clients to.
 */
export function findService(master: MasterCf, wanted: string): Service | undefined {
  const listening = master.services.filter(
    (service) => service.type === 'inet' && (runs(service, 'smtpd') || runs(service, 'postscreen')),
  );
  const { address, port } = endpoint(wanted);
  const at = (service: Service) => endpoint(service.name);
  // Of several lines with one name the last is in force, as for the master daemon.
  const found =
    listening.findLast((service) => service.name === wanted) ??
    listening.findLast((service) => at(service).port === port && at(service).address === address) ??
    listening.findLast(
      (service) => at(service).port === port && (address === undefined || at(service).address === undefined),
    ) ??
    smtpServices(master).findLast((service) => service.name === wanted);
  if (found === undefined || !runs(found, 'postscreen')) return found;
  return master.services.findLast((service) => service.type === 'pass' && runs(service, 'smtpd'));
}
