import yargs, { type Argv } from 'yargs'
import type { Command } from './command.ts'
import { UsageError } from './failure.ts'
import { nearNames } from './near-names.ts'

/** What the words after the name of a command mean. */
export type ParsedArguments =
  | { readonly type: 'help'; readonly text: string }
  | { readonly type: 'arguments'; readonly args: Readonly<Record<string, unknown>> }

/**
 * Help is as wide as this whatever the terminal is, so that its text can be compared; what `helpText`
 * takes away from the ends of lines included.
 */
const HELP_COLUMNS = 110

/**
 * Parses the words after the name of a command.
 *
 * @throws `UsageError` on unknown options, missing and surplus arguments
 */
export async function parseArguments(
  command: Command,
  words: readonly string[],
): Promise<ParsedArguments> {
  const dashes = words.indexOf('--')
  const before = dashes < 0 ? words : words.slice(0, dashes)
  const after = dashes < 0 ? [] : words.slice(dashes + 1)
  let help: string | undefined
  let declared: Declared = { names: new Set(), arrays: new Set() }
  const parser = parserOf(command, (options) => {
    declared = declaredOptions(options)
  })
  const parsed: unknown = await parser.parseAsync(
    before.map(withDashHidden),
    {},
    (_error, _args, output) => {
      if (output !== '') help = output
    },
  )
  if (help !== undefined) return { type: 'help', text: helpText(command, help) }
  const args: Record<string, unknown> = Object.assign({}, parsed)
  for (const [name, value] of Object.entries(args)) args[name] = withDashShown(value)
  const list = listPositional(command)
  keepLast(args, new Set([...declared.arrays, ...(list === undefined ? [] : [list])]))
  checkOptions(args, declared.names)
  addWordsAfterDashes(args, command, after)
  checkSurplus(args, command)
  return { type: 'arguments', args }
}

/** A lone `-` (standard input, the branch before) would become an empty text in the parser. */
const HIDDEN_DASH = '\u0001-'

function withDashHidden(word: string): string {
  return word === '-' ? HIDDEN_DASH : word
}

function withDashShown(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(withDashShown)
  return value === HIDDEN_DASH ? '-' : value
}

/** The parser forgets what a command declared once it is done, hence `onDescribed`. */
function parserOf(command: Command, onDescribed: (options: Argv) => void): Argv {
  const parser = yargs([])
    .scriptName('dsv')
    .detectLocale(false)
    .wrap(HELP_COLUMNS)
    .command(`$0 ${command.positionals}`.trim(), false, (options: Argv) => {
      const described = command.describe(options)
      onDescribed(described)
      return described
    })
    .help('help', 'Show this help')
    .alias('help', 'h')
    .version(false)
    .exitProcess(false)
    .parserConfiguration({
      'boolean-negation': false,
      'dot-notation': false,
      'greedy-arrays': false,
      'parse-numbers': false,
      'parse-positional-numbers': false,
    })
    .fail((message: string | null, error: Error | undefined) => {
      throw error ?? usageError(message ?? 'The command line makes no sense.', command)
    })
  for (const [line, meaning] of command.examples) parser.example(line, meaning)
  return parser
}

/** What yargs calls not enough arguments is told with the names of those that are missing. */
function usageError(message: string, command: Command): UsageError {
  if (!message.startsWith('Not enough')) return new UsageError(`${message}.`.replace(/\.\.$/u, '.'))
  const needed = [...command.positionals.matchAll(/<([^>]+)>/gu)].map(([whole]) => whole)
  return new UsageError(`\`dsv ${command.name}\` needs ${needed.join(' ')}.`)
}

interface Declared {
  readonly names: ReadonlySet<string>
  readonly arrays: ReadonlySet<string>
}

/** Returns the names and short names of the options that a command declares. */
export function optionNames(parser: Argv): readonly string[] {
  return [...declaredOptions(parser).names].filter((name) => name === dashed(name))
}

