import type { Command } from '../command.ts';
import { auditOptions } from './audit/options.ts';

/** Who can relay through a server: every way in, with a session that shows it. */
export const audit: Command = {
  name: 'audit',
  doc: 'who can relay through a server: every way in, each with a session that shows it, and what is wrong with it',
  examples: [
    ['certrelay audit', 'the rendered configuration of the set-up in out/'],
    [
      'certrelay audit --main-cf main.cf --master-cf master.cf --service submission',
      'any Postfix server; tables that lie beside main.cf are found by themselves',
    ],
    ['certrelay audit --main-cf main.cf --for receive', "who can send to the server's own recipients"],
    [
      'certrelay audit --main-cf main.cf --expect who.yaml',
      'exit 3 when somebody can who must not, or cannot who must',
    ],
  ],
  options: auditOptions,
  async run(_args, options, io) {
    const { runAudit } = await import('./audit/run.ts');
    return runAudit(options, io);
  },
};
