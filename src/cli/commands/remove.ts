import { loadedAhead } from '../ahead.ts';
import type { Command } from '../command.ts';
import { outOption } from '../global-options.ts';

export const remove: Command = {
  name: 'remove',
  args: '[name...]',
  completes: 'host',
  doc: 'revoke what hosts have and take them out: of the maps, of the inventory, and their files out of the folder',
  examples: [
    [
      'certrelay remove web.example.com --yes',
      'refused from the next connection on, once the servers have their new maps',
    ],
    ['certrelay remove web.example.com --serial 3bf9dd30…', 'one of its certificates only'],
    ['certrelay remove --crl crl.pem', 'only write the revocation list, for others than Postfix'],
  ],
  options: [
    outOption,
    { flags: '--serial <hex...>', doc: 'revoke these certificates of the host and keep the host' },
    {
      flags: '--crl <file>',
      doc: 'write the revocation list of the authority; Postfix needs none',
      writes: 'revocation-list',
    },
    {
      flags: '--passphrase-file <file>',
      doc: "with --crl: file whose first line is the passphrase of the authority's key",
      isSecret: true,
    },
    { flags: '--deploy-hook <command>', doc: 'brings files to a host; gets its name and the folder as arguments' },
    { flags: '--hook-timeout <duration>', doc: 'how long a hook may run before it is ended', fallback: '10m' },
    { flags: '-y, --yes', doc: 'do not ask' },
    { flags: '--dry-run', doc: 'say what would go and prove it, write nothing' },
    { flags: '--wait', doc: 'wait while another run holds the lock' },
  ],
  async run(args, options, io) {
    const [{ runRemove }, files] = await loadedAhead(() => import('./rotation/run-remove.ts'), options, io);
    return runRemove(args, options, io, files);
  },
};
