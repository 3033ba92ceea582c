import type { Command } from '../command.ts';
import { explainOptions } from './explain/options.ts';

/** Why mail is refused, and what to change. */
export const explain: Command = {
  name: 'explain',
  args: '[file...]',
  doc: 'why mail was refused: the element that decided, why no permit helped, and the smallest repair',
  examples: [
    [
      'certrelay explain server.postconf relay_clientcerts server.log client.log',
      'configurations, tables, logs and certificates, in any order: each file is told by its content',
    ],
    ['certrelay explain --live --log /var/log/mail.log', 'on the server itself, with its own configuration and tables'],
    ['journalctl -u postfix -o json | certrelay explain main.cf --log -', 'a log from standard input'],
    [
      'certrelay explain --main-cf main.cf --master-cf master.cf --log mail.log --format sarif',
      'the findings for a code scanner; also github and json',
    ],
  ],
  options: explainOptions,
  async run(args, options, io) {
    const { runExplain } = await import('./explain/run.ts');
    return runExplain(args, options, io);
  },
};
