import type { Flag, Grammar, Value } from './grammar.ts';

/** Completion for fish, as `certrelay.fish` in a folder of `fish_complete_path`. */
export function fishCompletion(grammar: Grammar): string {
  const rows = grammar.commands.flatMap(({ name, doc, flags, values }) => {
    const asked = `-n ${quoted(`__certrelay_asked ${name}`)}`;
    return [
      `complete -c certrelay -n __certrelay_asked -a ${name} -d ${quoted(doc)}`,
      ...flags.map((flag) => `complete -c certrelay ${asked} ${flagWords(flag)}`),
      // The offer is the same for every argument of a command.
      ...values.slice(0, 1).flatMap((value) => {
        const offer = offerOf(value);
        return offer === '' ? [] : [`complete -c certrelay ${asked} ${offer}`];
      }),
    ];
  });
  return `# fish completion of certrelay, made by "certrelay completion fish"

# True when the command is the one given; without one, when there is none yet.
function __certrelay_asked
    set -l words (commandline -opc)
    set -e words[1]
    for word in $words
        if not string match -q -- '-*' $word
            test "$word" = "$argv[1]"
            return
        end
    end
    test -z "$argv[1]"
end

function __certrelay_hosts
    set -l words (commandline -opc)
    set -l out
    set -l last
    for word in $words
        if test "$last" = --out
            set out --out $word
        else if string match -q -- '--out=*' $word
            set out $word
        end
        set last $word
    end
    $words[1] completion --names $out 2>/dev/null
end

complete -c certrelay -f
${grammar.flags.map((flag) => `complete -c certrelay -n __certrelay_asked ${flagWords(flag)}`).join('\n')}
${rows.join('\n')}
`;
}

function flagWords(flag: Flag): string {
  const short = flag.short === undefined ? '' : ` -s ${flag.short.slice(1)}`;
  // A value that may be left out is not asked for, or fish would take the next word for it.
  const offer =
    flag.value === undefined || flag.value.arity === 'optional' ? '' : ` -r ${offerOf(flag.value)}`.trimEnd();
  return `-l ${flag.long.slice(2)}${short}${offer} -d ${quoted(flag.doc)}`;
}

function offerOf({ kind, choices }: Value): string {
  if (kind === 'choices') return `-f -a ${quoted(choices.join(' '))}`;
  if (kind === 'host') return "-f -a '(__certrelay_hosts)'";
  if (kind === 'folder') return "-f -a '(__fish_complete_directories)'";
  return kind === 'file' ? '-F' : '';
}

const quoted = (text: string): string => `'${text.replaceAll('\\', '\\\\').replaceAll("'", "\\'")}'`;
