import { type Command, DONE, MISUSED } from './command.ts'
import { reportFailure, UsageError } from './failure.ts'
import type { CommandIo } from './io.ts'
import { didYouMean, parseArguments } from './parse-arguments.ts'
import { listRefs } from './list-refs.ts'
import { applySettings } from './settings.ts'
import { printable } from './views/printable.ts'
import { progressLine } from './views/progress-line.ts'
import { commandSummaries, loadCommand } from './registry.ts'
import { changeFolder } from './change-folder.ts'

/**
 * Runs one command line in `io` and returns its exit code. Only the command that is named is loaded.
 */
export async function runCli(argv: readonly string[], io: CommandIo): Promise<number> {
  try {
    const { words, place } = changeFolder(argv, io)
    const [name, ...rest] = words
    if (name === undefined || name === '--help' || name === '-h' || name === 'help')
      return await printHelp(words, place)
    if (name === '--list-refs') return await listRefs(place)
    const command = await loadCommand(name)
    if (command === undefined) throw unknownCommand(name)
    const inner = rest[0] === undefined ? undefined : command.inner?.(rest[0])
    if (inner !== undefined) return await runCommand(inner, rest.slice(1), place)
    return await runCommand(command, rest, place)
  } catch (error) {
    return reportFailure(error, io)
  }
}

async function printHelp(argv: readonly string[], io: CommandIo): Promise<number> {
  const topic = argv[0] === 'help' ? argv[1] : undefined
  if (topic !== undefined) return runCli([topic, '--help'], io)
  const text = overview()
  if (argv.length > 0) io.out(text)
  else io.note(text)
  return argv.length === 0 ? MISUSED : DONE
}

function overview(): string {
  const width = Math.max(...commandSummaries.map(([name]) => name.length))
  const lines = commandSummaries.map(([name, summary]) => `  ${name.padEnd(width)}  ${summary}`)
  return [
    'dsv: version control for computer-vision datasets',
    '',
    'Usage: dsv [-C <folder>] <command> [options]',
    '',
    ...lines,
    '',
    '`dsv <command> --help` explains a command; `dsv --version` prints the version.',
    '',
  ].join('\n')
}

function unknownCommand(name: string): UsageError {
  const known = commandSummaries.map(([command]) => command)
  return new UsageError(`There is no command "${name}".${didYouMean(name, known)}`)
}

async function runCommand(
  command: Command,
  words: readonly string[],
  io: CommandIo,
): Promise<number> {
  const parsed = await parseArguments(command, words)
  if (parsed.type === 'arguments') {
    // `dsv config` has to run where settings are broken.
    const place = command.name === 'config' ? io : applySettings(io)
    return runWithProgress(command, parsed.args, place)
  }
  io.out(`${parsed.text}\n`)
  return DONE
}

/** Whatever a command prints takes the place of the line on its progress. */
async function runWithProgress(
  command: Command,
  args: Readonly<Record<string, unknown>>,
  io: CommandIo,
): Promise<number> {
  const progress = progressLine(io)
  const cleared =
    <Output>(write: (output: Output) => void) =>
    (output: Output): void => {
      progress.clear()
      write(output)
    }
  try {
    return await command.run(args, {
      ...io,
      out: cleared((text) => io.out(printable(text, io.useColor))),
      outBytes: cleared(io.outBytes),
      note: cleared((text) => io.note(printable(text, io.useColor))),
      onProgress: progress.update,
      commandWords: async () => (await import('./command-words.ts')).commandWords(),
    })
  } finally {
    progress.clear()
  }
}
