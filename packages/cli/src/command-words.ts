import yargs from 'yargs'
import { commandSummaries, loadCommand } from './registry.ts'
import { optionNames } from './parse-arguments.ts'
import type { CommandWords } from './views/completion-script.ts'

/** Loads every command and returns its options, for completion scripts. */
export async function commandWords(): Promise<readonly CommandWords[]> {
  const words: CommandWords[] = []
  for (const [name, summary] of commandSummaries) {
    const command = await loadCommand(name)
    if (command === undefined) continue
    const names = optionNames(command.describe(yargs([]).version(false)))
    const options = [...names, 'help'].map((each) => (each.length === 1 ? `-${each}` : `--${each}`))
    words.push({ name, summary, options: options.toSorted() })
  }
  return words
}
