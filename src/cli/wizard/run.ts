import type { Options } from '../command.ts';
import type { WizardContext, WizardResult } from './context.ts';
import { interview } from './interview.ts';
import { terminalAsker } from './terminal-asker.ts';

/**
 * The interactive set-up: asks for what `given` (flags on the command line, in camel case) leaves open, and returns all of
 * it as if it had been flags. The caller has made sure that standard input and standard error are terminals.
 * Throws `usage` when a given flag is wrong, and `interrupted` on Ctrl-C, end of input or a final "no"; nothing is written
 * either way.
 */
export async function runWizard(given: Options, context: WizardContext): Promise<WizardResult> {
  return interview(given, context, await terminalAsker(context, given.color));
}
