import { importOption, setUpOptions } from '../../provision/settings/set-up-options.ts';
import type { Command } from '../command.ts';
import { outOption } from '../global-options.ts';

export const init: Command = {
  name: 'init',
  doc: 'make authority, certificates, maps, main.cf fragments and install scripts, verified before they are written',
  examples: [
    ['certrelay init', 'ask a few questions, then make everything below out/'],
    [
      'certrelay init --server relay.example.com --client web.example.com --os debian12 --yes',
      'the same without questions',
    ],
    [
      'certrelay init --dedicated-port 2525 --yes',
      'the clients come to a dedicated service, and only that service asks for a certificate',
    ],
    ['certrelay init --client db.example.com --yes', 'one more client; nothing that exists is touched'],
    [
      'certrelay init --server relay.example.com --clients-file clients.csv --yes --json',
      'many clients, a report for programs',
    ],
    [
      'certrelay init --import /etc/easy-rsa/pki --import relay_clientcerts --server relay.example.com --yes',
      'go on with an authority and a map that exist',
    ],
  ],
  options: [
    ...setUpOptions,
    importOption,
    outOption,
    { flags: '-y, --yes', doc: 'ask nothing; what is left out has its default' },
    { flags: '--dry-run', doc: 'say what would be made and verify it, write nothing' },
    { flags: '--wait', doc: 'wait while another run holds the lock' },
  ],
  async run(_args, options, io) {
    const { runInit } = await import('./set-up/run.ts');
    return runInit(options, io);
  },
};
