import os from 'node:os'
import process from 'node:process'
import yargs, { type Argv } from 'yargs'
import { type Command, DONE, MISUSED } from './command.ts'
import { reportFailure, UsageError } from './failure.ts'
import type { CommandIo } from './io.ts'
import { commandSummaries, loadCommand } from './registry.ts'

/**
 * Runs one command line in `io` and returns its exit code. Only the command that is named is loaded.
 */
export async function runCli(argv: readonly string[], io: CommandIo): Promise<number> {
  try {
    const [name] = argv
    if (name === undefined || name === '--help' || name === '-h' || name === 'help')
      return await printHelp(argv, io)
    const command = await loadCommand(name)
    if (command === undefined) throw unknownCommand(name)
    return await runCommand(command, argv.slice(1), io)
  } catch (error) {
    return reportFailure(error, io)
  }
}

async function printHelp(argv: readonly string[], io: CommandIo): Promise<number> {
  const topic = argv[0] === 'help' ? argv[1] : undefined
  if (topic !== undefined) return runCli([topic, '--help'], io)
  io.out(overview())
  return argv.length === 0 ? MISUSED : DONE
}

function overview(): string {
  const width = Math.max(...commandSummaries.map(([name]) => name.length))
  const lines = commandSummaries.map(([name, summary]) => `  ${name.padEnd(width)}  ${summary}`)
  return [
    'dsv: version control for computer-vision datasets',
    '',
    'Usage: dsv <command> [options]',
    '',
    ...lines,
    '',
    '`dsv <command> --help` explains a command; `dsv --version` prints the version.',
    '',
  ].join('\n')
}

function unknownCommand(name: string): UsageError {
  const near = commandSummaries
    .map(([known]) => known)
    .filter((known) => known.startsWith(name.slice(0, 2)))
  const guess = near.length > 0 ? ` Did you mean ${near.join(', ')}?` : ''
  return new UsageError(`There is no command "${name}".${guess}`)
}

async function runCommand(
  command: Command,
  argv: readonly string[],
  io: CommandIo,
): Promise<number> {
  let help: string | undefined
  const parser = command
    .describe(yargs([]).scriptName('dsv'))
    .usage(`dsv ${command.name} ${command.positionals}\n\n${command.summary}`.trim())
    .command(`$0 ${command.positionals}`.trim(), false, (options: Argv) =>
      command.describe(options),
    )
    .strict()
    .help('help', 'Show this help')
    .alias('help', 'h')
    .version(false)
    .exitProcess(false)
    .parserConfiguration({ 'populate--': true, 'duplicate-arguments-array': true })
    .fail((message: string | null, error: Error | undefined) => {
      throw error ?? new UsageError(message ?? 'The command line makes no sense.')
    })
  const args: unknown = await parser.parseAsync([...argv], {}, (_error, _args, output) => {
    if (output !== '') help = output
  })
  if (help !== undefined) {
    io.out(`${help}\n`)
    return DONE
  }
  return command.run(Object.assign({}, args), io)
}

/** Runs the command line of this process and ends it with the exit code. */
export async function runProcess(): Promise<void> {
  const controller = new AbortController()
  process.once('SIGINT', () => controller.abort(new Error('interrupted')))
  process.once('SIGTERM', () => controller.abort(new Error('terminated')))
  // A reader that closes the pipe early (`dsv log | head`) is no failure.
  process.stdout.on('error', () => process.exit(DONE))
  const argv = process.argv.slice(2)
  const exitCode = await runCli(argv, processIo(argv, controller.signal))
  await drained(process.stdout)
  process.exit(exitCode)
}

function processIo(argv: readonly string[], signal: AbortSignal): CommandIo {
  const environment = process.env
  const plain = environment['NO_COLOR'] !== undefined && environment['NO_COLOR'] !== ''
  return {
    out: (text) => void process.stdout.write(text),
    note: (text) => void process.stderr.write(text),
    isTerminal: process.stderr.isTTY,
    useColor: process.stdout.isTTY && !plain,
    folder: process.cwd(),
    environment: { ...environment, DSV_HOST: environment['DSV_HOST'] ?? os.hostname() },
    now: () => ({
      seconds: fixedSeconds(environment['DSV_NOW']) ?? Math.floor(Date.now() / 1000),
      offsetMinutes: -new Date().getTimezoneOffset(),
    }),
    signal,
    argv,
    readInput: async () => {
      let text = ''
      process.stdin.setEncoding('utf8')
      for await (const piece of process.stdin) text += String(piece)
      return text
    },
    workerUrl: new URL('./ingest-worker.js', import.meta.url),
  }
}

/** Tests and reproducible builds set the clock through `DSV_NOW` (seconds since 1970 UTC). */
function fixedSeconds(text: string | undefined): number | undefined {
  const seconds = Number(text)
  return text === undefined || text === '' || !Number.isSafeInteger(seconds) ? undefined : seconds
}

async function drained(stream: NodeJS.WriteStream): Promise<void> {
  if (stream.writableLength > 0)
    await new Promise<void>((resolve) => stream.write('', () => resolve()))
}
