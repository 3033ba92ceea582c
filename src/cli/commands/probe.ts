import type { Command } from '../command.ts';
import { outOption } from '../global-options.ts';
import { sessionOptions } from './simulate/options.ts';

/** Options that mean here what they mean for `simulate`. */
const asSimulated = [
  '--postfix',
  '--main-cf',
  '--master-cf',
  '--service',
  '--table',
  '--client-address',
  '--client-name',
];

/** A live session that ends before any message, next to what the simulator predicts. */
export const probe: Command = {
  name: 'probe',
  args: '<host>',
  doc: 'ask a live server whether it lets a client relay by its certificate, and nobody without; no message is sent',
  examples: [
    [
      'certrelay probe relay.example.com --as client.example.com',
      'with the certificate of the set-up, without one, and with that of a stranger',
    ],
    [
      'certrelay probe relay.example.com:587 --cert client.crt --key client.key --ca cacert.pem',
      'on the host of the client, with its files',
    ],
    ['certrelay probe [2001:db8::1]:465 --wrapped --server relay.example.com', 'TLS first; the name is checked'],
    [
      'certrelay probe relay.example.com --as client.example.com --record',
      'the new certificate is in use: the old one may go when the overlap is over',
    ],
  ],
  options: [
    outOption,
    { flags: '--as <name>', doc: 'show the certificate of this client of the set-up', completes: 'host' },
    { flags: '--cert <file>', doc: 'show this certificate, with --key' },
    { flags: '--key <file>', doc: 'its private key, not encrypted', isSecret: true },
    { flags: '--trusted', doc: "with --cert: it verifies against the server's CAs (for the prediction)" },
    { flags: '--server <name>', doc: 'which server that is: of the set-up, and in its certificate' },
    { flags: '--ca <file>', doc: "authority of the server's certificate", fallback: "the set-up's" },
    { flags: '--wrapped', doc: 'TLS comes before SMTP', fallback: 'on port 465' },
    { flags: '--helo <name>', doc: 'the name in EHLO', fallback: "the certificate's, else the own [address]" },
    { flags: '--from <address>', doc: 'the sender; "" is the null sender', fallback: 'root@ the name in EHLO' },
    { flags: '--to <address>', doc: 'a recipient elsewhere', fallback: 'someone@outside.example' },
    { flags: '--timeout <duration>', doc: 'how long to wait for each reply', fallback: '30s' },
    ...sessionOptions.filter(({ flags }) => asSimulated.some((name) => flags.startsWith(`${name} `))),
    { flags: '--resolve', doc: 'look up in DNS what the prediction needs' },
    { flags: '--record', doc: 'when all is as it must be: note in the ledger that the certificate is in use' },
    { flags: '--wait', doc: 'with --record: wait while another run holds the lock' },
  ],
  async run(args, options, io) {
    const { runProbe } = await import('./probe/run-probe.ts');
    return runProbe(args, options, io);
  },
};
