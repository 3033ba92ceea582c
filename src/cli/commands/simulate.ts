import { usage } from '../../lib/problem.ts';
import type { Command, Options } from '../command.ts';
import { answerOptions, sessionOptions } from './simulate/options.ts';

/** What a Postfix SMTP server would reply to a session, and why. */
export const simulate: Command = {
  name: 'simulate',
  doc: 'what a Postfix SMTP server would reply to one session, and why',
  examples: [
    [
      'certrelay simulate --main-cf main.cf --client-address 192.0.2.1 --cert client.crt --from a@example.com --to b@example.org',
      'may the holder of this certificate relay?',
    ],
    [
      'certrelay simulate --postfix 2.10 --main-cf postconf-n.txt --table /etc/postfix/relay_clientcerts=map --client-address 192.0.2.1 --fingerprint sha1=12:34:… --from a@example.com --to b@example.org --expect permit',
      'exit 0 only if it may',
    ],
    ['certrelay simulate --batch scenarios.jsonl', 'one answer a line'],
  ],
  options: [...sessionOptions, ...answerOptions],
  async run(_args, options, io) {
    if (typeof options.batch === 'string') {
      refuseBeside(options);
      const { runBatch } = await import('./simulate/batch.ts');
      return runBatch(options.batch, options.trace === true, io);
    }
    const { runOne } = await import('./simulate/one.ts');
    return runOne(options, io);
  },
};

/** A batch says everything itself: an option that would count for nothing is a mistake in somebody's script. */
function refuseBeside(options: Options): void {
  const free = ['batch', 'trace', 'json', 'quiet', 'color', 'tls'];
  const [mixed] = Object.keys(options).filter((key) => !free.includes(key) || (key === 'tls' && options.tls === false));
  if (mixed === undefined) return;
  const flag = mixed === 'tls' ? '--no-tls' : `--${mixed.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)}`;
  throw usage('batch-alone', `${flag} has no effect with --batch`, 'put it in the lines of the batch');
}
