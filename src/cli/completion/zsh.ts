import type { Flag, Grammar } from './grammar.ts';
import { quoted, sharedFunctions, spellings } from './shell-tables.ts';

/** Completion for zsh, as a file `_certrelay` in a folder of `fpath`, or sourced after `compinit`. */
export function zshCompletion(grammar: Grammar): string {
  const commands = grammar.commands.map(({ name, doc }) => quoted(`${name}:${doc}`));
  return `#compdef certrelay
# zsh completion of certrelay, made by "certrelay completion zsh"

_certrelay_flags() {
  case $1 in
${grammar.commands.map(({ name, flags }) => `    ${name})\n      flags=(\n${described(flags)}\n      ) ;;`).join('\n')}
    *) flags=() ;;
  esac
}

${sharedFunctions(grammar)}
_certrelay() {
  local asked arity kind choices out ended name
  local -a flags rows names
  _certrelay_read "\${(@Q)words[2,CURRENT-1]}"
  if [[ -z $asked ]]; then
    rows=(
      ${commands.join('\n      ')}
    )
    flags=(
${described(grammar.flags)}
    )
    [[ $PREFIX == -* ]] && _describe -o option flags || _describe command rows
    return
  fi
  _certrelay_flags "$asked"
  if [[ -z $ended && $PREFIX == --*=* ]]; then
    _certrelay_value "$asked" "\${PREFIX%%=*}"
    arity=one
    compset -P '*='
  elif [[ -z $ended && $arity != one && $PREFIX == -* ]]; then
    _describe -o option flags
    return
  fi
  case $kind in
    choices) names=(\${=choices}); compadd -a names ;;
    host)
      names=(\${(f)"$("$words[1]" completion --names \${out:+--out} \${out:+"$out"} 2>/dev/null)"})
      compadd -a names ;;
    file) compset -P '*='; _files ;;
    folder) _files -/ ;;
    *) [[ $arity == one || -n $PREFIX ]] || _describe -o option flags ;;
  esac
}

# Loaded by compinit, this file is the function itself; sourced, it names it.
if [[ $funcstack[1] == _certrelay ]]; then
  _certrelay "$@"
else
  compdef _certrelay certrelay
fi
`;
}

function described(flags: readonly Flag[]): string {
  return flags
    .flatMap((flag) =>
      spellings(flag).map((word) => `        ${quoted(`${word}:${flag.doc.replaceAll('\\', '\\\\')}`)}`),
    )
    .join('\n');
}
