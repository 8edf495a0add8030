import { type Command, defineCommand } from '../command.ts'
import { UsageError } from '../failure.ts'
import { completionScript, isShell, SHELLS } from '../views/completion-script.ts'

/** `dsv completion`: prints a script for a shell. */
export const completionCommand: Command = defineCommand({
  name: 'completion',
  positionals: '<shell>',
  summary: 'Print a script that completes commands, options and branches in a shell.',
  examples: [
    ['source <(dsv completion bash)', 'Use it in this shell'],
    ['dsv completion fish > ~/.config/fish/completions/dsv.fish', 'Use it in each fish'],
  ],
  describe: (options) =>
    options.positional('shell', {
      type: 'string',
      demandOption: true,
      describe: SHELLS.join(', '),
    }),
  run: async ({ shell }, io) => {
    if (!isShell(shell)) throw new UsageError(`"${shell}" is none of ${SHELLS.join(', ')}.`)
    io.out(completionScript(shell, await io.commandWords()))
  },
})
