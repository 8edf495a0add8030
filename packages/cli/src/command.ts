import type { Argv } from 'yargs'
import type { CommandIo } from './io.ts'

/** The exit code of a command that did what it was asked. */
export const DONE = 0

/** The exit code of a failure, and of differences, conflicts and failed checks. */
export const FAILED = 1

/** The exit code of a command line that makes no sense. */
export const MISUSED = 2

/** What the words after `--` are: more values of the last positional, or paths of their own. */
type AfterDashes = 'positional' | 'paths'

/** What help says of a command beside its options. */
interface CommandHelp {
  readonly name: string
  /** Positional arguments in yargs' notation. */
  readonly positionals: string
  readonly summary: string
  /** What the summary does not say; wrapped by hand. */
  readonly details: string
  /** Command lines and what they do. */
  readonly examples: readonly (readonly [command: string, meaning: string])[]
  readonly afterDashes: AfterDashes
}

/** A command as the registry holds it. */
export interface Command extends CommandHelp {
  /** Returns the command that a first word chooses within this one: `filter` in `dsv transform filter`. */
  readonly inner?: (word: string) => Command | undefined
  readonly describe: (options: Argv) => Argv
  /** Returns the exit code. */
  readonly run: (args: Readonly<Record<string, unknown>>, io: CommandIo) => Promise<number>
}

/** `max-count` → `maxCount`, as yargs does. */
type CamelCase<Key extends PropertyKey> = Key extends `${infer First}-${infer Rest}`
  ? `${First}${Capitalize<CamelCase<Rest>>}`
  : Key extends string
    ? Key
    : never

/** What `run` sees: options by their name in camel case, and the paths after `--`. */
type RunArguments<Args> = {
  readonly [Key in keyof Args as CamelCase<Key>]: Args[Key]
} & { readonly '--'?: readonly string[] }

/** A command whose `run` sees the types that `describe` declares. */
interface CommandDefinition<Args> {
  readonly name: string
  readonly positionals?: string
  readonly summary: string
  readonly details?: string
  readonly examples: CommandHelp['examples']
  /** `paths`: what follows `--` is paths and arrives as `args['--']`. Default `positional`. */
  readonly afterDashes?: AfterDashes
  readonly inner?: Command['inner']
  readonly describe: (options: Argv) => Argv<Args>
  readonly run: (args: RunArguments<Args>, io: CommandIo) => Promise<number | void>
}

/** Returns the command; types flow from `describe` to `run`. */
export function defineCommand<Args>(definition: CommandDefinition<Args>): Command {
  const { name, summary, examples, positionals = '', details = '' } = definition
  return {
    name,
    summary,
    examples,
    positionals,
    details,
    afterDashes: definition.afterDashes ?? 'positional',
    ...(definition.inner !== undefined && { inner: definition.inner }),
    describe: (options) => definition.describe(options),
    // What `describe` declares is what the parser returns.
    // oxlint-disable-next-line typescript/no-unsafe-type-assertion
    run: async (args, io) => (await definition.run(args as RunArguments<Args>, io)) ?? DONE,
  }
}
