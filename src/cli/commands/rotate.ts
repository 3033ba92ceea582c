import { digests, keyTypes } from '../../x509/algorithms.ts';
import { loadedAhead } from '../ahead.ts';
import type { Command } from '../command.ts';
import { outOption } from '../global-options.ts';

export const rotate: Command = {
  name: 'rotate',
  args: '[name...]',
  completes: 'host',
  doc: 'new certificates beside the old ones for an overlap, then the old ones out; every step is proved before it is written',
  examples: [
    ['certrelay rotate web.example.com', 'begin, or go on; it says which files must go to which host next'],
    ['certrelay rotate --deployed relay.example.com', 'that host has its files now: do what was waiting for that'],
    [
      'certrelay rotate --in-use-log /var/log/mail.log',
      'whose new certificate a server has seen has it: the old one may go when the overlap is over',
    ],
    [
      "certrelay rotate --due --yes --deploy-hook './copy-to'",
      'for cron: whatever is due; "./copy-to NAME FOLDER" brings files to a host',
    ],
    ['certrelay rotate --authority', 'the next authority: trusted everywhere first, then every certificate from it'],
    ['certrelay rotate --digest sha256', 'from sha1 to sha256 with both in the maps in between'],
  ],
  options: [
    outOption,
    { flags: '--all', doc: 'every server and client' },
    { flags: '--due', doc: 'whatever is due: renewals, and steps of rotations under way' },
    { flags: '--authority', doc: 'the next authority, and after it a certificate of every host' },
    { flags: '--digest <name>', doc: 'bring the maps to another digest', choices: digests },
    {
      flags: '--deployed <name...>',
      doc: 'these hosts have the files that lie in their folders',
      completes: 'host',
    },
    {
      flags: '--in-use-log <file...>',
      doc: 'mail log of a server (- for standard input): a new certificate that it names is in use',
    },
    {
      flags: '--overlap <duration>',
      doc: 'how long old and new are both admitted: 90s, 12h, 14d, 2w',
      fallback: '14d',
    },
    { flags: '--rekey', doc: 'with a new key (the default): both fingerprints change' },
    { flags: '--reuse-key', doc: "with the present key: the public key's fingerprint stays" },
    { flags: '--ca-name <name>', doc: "with --authority: the next authority's common name" },
    { flags: '--ca-days <n>', doc: 'with --authority: its lifetime' },
    { flags: '--key-type <type>', doc: 'with --authority: its key type', choices: keyTypes },
    {
      flags: '--passphrase-file <file>',
      doc: "file whose first line is the passphrase of the authority's key",
      isSecret: true,
    },
    { flags: '--deploy-hook <command>', doc: 'brings files to a host; gets its name and the folder as arguments' },
    { flags: '--before-hook <command>', doc: 'run before anything is done, if there is anything to do' },
    { flags: '--after-hook <command>', doc: 'run after everything was done, or went wrong' },
    { flags: '--hook-timeout <duration>', doc: 'how long a hook may run before it is ended', fallback: '10m' },
    { flags: '-y, --yes', doc: 'ask nothing' },
    { flags: '--dry-run', doc: 'say what would be done now and what waits, write nothing' },
    { flags: '--wait', doc: 'wait while another run holds the lock' },
  ],
  async run(args, options, io) {
    const [{ runRotate }, files] = await loadedAhead(() => import('./rotation/run-rotate.ts'), options, io);
    return runRotate(args, options, io, files);
  },
};
