import { loadedAhead } from '../ahead.ts';
import type { Command } from '../command.ts';
import { outOption } from '../global-options.ts';

export const add: Command = {
  name: 'add',
  args: '[name...]',
  doc: 'more clients or servers: a certificate of their own, one for a key that stays on its host, or one from elsewhere',
  examples: [
    ['certrelay add web3.example.com web4.example.com', 'two more clients; copy the servers their new maps'],
    ['certrelay add relay2.example.com --role server', 'one more server'],
    ['certrelay add db.example.com --csr db.csr', 'a certificate for a key that never leaves its host'],
    [
      'certrelay add mx.example.com --cert /etc/letsencrypt/live/mx.example.com --follow',
      'the same, and each renewal that "certrelay rotate --due" finds there',
    ],
    [
      'certrelay add mx.example.com --cert /etc/letsencrypt/live/mx.example.com',
      'list a certificate that somebody else issued, beside those that are listed',
    ],
  ],
  options: [
    outOption,
    { flags: '--role <role>', doc: 'what they are', choices: ['client', 'server'], fallback: 'client' },
    { flags: '--clients-file <file>', doc: 'more clients: a name a line, or CSV with a "name" column' },
    { flags: '--csr <file>', doc: 'certification request (PKCS#10) of the host; its key is kept by the host' },
    { flags: '--cert <file...>', doc: 'certificates from elsewhere, or folders that hold them; no key is read' },
    {
      flags: '--follow',
      doc: 'with --cert: look there again with each "rotate --due"; what is new there takes the place of what was',
    },
    {
      flags: '--overlap <duration>',
      doc: 'with --csr for a host that has a certificate, or with --follow: as for rotate',
      fallback: '14d',
    },
    {
      flags: '--passphrase-file <file>',
      doc: "file whose first line is the passphrase of the authority's key",
      isSecret: true,
    },
    { flags: '--dry-run', doc: 'say what would be made and prove it, write nothing' },
    { flags: '-y, --yes', doc: 'ask nothing; it never does' },
    { flags: '--wait', doc: 'wait while another run holds the lock' },
  ],
  async run(args, options, io) {
    const [{ runAdd }, files] = await loadedAhead(() => import('./rotation/run-add.ts'), options, io);
    return runAdd(args, options, io, files);
  },
};
