import type { Command } from '../command.ts';
import { outOption } from '../global-options.ts';

export const completion: Command = {
  name: 'completion',
  args: '[shell]',
  argumentChoices: ['bash', 'zsh', 'fish'],
  doc: 'completion of commands, options, values and host names for a shell: bash, zsh or fish',
  examples: [
    [
      'certrelay completion bash >/etc/bash_completion.d/certrelay',
      'for bash, with or without the package bash-completion',
    ],
    ['certrelay completion zsh >/usr/local/share/zsh/site-functions/_certrelay', 'for zsh, from the next shell on'],
    ['certrelay completion fish >~/.config/fish/completions/certrelay.fish', 'for fish'],
  ],
  options: [{ flags: '--names', doc: 'print the hosts of the set-up, which the scripts ask for' }, outOption],
  async run(args, options, io, all) {
    const { runCompletion } = await import('../completion/run-completion.ts');
    return runCompletion(args, options, io, all);
  },
};
