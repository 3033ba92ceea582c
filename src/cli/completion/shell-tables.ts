import type { CommandGrammar, Flag, Grammar, Value } from './grammar.ts';

/** A word of a script, in single quotes, as all shells but fish read them. */
export const quoted = (text: string): string => `'${text.replaceAll("'", "'\\''")}'`;

/** `--long` and, where there is one, `-s`. */
export const spellings = ({ long, short }: Flag): readonly string[] => (short === undefined ? [long] : [long, short]);

/**
 * The functions that bash and zsh share, for both read this text alike. `_certrelay_value COMMAND WORD` says what
 * stands behind an option, or for the argument `#N`; `_certrelay_read WORD…` reads the words before the cursor and
 * leaves in `asked`, `arity`, `kind`, `choices` and `out` what is expected at it.
 */
export function sharedFunctions(grammar: Grammar): string {
  return `_certrelay_value() {
  arity='' kind='' choices=''
  case "$1 $2" in
${valueCases(grammar)}
  esac
}

_certrelay_read() {
  local word last='' fresh='' position=1
  asked='' arity='' kind='' choices='' out='' ended=''
  for word in "$@"; do
    if [[ -z $asked ]]; then
      [[ $word == -* ]] || asked=$word
      continue
    fi
    # The first of several values is as necessary as a single one.
    [[ $word == -* ]] || fresh=''
    if [[ $arity == one ]]; then
      [[ $last != --out ]] || out=$word
      arity=''
    elif [[ -z $ended && $word == -- ]]; then
      ended=1 arity='' fresh=''
    elif [[ -z $ended && $word == --*=* ]]; then
      [[ $word != --out=* ]] || out=\${word#--out=}
      arity='' fresh=''
    elif [[ -z $ended && $word == -?* ]]; then
      last=$word fresh=''
      _certrelay_value "$asked" "$word"
      [[ $arity != many ]] || fresh=1
    elif [[ $arity == optional ]]; then
      arity=''
    elif [[ $arity != many ]]; then
      position=$((position + 1))
    fi
  done
  [[ -z $fresh ]] || arity=one
  [[ -z $asked || -n $arity ]] || _certrelay_value "$asked" "#$position"
}
`;
}

/** One branch for all places that expect the same. */
function valueCases({ commands }: Grammar): string {
  const places = new Map<string, string[]>();
  const add = (value: Value, patterns: readonly string[]) => {
    const choices = value.choices.length === 0 ? '' : ` choices=${quoted(value.choices.join(' '))}`;
    const sets = `arity=${value.arity} kind=${value.kind}${choices}`;
    places.set(sets, [...(places.get(sets) ?? []), ...patterns]);
  };
  for (const command of commands) {
    for (const flag of command.flags) {
      if (flag.value !== undefined) {
        add(
          flag.value,
          spellings(flag).map((word) => quoted(`${command.name} ${word}`)),
        );
      }
    }
    addArguments(command, add);
  }
  return [...places].map(([sets, patterns]) => `    ${patterns.join(' | ')})\n      ${sets} ;;`).join('\n');
}

function addArguments(
  { name, values }: CommandGrammar,
  add: (value: Value, patterns: readonly string[]) => void,
): void {
  for (const [at, value] of values.entries()) {
    // What may be repeated is the last, so its number is open.
    const pattern = value.arity === 'many' ? `${quoted(`${name} #`)}*` : quoted(`${name} #${at + 1}`);
    // Whoever types an argument is not bound to it: options may come as well.
    add({ ...value, arity: 'many' }, [pattern]);
  }
}