function declaredOptions(parser: Argv): Declared {
  // The types of yargs leave this method out.
  const options: unknown =
    'getOptions' in parser && typeof parser.getOptions === 'function' ? parser.getOptions() : {}
  const aliases = Object.values(fieldOf(options, 'alias')).flat()
  const names = new Set([...Object.keys(fieldOf(options, 'key')), ...aliases.map(String)])
  return { names, arrays: new Set(Object.values(fieldOf(options, 'array')).map(String)) }
}

function fieldOf(value: unknown, name: string): object {
  if (typeof value !== 'object' || value === null) return {}
  const field: unknown = new Map<string, unknown>(Object.entries(value)).get(name)
  return typeof field === 'object' && field !== null ? field : {}
}

/** Of an option that is given twice the last counts, unless it is a list. */
function keepLast(args: Record<string, unknown>, arrays: ReadonlySet<string>): void {
  for (const [name, value] of Object.entries(args)) {
    if (name === '_' || !Array.isArray(value)) continue
    if (arrays.has(name) || arrays.has(dashed(name))) continue
    args[name] = value.at(-1)
  }
}

function checkOptions(args: Readonly<Record<string, unknown>>, names: ReadonlySet<string>): void {
  for (const name of Object.keys(args)) {
    if (name === '_' || name === '$0' || names.has(name) || names.has(dashed(name))) continue
    const long = [...names].filter((known) => known.length > 1).map((known) => `--${known}`)
    const typed = name.length === 1 ? `-${name}` : `--${dashed(name)}`
    throw new UsageError(`There is no option ${typed}.${didYouMean(typed, long)}`)
  }
}

function dashed(name: string): string {
  return name.replaceAll(/[A-Z]/gu, (letter) => `-${letter.toLowerCase()}`)
}

/** Returns a sentence that names what may have been meant, with a space before it, or nothing. */
export function didYouMean(typed: string, known: readonly string[]): string {
  const near = nearNames(typed, known)
  return near.length === 0 ? '' : ` Did you mean ${near.join(' or ')}?`
}

function addWordsAfterDashes(
  args: Record<string, unknown>,
  command: Command,
  words: readonly string[],
): void {
  if (command.afterDashes === 'paths') {
    args['--'] = words
    return
  }
  const target = listPositional(command) ?? '_'
  const before: unknown = args[target]
  args[target] = [...(Array.isArray(before) ? before : []), ...words]
}

/** Returns the name of the positional that takes all the words that are left: `[paths..]`. */
function listPositional({ positionals }: Command): string | undefined {
  return /(\w+)\.\.[\]>]/u.exec(positionals)?.[1]
}

function checkSurplus(args: Readonly<Record<string, unknown>>, { name }: Command): void {
  const surplus: unknown = args['_']
  if (!Array.isArray(surplus) || surplus.length === 0) return
  throw new UsageError(`\`dsv ${name}\` cannot do anything with "${String(surplus[0])}".`)
}

/**
 * The types that yargs writes at the end of lines say nothing that the texts do not; neither does that
 * an option is not set when it is not given.
 */
function helpText({ name, positionals, summary, details }: Command, options: string): string {
  const lines = options
    .slice(options.search(/^(?:Positionals|Options):$/mu))
    .split('\n')
    .flatMap((line) => {
      const text = line
        .replace(/\s*\[(?:string|boolean|number|array)\]/gu, '')
        .replace(/\s*\[default: false\]/u, '')
        .replace(/\s*\[(default: "[^"]*"|choices: [^\]]*|required)\]/gu, ' [$1]')
      return text.trim() === '' && line.trim() !== '' ? [] : [text.trimEnd()]
    })
  const head = [`dsv ${name} ${positionals}`.trim(), '', summary]
  return [...head, ...(details === '' ? [] : ['', details]), '', ...lines].join('\n').trimEnd()
}
