import type { Trouble } from '../../../hosts/probe/trouble.ts';
import { CertrelayError, type ExitName } from '../../../lib/problem.ts';

/** Trouble as the problem that ends a command. */
export function failure(exit: ExitName, { code, message, hint }: Trouble, place: string): CertrelayError {
  const problem = { code: `probe-${code}`, message: `"${place}": ${message}` };
  return new CertrelayError(exit, hint === undefined ? problem : { ...problem, hint });
}
