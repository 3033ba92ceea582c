import process from 'node:process';
import type { Asker } from './asker.ts';
import type { WizardContext } from './context.ts';
import { lookOf, wantsColour } from './theme.ts';

/** The asker for the terminal of this process, or for the one that the context names. */
export async function terminalAsker(
  context: Pick<WizardContext, 'io' | 'terminal'>,
  colourFlag: unknown,
): Promise<Asker> {
  // inquirer takes a tenth of a second to load: only those who are asked wait for it.
  const { inquirerAsker } = await import('./inquirer-asker.ts');
  const terminal = context.terminal ?? { input: process.stdin, output: process.stderr };
  const columns = () => (terminal.output as Partial<NodeJS.WriteStream>).columns ?? context.io.stderr.columns ?? 80;
  return inquirerAsker(terminal, lookOf(wantsColour(context.io.env, colourFlag)), columns);
}
