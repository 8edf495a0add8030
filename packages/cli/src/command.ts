import type { Argv } from 'yargs'
import type { CommandIo } from './io.ts'

/** The exit code of a command that did what it was asked. */
export const DONE = 0

/** The exit code of a failure, and of differences, conflicts and failed checks. */
export const FAILED = 1

/** The exit code of a command line that makes no sense. */
export const MISUSED = 2

/** A command as the registry holds it. */
export interface Command {
  readonly name: string
  /** Positional arguments in yargs' notation. */
  readonly positionals: string
  readonly summary: string
  readonly describe: (options: Argv) => Argv
  /** Returns the exit code. */
  readonly run: (args: Readonly<Record<string, unknown>>, io: CommandIo) => Promise<number>
}

/** A command whose `run` sees the types that `describe` declares. */
interface CommandDefinition<Args> {
  readonly name: string
  readonly positionals?: string
  readonly summary: string
  readonly describe: (options: Argv) => Argv<Args>
  readonly run: (args: Args, io: CommandIo) => Promise<number | void>
}

/** Returns the command; types flow from `describe` to `run`. */
export function defineCommand<Args>(definition: CommandDefinition<Args>): Command {
  return {
    name: definition.name,
    positionals: definition.positionals ?? '',
    summary: definition.summary,
    describe: (options) => definition.describe(options) as unknown as Argv,
    run: async (args, io) => (await definition.run(args as Args, io)) ?? DONE,
  }
}
