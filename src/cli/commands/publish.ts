import type { Command } from '../command.ts';
import { outOption } from '../global-options.ts';

export const publish: Command = {
  name: 'publish',
  args: '[host...]',
  completes: 'host',
  doc: 'bring who may relay to the servers: into the database that they share, or with a command that copies files',
  examples: [
    [
      'certrelay publish --database postgresql://certrelay_writer@db.example.com/certrelay --database-ca db-ca.pem',
      'bring the table to what inventory and ledger say, in one transaction',
    ],
    ['certrelay publish --database-file db.url --check --diff', 'change nothing; exit 6 when something would change'],
    [
      "certrelay publish --deploy-hook './push.sh'",
      'copy the folders of the hosts that lack their files, again where that fails',
    ],
    ['certrelay publish --dump', 'print the table as it is to be, a line a fingerprint'],
  ],
  options: [
    outOption,
    { flags: '--database <url>', doc: 'connection URI of the database as it is reached from here, without a password' },
    {
      flags: '--database-file <file>',
      doc: 'file with the connection URI; with a password in it, nobody else may read it',
      isSecret: true,
    },
    {
      flags: '--database-password-file <file>',
      doc: 'file whose first line is the password (or PGPASSFILE, as libpq reads it)',
      isSecret: true,
    },
    {
      flags: '--database-ca <file>',
      doc: "PEM of the issuer of the database's certificate (default: that of the inventory)",
    },
    { flags: '--new-table', doc: 'the servers ask another table from now on than the one that was published before' },
    {
      flags: '--deploy-hook <command>',
      doc: 'run this for each host, with its name and its folder as arguments, instead',
    },
    { flags: '--retries <n>', doc: 'with --deploy-hook: how often a host is tried again', fallback: '3' },
    { flags: '--hook-timeout <duration>', doc: 'how long a hook may run before it is ended', fallback: '10m' },
    { flags: '--check', doc: 'change nothing, exit 6 when something would change' },
    { flags: '--diff', doc: 'show the lines that come and go' },
    { flags: '--dry-run', doc: 'change nothing' },
    { flags: '--history', doc: 'show the last publications and nothing else' },
    { flags: '--dump', doc: 'print the lines of the table, and nothing else: with a database those that it has' },
    { flags: '--wait', doc: 'wait while another run holds the lock' },
  ],
  async run(args, options, io) {
    const { runPublish } = await import('./publish/run-publish.ts');
    return runPublish(args, options, io);
  },
};
