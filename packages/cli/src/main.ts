import os from 'node:os'
import process from 'node:process'
import { DONE, FAILED } from './command.ts'
import type { CommandIo } from './io.ts'
import { runCli } from './run-cli.ts'

/** Runs the command line of this process and ends it with the exit code. */
export async function runProcess(): Promise<void> {
  const controller = new AbortController()
  // The second Ctrl-C finds no listener and kills the process; the store is made for that.
  process.once('SIGINT', () => controller.abort(new Error('interrupted')))
  process.once('SIGTERM', () => controller.abort(new Error('terminated')))
  process.stdout.on('error', stopWriting)
  process.stderr.on('error', () => {})
  const exitCode = await runCommandLine(process.argv.slice(2), controller.signal)
  await drained(process.stdout)
  process.exit(exitCode)
}

/** Runs one command line in this process and returns its exit code. */
export async function runCommandLine(
  argv: readonly string[],
  signal: AbortSignal,
): Promise<number> {
  return runCli(argv, processIo(argv, signal))
}

/** A reader that closes the pipe early (`dsv log | head`) is no failure; a full disk is. */
function stopWriting(error: NodeJS.ErrnoException): void {
  if (error.code === 'EPIPE') process.exit(DONE)
  process.stderr.write(`error: The output cannot be written: ${error.message}\n`)
  process.exit(FAILED)
}

function processIo(argv: readonly string[], signal: AbortSignal): CommandIo {
  const environment = process.env
  const plain = environment['NO_COLOR'] !== undefined && environment['NO_COLOR'] !== ''
  return {
    outBytes: (bytes) => void process.stdout.write(bytes),
    out: (text) => void process.stdout.write(text),
    note: (text) => void process.stderr.write(text),
    onProgress: () => {},
    commandWords: async () => [],
    isTerminal: process.stderr.isTTY,
    useColor: process.stdout.isTTY && !plain && environment['TERM'] !== 'dumb',
    folder: process.cwd(),
    environment,
    account: { user: accountName(), host: os.hostname() },
    now: () => ({
      seconds: fixedSeconds(environment['DSV_NOW']) ?? Math.floor(Date.now() / 1000),
      // A fixed clock is the same on every machine.
      offsetMinutes: environment['DSV_NOW'] ? 0 : -new Date().getTimezoneOffset(),
    }),
    elapsedMs: () => performance.now(),
    signal,
    argv,
    readInput: async () => {
      let text = ''
      process.stdin.setEncoding('utf8')
      for await (const piece of process.stdin) text += String(piece)
      return text
    },
    edit: process.stdin.isTTY
      ? async (file, editor) =>
          edit(environment['DSV_EDITOR'] ?? editor ?? editorOf(environment), file)
      : undefined,
    program: [process.execPath, process.argv[1] ?? ''],
    workerUrl: new URL('./ingest-worker.js', import.meta.url),
  }
}

/** Containers may run as a user that has no name. */
function accountName(): string {
  try {
    return os.userInfo().username
  } catch {
    return String(process.getuid?.() ?? 'unknown')
  }
}

/** Tests and reproducible builds set the clock through `DSV_NOW` (seconds since 1970 UTC). */
function fixedSeconds(text: string | undefined): number | undefined {
  const seconds = Number(text)
  return text === undefined || text === '' || !Number.isSafeInteger(seconds) ? undefined : seconds
}

function editorOf(environment: CommandIo['environment']): string {
  const { VISUAL, EDITOR } = environment
  return VISUAL ?? EDITOR ?? 'vi'
}

/** The editor may come with options (`code --wait`): the shell takes them apart. */
async function edit(editor: string, file: string): Promise<void> {
  const { spawn } = await import('node:child_process')
  await new Promise<void>((resolve, reject) => {
    const child = spawn(`${editor} "$DSV_EDITED_FILE"`, {
      shell: true,
      stdio: 'inherit',
      env: { ...process.env, DSV_EDITED_FILE: file },
    })
    child.on('error', reject)
    child.on('exit', () => resolve())
  })
}

async function drained(stream: NodeJS.WriteStream): Promise<void> {
  if (stream.writableLength > 0)
    await new Promise<void>((resolve) => stream.write('', () => resolve()))
}
