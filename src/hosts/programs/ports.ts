import type { Ended } from './programs.ts';

/** The label of the ports on which SELinux lets a mail server listen. */
const label = 'smtp_port_t';

/** Runs a program of the system, by name. */
type RunSystem = (program: string, ...args: readonly string[]) => Ended;

/**
 * Whether SELinux lets a mail server listen on a TCP port: `yes` where it enforces nothing (getenforce(8)), `unknown` where
 * it enforces and nothing tells which ports there are (semanage(8) is a package of its own).
 */
export function mayListen(port: number, run: RunSystem): 'yes' | 'no' | 'unknown' {
  if (run('getenforce').stdout.trim() !== 'Enforcing') return 'yes';
  const listed = run('semanage', 'port', '-l');
  if (listed.status !== 0) return 'unknown';
  const ranges = listed.stdout.split('\n').flatMap((line) => {
    const [name, protocol, ...ports] = line.trim().split(/[\s,]+/);
    return name === label && protocol === 'tcp' ? ports : [];
  });
  const isIn = (range: string) => {
    const [first = Number.NaN, last = first] = range.split('-').map(Number);
    return first <= port && port <= last;
  };
  return ranges.some(isIn) ? 'yes' : 'no';
}

/** What lets it listen there. */
export function labelCommand(port: number): string {
  return `semanage port -a -t ${label} -p tcp ${port}`;
}

/** What Linux lists of TCP sockets (proc(5)), for IPv4 and IPv6; of the network in which the reader is. */
export const socketLists = ['/proc/net/tcp', '/proc/net/tcp6'] as const;

/** The state LISTEN in such a list. */
const listening = '0A';

/**
 * Whether some program listens on a TCP port, on whatever address. Where there are no such lists, nothing is known, and the
 * answer is no.
 */
export function isPortInUse(port: number, read: (path: string) => string | undefined): boolean {
  const hex = port.toString(16).toUpperCase().padStart(4, '0');
  return socketLists.some((path) =>
    (read(path) ?? '').split('\n').some((line) => {
      const [, local = '', , state] = line.trim().split(/\s+/);
      return state === listening && local.endsWith(`:${hex}`);
    }),
  );
}
