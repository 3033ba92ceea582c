import type { Grammar } from './grammar.ts';
import { quoted, sharedFunctions, spellings } from './shell-tables.ts';

/** Completion for bash 4.2 or newer, which needs nothing else: `COMPREPLY` by `complete -F _certrelay`. */
export function bashCompletion(grammar: Grammar): string {
  const words = grammar.commands.map(({ name }) => name).concat(grammar.flags.flatMap(spellings));
  return `# bash completion of certrelay, made by "certrelay completion bash"
# shellcheck shell=bash

_certrelay_flags() {
  case $1 in
${grammar.commands.map(({ name, flags }) => `    ${name}) flags=${quoted(flags.map(({ long }) => long).join(' '))} ;;`).join('\n')}
    *) flags='' ;;
  esac
}

${sharedFunctions(grammar)}
# Offers those of the words given that begin with what was typed; nothing in them is expanded.
_certrelay_offer() {
  local word
  for word in "$@"; do
    [[ $word != "$cur"* ]] || COMPREPLY+=("$word")
  done
}

_certrelay() {
  local cur word at=-1 i asked arity kind choices out ended flags
  local -a words=()
  # Readline parts words at "=": those of an option and its value are joined again.
  for ((i = 1; i <= COMP_CWORD; i++)); do
    word=\${COMP_WORDS[i]}
    if ((at >= 0)) && [[ $word == '=' && \${words[at]} == --* && \${words[at]} != *=* || \${words[at]} == --*= ]]; then
      words[at]+=$word
    else
      words[++at]=$word
    fi
  done
  cur=\${words[at]}
  COMPREPLY=()
  _certrelay_read "\${words[@]:0:at}"
  if [[ -z $ended && $cur == --*=* ]]; then
    _certrelay_value "$asked" "\${cur%%=*}"
    cur=\${cur#*=}
    arity=one
  fi
  [[ $cur != '=' ]] || cur=''
  if [[ -z $asked ]]; then
    _certrelay_offer ${words.join(' ')}
    return
  fi
  _certrelay_flags "$asked"
  # shellcheck disable=SC2086 # both are lists of plain words
  if [[ -z $ended && $arity != one && $cur == -* ]]; then
    _certrelay_offer $flags
    return
  fi
  case $kind in
    choices)
      # shellcheck disable=SC2086
      _certrelay_offer $choices ;;
    host)
      while IFS= read -r word; do
        _certrelay_offer "$word"
      done < <("$1" completion --names \${out:+--out "$out"} 2>/dev/null) ;;
    file)
      compopt -o filenames 2>/dev/null
      while IFS= read -r word; do COMPREPLY+=("$word"); done < <(compgen -f -- "$cur") ;;
    folder)
      compopt -o filenames 2>/dev/null
      while IFS= read -r word; do COMPREPLY+=("$word"); done < <(compgen -d -- "$cur") ;;
    *)
      # Nothing can be offered for the argument: then the options.
      # shellcheck disable=SC2086
      [[ $arity == one || -n $cur ]] || _certrelay_offer $flags ;;
  esac
}

complete -F _certrelay certrelay
`;
}
