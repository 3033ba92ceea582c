import type { WizardContext } from './context.ts';
import { terminalAsker } from './terminal-asker.ts';

/**
 * Asks, masked, for the passphrase of a key that exists, until `refuse` has nothing against it (it says what is wrong with
 * the text, or undefined). Throws `interrupted` on Ctrl-C and end of input.
 */
export async function askPassphrase(
  message: string,
  context: Pick<WizardContext, 'io' | 'terminal'>,
  refuse: (passphrase: string) => Promise<string | undefined>,
): Promise<string> {
  const asker = await terminalAsker(context, undefined);
  return asker.password(message, refuse);
}
