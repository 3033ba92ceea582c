import { portOf } from '../../../policy/postfix/smtp-services.ts';
import type { Manifest } from '../../programs/manifest.ts';
import { labelCommand } from '../../programs/ports.ts';
import { type DedicatedService, dedicatedServiceOf, isListener, listenerOf, squeezed } from '../dedicated-service.ts';
import type { Target } from '../target.ts';
import type { Refusal } from './refusal.ts';

/** What else there is on the host. */
interface Neighbours {
  /** True where some program listens on a port. */
  isInUse(port: number): boolean;
  /** Whether SELinux lets a mail server listen on a port. */
  mayListen(port: number): 'yes' | 'no' | 'unknown';
  /** Whether Postfix runs: then what listens on a port of its own entries is Postfix. */
  readonly runs: boolean;
}

/**
 * Why a host cannot have a service of its own on its port: an entry of the administrator's is there, under the same name
 * or another one of the same port, another program listens on it, or SELinux forbids it. master(8) would end with a port
 * that it cannot have, and every service with it.
 */
export function portTaken(
  manifest: Manifest,
  { entries, put, config }: Pick<Target, 'entries' | 'put' | 'config'>,
  { isInUse, mayListen, runs }: Neighbours,
): Refusal | undefined {
  const entry = manifest.services.find(isListener);
  const own = dedicatedServiceOf(manifest);
  if (entry === undefined || own === undefined) return undefined;
  const present = entries.get(own.service);
  const isKnown = (line: string) =>
    squeezed(line) === squeezed(entry.line) ||
    put.some((one) => one.service === own.service && squeezed(one.line) === squeezed(line));
  const move = 'choose another port: certrelay init --dedicated-port PORT --yes';
  if (present !== undefined && !isKnown(present)) {
    return taken(`${config}/master.cf has an entry "${own.service}" that certrelay did not make so`, [present], {
      hint: `take it out, or ${move}`,
    });
  }
  const other = [...entries].find(
    ([service]) => service !== own.service && isListener({ service, line: '' }) && samePort(service, own),
  );
  if (other !== undefined) {
    return taken(`port ${own.listener} is that of the entry "${other[0]}" in ${config}/master.cf`, [other[1]], {
      hint: move,
    });
  }
  const isOurs = present !== undefined && runs;
  const port = Number(own.listener);
  if (isOurs) return undefined;
  if (isInUse(port)) {
    const hint = `"ss -ltnp" says which program that is; ${move}`;
    return taken(`another program of this host listens on port ${port}`, [], { hint });
  }
  if (mayListen(port) !== 'no') return undefined;
  const hint = `let it: ${labelCommand(port)}; or ${move}`;
  return taken(`SELinux does not let Postfix listen on port ${port}`, [], { hint });
}

function samePort(service: string, { listener }: DedicatedService): boolean {
  return portOf(listenerOf(service)) === portOf(listener);
}

function taken(what: string, entries: readonly string[], { hint }: { readonly hint: string }): Refusal {
  return {
    exit: 'denied',
    problem: { code: 'service-port-taken', message: `nothing changed: ${what}`, hint },
    details: entries.map((line) => `  ${squeezed(line)}`),
  };
}
