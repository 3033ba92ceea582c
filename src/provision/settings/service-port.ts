import type { Problem } from '../../lib/problem.ts';
import type { Reading } from './host-name.ts';
import { quoted } from './host-name.ts';
import type { Settings } from './types.ts';

const none = 'off';

/** The port on which clients reach a server: that of the dedicated service, where there is one. */
export function clientPort({ relayPort, dedicatedPort }: Pick<Settings, 'relayPort' | 'dedicatedPort'>): number {
  return dedicatedPort ?? relayPort;
}

/** The same in words. */
export function portWords(settings: Pick<Settings, 'relayPort' | 'dedicatedPort'>): string {
  return `port ${clientPort(settings)}${settings.dedicatedPort === undefined ? '' : ', a dedicated service'}`;
}

/**
 * Reads the value of --dedicated-port: a port, or `off`, which is zero. Mail from everywhere comes in on port 25: a
 * service there that asks for certificates asks every client.
 */
export function readDedicatedPort([given = '']: readonly string[], { problems, source }: Reading): number | undefined {
  if (given === none) return 0;
  const port = /^[0-9]{1,5}$/.test(given) ? Number(given) : Number.NaN;
  if (port >= 1 && port <= 65_535 && port !== 25) return port;
  problems.push(
    port === 25
      ? {
          code: 'service-port-25',
          message: `${source}: port 25 is where everybody's mail comes in, and this service is for the clients alone`,
          hint: `take a port that nobody uses, such as 2525, or "${none}" and the server's own services`,
        }
      : {
          code: 'service-port',
          message: `${source}: ${quoted(given)} is no port, a whole number up to 65535`,
          hint: `such as 2525; "${none}" for none`,
        },
  );
  return undefined;
}

/** --relay-port names another port than that of the dedicated service. */
export function portConflict(dedicatedPort: number, relayPort: number | undefined): readonly Problem[] {
  if (dedicatedPort === 0 || relayPort === undefined || relayPort === dedicatedPort) return [];
  return [
    {
      code: 'service-relay-port',
      message: `clients come to the dedicated service on port ${dedicatedPort}, but --relay-port is ${relayPort}`,
      hint: `--dedicated-port ${relayPort} moves it; --dedicated-port ${none} takes clients back to the server's usual services`,
    },
  ];
}

/**
 * In which order hosts of a set-up that is in use go to another port. One on which nobody listens loses no mail, for the
 * client keeps it and tries again; a service that knows the client no more may bounce it.
 */
export function moveNotes(before: Settings | undefined, after: Settings): readonly Problem[] {
  if (before === undefined || before.dedicatedPort === after.dedicatedPort) return [];
  const order =
    after.dedicatedPort === undefined ? 'the servers first, then the clients' : 'the clients first, then the servers';
  return [
    {
      code: 'service-moved',
      message: `clients come to port ${clientPort(after)} from now on, and no more to port ${clientPort(before)}`,
      hint: `install ${order}: where nobody listens yet, or any more, their mail waits in their queues`,
    },
  ];
}
