import type { OptionRow } from '../../../lib/option-row.ts';

/** What describes a server and one session on it, for every command that looks at one. */
export const sessionOptions: readonly OptionRow[] = [
  {
    flags: '--postfix <version>',
    doc: "the server's version, X.Y (newest patch level) or X.Y.Z; else what the files name, else 3.11",
  },
  { flags: '--main-cf <file>', doc: 'main.cf or the output of "postconf -n"' },
  { flags: '--master-cf <file>', doc: 'master.cf, for the -o overrides of the service' },
  { flags: '--service <name>', doc: 'the service of master.cf, by name or port', fallback: 'smtp' },
  {
    flags: '--table <path=file...>',
    doc: 'source of a lookup table by the path that main.cf names; a file of that base name beside main.cf is found by itself',
  },
  { flags: '--client-address <address>', doc: "the client's IP address" },
  { flags: '--client-name <name>', doc: "the client's verified name", fallback: 'unknown' },
  { flags: '--client-reverse-name <name>', doc: "the client's unverified name", fallback: "the client's name" },
  { flags: '--helo <name>', doc: 'the name in HELO', fallback: "the client's name, else its [address]" },
  { flags: '--cert <file>', doc: 'the certificate that the client presents, PEM or DER' },
  { flags: '--fingerprint <alg=hex...>', doc: 'fingerprint of the certificate, e.g. sha1=12:34:…' },
  { flags: '--public-key-fingerprint <alg=hex...>', doc: "fingerprint of the certificate's public key" },
  { flags: '--trusted', doc: "the certificate verifies against the server's CAs" },
  { flags: '--no-tls', doc: 'the client does not use TLS' },
  { flags: '--sasl-user <name>', doc: 'the client has logged in with this name' },
  { flags: '--from <address>', doc: 'the sender; "" is the null sender' },
  { flags: '--to <address...>', doc: 'a recipient; may be given several times' },
  {
    flags: '--session <file>',
    doc: 'the session as JSON (a scenario of a batch, or its "session"); other options replace its fields',
  },
];

/** What is wanted of the answer. */
export const answerOptions: readonly OptionRow[] = [
  { flags: '--expect <what>', doc: 'exit 0 when the verdict is permit or reject, or the reply has this code; else 3' },
  {
    flags: '--explain [depth]',
    doc: 'show each element that mattered; "full": every lookup, key by key',
    choices: ['full'],
  },
  { flags: '--trace', doc: 'with JSON: the tree of what was asked and answered' },
  { flags: '--batch <file>', doc: 'answer the scenarios of a JSON Lines file, "-" for standard input, one line each' },
  { flags: '--resolve', doc: 'look up in DNS what the verdict needs' },
];
