import { usage } from '../../lib/problem.ts';
import type { Command } from '../command.ts';

export const apply: Command = {
  name: 'apply',
  args: '[dir]',
  doc: 'on the target host: show what would change, back up, install, judge the result, reload; roll back on any failure',
  examples: [
    [
      'certrelay apply relay.example.com --check --diff',
      'change nothing, show what would change; exit 6 when something would',
    ],
    [
      'certrelay apply relay.example.com --yes',
      'install the folder that was copied here; a second run changes nothing',
    ],
    ['certrelay apply --backups', 'what can be returned to'],
    ['certrelay apply relay.example.com --undo', 'take the last run back'],
  ],
  options: [
    { flags: '-c, --config-dir <dir>', doc: 'Postfix configuration directory', fallback: 'that of postconf' },
    { flags: '--instance <name>', doc: 'Postfix instance, as postmulti(1) lists it' },
    {
      flags: '--programs <dir>',
      doc: 'where postconf, postmap and postfix are; PATH is not used',
      fallback: "the system's directories",
    },
    { flags: '--host <name>', doc: 'the host that the folder is for, where this one calls itself otherwise' },
    {
      flags: '--out <dir>',
      doc: 'compare the folder with inventory and ledger there',
      fallback: 'those above DIR, if any',
    },
    {
      flags: '--replace-certificate',
      doc: "on a server: show certrelay's certificate on every port that now shows another one",
    },
    {
      flags: '--all-routes',
      doc: 'on a client: set TLS level and CA for all mail, not only for what goes to the relay',
    },
    { flags: '--check', doc: 'change nothing, exit 6 when something would change' },
    { flags: '--diff', doc: 'show each change; of files with private keys only that they change' },
    { flags: '-y, --yes', doc: 'ask nothing' },
    {
      flags: '--timeout <duration>',
      doc: 'how long one program of Postfix may run before it is killed',
      fallback: '5m',
    },
    { flags: '--undo [backup]', doc: 'return to what was before the last run, or before the run of a backup' },
    { flags: '--backups', doc: 'list the backups that --undo can return to' },
  ],
  async run(args, options, io) {
    const undoes = options.undo !== undefined;
    // "--undo DIR": an option's value is optional, and a folder is no name of a backup.
    const misplaced = typeof options.undo === 'string' && !/^\d{8}T\d{6}Zz*$/.test(options.undo);
    const [dir] = misplaced && args.length === 0 ? [String(options.undo)] : args;
    const meant = misplaced && args.length === 0 ? { ...options, undo: true } : options;
    if (undoes || options.backups === true) {
      const { runBackups, runUndo } = await import('./apply/run-undo.ts');
      return options.backups === true ? runBackups(dir, meant, io) : runUndo(dir, meant, io);
    }
    if (dir === undefined) {
      throw usage('dir-missing', 'which folder is to be applied?', 'name the folder of this host, one of out/hosts');
    }
    const { runApply } = await import('./apply/run-apply.ts');
    return runApply(dir, options, io);
  },
};
