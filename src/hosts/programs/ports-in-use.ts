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
