/** What can be typed after `dsv`. */
export interface CommandWords {
  readonly name: string
  readonly summary: string
  /** `--staged`, `-s`, … */
  readonly options: readonly string[]
}

/** The shells that completion is offered for. */
export const SHELLS = ['bash', 'zsh', 'fish'] as const

type Shell = (typeof SHELLS)[number]

/** Commands whose words are branches and tags. */
const TAKES_REFS = ['branch', 'switch', 'checkout', 'merge', 'diff', 'log', 'show', 'tag', 'reset']

/** Returns whether completion is offered for a shell. */
export function isShell(name: string): name is Shell {
  return SHELLS.some((shell) => shell === name)
}

/** Returns the script that a shell reads. Only branches and tags are asked for when it runs. */
export function completionScript(shell: Shell, commands: readonly CommandWords[]): string {
  switch (shell) {
    case 'bash':
      return bashScript(commands)
    case 'zsh':
      return `autoload -U +X bashcompinit && bashcompinit\n${bashScript(commands)}`
    case 'fish':
      return fishScript(commands)
  }
}

function bashScript(commands: readonly CommandWords[]): string {
  const cases = commands.map(({ name, options }) => `    ${name}) words="${options.join(' ')}" ;;`)
  return [
    '_dsv() {',
    '  local current="${COMP_WORDS[COMP_CWORD]}" words=""',
    '  if [ "$COMP_CWORD" -eq 1 ]; then',
    `    COMPREPLY=($(compgen -W "${commands.map(({ name }) => name).join(' ')}" -- "$current"))`,
    '    return',
    '  fi',
    '  case "${COMP_WORDS[1]}" in',
    ...cases,
    '  esac',
    '  case "$current" in',
    '  -*) COMPREPLY=($(compgen -W "$words" -- "$current")) ;;',
    '  *)',
    '    case "${COMP_WORDS[1]}" in',
    `    ${TAKES_REFS.join('|')})`,
    '      COMPREPLY=($(compgen -W "$(dsv --list-refs 2>/dev/null)" -- "$current") $(compgen -f -- "$current")) ;;',
    '    *) COMPREPLY=($(compgen -f -- "$current")) ;;',
    '    esac ;;',
    '  esac',
    '}',
    'complete -o filenames -F _dsv dsv',
    '',
  ].join('\n')
}

function fishScript(commands: readonly CommandWords[]): string {
  const lines = commands.flatMap(({ name, summary, options }) => [
    `complete -c dsv -n __fish_use_subcommand -f -a ${name} -d '${summary.replaceAll("'", String.raw`\'`)}'`,
    ...options.map((option) => {
      const flag = option.startsWith('--') ? `-l ${option.slice(2)}` : `-s ${option.slice(1)}`
      return `complete -c dsv -n '__fish_seen_subcommand_from ${name}' ${flag}`
    }),
  ])
  const refs = `complete -c dsv -n '__fish_seen_subcommand_from ${TAKES_REFS.join(' ')}' -a '(dsv --list-refs 2>/dev/null)'`
  return [...lines, refs, ''].join('\n')
}
