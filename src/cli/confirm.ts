import { CertrelayError } from '../lib/problem.ts';
import type { Io, Options } from './command.ts';

/**
 * Asks for a yes on a terminal; without one, and with --yes, nothing is asked.
 * @throws CertrelayError (interrupted) for anything but a yes, and at the end of the input.
 */
export async function confirmed(question: string, options: Options, io: Io): Promise<void> {
  if (options.yes === true || options.json === true || !io.stdin.isTTY || !io.stderr.isTTY) return;
  io.stderr.write(`${question} [y/N] `);
  let answer = '';
  for await (const line of io.stdin.lines()) {
    answer = line.trim().toLowerCase();
    break;
  }
  if (answer === 'y' || answer === 'yes') return;
  throw new CertrelayError('interrupted', { code: 'declined', message: 'nothing was done' });
}
