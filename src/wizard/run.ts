import process from 'node:process';
import type { Options } from '../commands/command.ts';
import type { WizardContext, WizardResult } from './context.ts';
import { interview } from './interview.ts';
import { lookOf, wantsColour } from './theme.ts';

/**
 * The interactive set-up: asks for what `given` (flags on the command line, in camel case) leaves open, and returns all of
 * it as if it had been flags. The caller has made sure that standard input and standard error are terminals.
 * Throws `usage` when a given flag is wrong, and `interrupted` on Ctrl-C, end of input or a final "no"; nothing is written
 * either way.
 */
export async function runWizard(given: Options, context: WizardContext): Promise<WizardResult> {
  // inquirer takes a tenth of a second to load: only those who are asked wait for it.
  const { inquirerAsker } = await import('./inquirer-asker.ts');
  const terminal = context.terminal ?? { input: process.stdin, output: process.stderr };
  const columns = () => (terminal.output as Partial<NodeJS.WriteStream>).columns ?? context.io.stderr.columns ?? 80;
  const look = lookOf(wantsColour(context.io.env, given.color));
  return interview(given, context, inquirerAsker(terminal, look, columns));
}
