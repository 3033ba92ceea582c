import { globalOptions, helpOption } from '../global-options.ts';
import type { CommandGrammar, Flag, Grammar } from './grammar.ts';

/** What the page says beside the commands. */
export interface Edition {
  readonly version: string;
  /** YYYY-MM-DD. */
  readonly date: string;
  readonly exitCodes: readonly (readonly [number, string])[];
}

const everywhere = new Set([...globalOptions, helpOption].map(({ flags }) => flags));

/** certrelay(1) in the macros of man(7), which groff and mandoc read alike. */
export function manualPage(grammar: Grammar, { version, date, exitCodes }: Edition): string {
  const shared = grammar.commands[0]?.flags.filter(({ shown }) => everywhere.has(shown)) ?? [];
  return [
    `.TH CERTRELAY 1 ${date} "certrelay ${version}" "User Commands"`,
    '.SH NAME',
    `certrelay \\- ${escaped('mail relay by TLS client certificate between Postfix hosts')}`,
    '.SH SYNOPSIS',
    '.B certrelay',
    '.I COMMAND',
    '.RI [ options ]',
    '.SH DESCRIPTION',
    text(
      'One Postfix relays mail through another and is let in by its TLS client certificate. certrelay makes what that takes (an authority, certificates, fingerprints, the map relay_clientcerts, the main.cf of both sides, a script that installs them) and proves with a simulator of the SMTP server that the right clients can relay and nobody else.',
    ),
    '.PP',
    text(
      'Data goes to standard output, everything else to standard error. Nothing waits for an answer where standard input is no terminal.',
    ),
    '.SH OPTIONS',
    text('These go with every command.'),
    ...shared.flatMap(option),
    '.PP',
    text('Without a command:'),
    ...grammar.flags.flatMap(option),
    '.SH COMMANDS',
    ...grammar.commands.flatMap(commandLines),
    '.SH EXIT STATUS',
    ...exitCodes.flatMap(([code, meaning]) => ['.TP', `.B ${code}`, text(meaning)]),
    '.SH ENVIRONMENT',
    ...item('NO_COLOR', 'no colour, as with --no-color'),
    ...item(
      'CREDENTIALS_DIRECTORY',
      "set by systemd: its credential ca-passphrase is the passphrase of the authority's key",
    ),
    ...item('CERTRELAY_DEBUG', '1: where an internal error was thrown'),
    '.SH FILES',
    ...item('out/inventory.json', 'what is wanted: authority, hosts, settings; no secrets'),
    ...item('out/ledger.jsonl', 'what happened: issued, admitted, deployed, retired, revoked'),
    ...item('out/ca/', "the authority's certificate and key"),
    ...item('out/hosts/NAME/', 'all that one host needs, with an install.sh that installs it'),
    '.SH SEE ALSO',
    '.BR postconf (1),',
    '.BR postmap (1),',
    '.BR postconf (5),',
    '.BR access (5),',
    '.BR smtpd (8)',
    '',
  ].join('\n');
}

function commandLines({ name, doc, shownArguments, flags, examples }: CommandGrammar): string[] {
  const own = flags.filter(({ shown }) => !everywhere.has(shown));
  const options = own.length === 0 ? '' : ' [options]';
  return [
    `.SS ${escaped(`certrelay ${name}${shownArguments === '' ? '' : ` ${shownArguments}`}${options}`)}`,
    text(doc),
    ...own.flatMap(option),
    ...(examples.length === 0 ? [] : ['.PP', 'Examples:']),
    ...examples.flatMap(([line, what]) => [
      '.PP',
      '.nf',
      '.RS 4',
      verbatim(line),
      '.RE',
      '.fi',
      '.RS 8',
      text(what),
      '.RE',
    ]),
  ];
}

function option({ shown, doc, value }: Flag): string[] {
  const [, flags = shown, placeholder = ''] = /^(.*?)( [<[].*)?$/.exec(shown) ?? [];
  const choices = value?.kind === 'choices' ? `: ${value.choices.join(', ')}` : '';
  return [
    '.TP',
    `\\fB${escaped(flags)}\\fR\\fI${escaped(placeholder)}\\fR`.replace('\\fI\\fR', ''),
    text(`${doc}${choices}`),
  ];
}

const item = (name: string, doc: string) => ['.TP', `.B ${escaped(name)}`, text(doc)];

/** Text to be filled: source lines as short as mandoc wants them, none of which begins like a macro. */
const text = (line: string) => wrapped(line).map(guarded).join('\n');

/** One line as it is; the source is continued with a backslash where it gets long. */
const verbatim = (line: string) => guarded(wrapped(line).join(' \\\n'));

const guarded = (line: string) => line.replace(/^[.']/, '\\&$&');

function wrapped(line: string): string[] {
  const lines = [''];
  for (const word of escaped(line).split(' ')) {
    const last = lines.at(-1) ?? '';
    if (last !== '' && last.length + word.length > 76) lines.push(word);
    else lines[lines.length - 1] = last === '' ? word : `${last} ${word}`;
  }
  return lines;
}

/** roff(7): a backslash and a hyphen that is to be copied as one are written as escapes, as is what is not ASCII. */
function escaped(line: string): string {
  return line
    .replace(/[\\\-'^~`]/g, (letter) => escapes[letter] ?? letter)
    .replace(/[^\n\u0020-\u007e]/g, (letter) => {
      const code = (letter.codePointAt(0) ?? 0).toString(16).toUpperCase();
      return `\\[u${code.padStart(4, '0')}]`;
    });
}

const escapes: Readonly<Record<string, string>> = {
  '\\': '\\e',
  '-': '\\-',
  "'": '\\(aq',
  '^': '\\(ha',
  '~': '\\(ti',
  '`': '\\(ga',
};
