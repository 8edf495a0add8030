import { type ChildProcess, spawn } from 'node:child_process'
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { fileURLToPath } from 'node:url'

const DSV = fileURLToPath(new URL('../packages/cli/bin/dsv.js', import.meta.url))

/** What a finished command said. */
export interface Finished {
  /** Undefined when a signal ended it. */
  readonly exitCode: number | undefined
  readonly signal: NodeJS.Signals | undefined
  readonly stdout: string
  readonly stderr: string
}

/** A command that runs. */
export interface Running {
  readonly process: ChildProcess
  readonly done: Promise<Finished>
}

/** How a command is run. */
export interface RunOptions {
  /** Relative to the sandbox; its folder `work` by default. */
  readonly cwd?: string
  readonly env?: Readonly<Record<string, string>>
  /** Shell commands before dsv, such as limits: `ulimit -f 8`. */
  readonly limits?: string
}

/** A temporary folder with its own home, in which the built dsv runs with a fixed clock. */
export interface Sandbox extends Disposable {
  readonly folder: string
  /** Absolute path of what lies in the folder `work`. */
  at(inside: string): string
  write(inside: string, content: string | Uint8Array): void
  read(inside: string): string
  has(inside: string): boolean
  start(args: readonly string[], options?: RunOptions): Running
  run(args: readonly string[], options?: RunOptions): Promise<Finished>
  /** Runs a command that has to succeed and returns its output. */
  dsv(...args: readonly string[]): Promise<string>
}

/** Makes a sandbox; the built dsv has to be there (`npm run bundle`). */
export function openSandbox(): Sandbox {
  const folder = mkdtempSync(path.join(tmpdir(), 'dsv-sandbox-'))
  for (const name of ['home', 'work']) mkdirSync(path.join(folder, name))
  const at = (inside: string): string => path.join(folder, 'work', inside)
  const start = (args: readonly string[], options: RunOptions = {}): Running => {
    const { cwd = 'work', env = {}, limits } = options
    const command = [process.execPath, DSV, ...args]
    const [file = '', ...rest] =
      limits === undefined ? command : ['bash', '-c', `${limits}; exec "$@"`, 'bash', ...command]
    const child = spawn(file, rest, {
      cwd: path.join(folder, cwd),
      env: { ...sandboxEnvironment(folder), ...env },
      stdio: ['ignore', 'pipe', 'pipe'],
    })
    return { process: child, done: finished(child) }
  }
  const run = async (args: readonly string[], options?: RunOptions): Promise<Finished> =>
    start(args, options).done
  return {
    folder,
    at,
    start,
    run,
    write: (inside, content) => {
      mkdirSync(path.dirname(at(inside)), { recursive: true })
      writeFileSync(at(inside), content)
    },
    read: (inside) => readFileSync(at(inside), 'utf8'),
    has: (inside) => existsSync(at(inside)),
    dsv: async (...args) => {
      const { exitCode, stdout, stderr } = await run(args)
      if (exitCode !== 0) throw new Error(`dsv ${args.join(' ')} gave ${exitCode}: ${stderr}`)
      return stdout
    },
    [Symbol.dispose]: () => rmSync(folder, { recursive: true, force: true }),
  }
}

function sandboxEnvironment(folder: string): Record<string, string> {
  const home = path.join(folder, 'home')
  return {
    HOME: home,
    XDG_CONFIG_HOME: path.join(home, '.config'),
    PATH: process.env['PATH'] ?? '',
    NO_COLOR: '1',
    TZ: 'UTC',
    LC_ALL: 'C.UTF-8',
    DSV_NOW: '1714979289',
    DSV_AUTHOR_NAME: 'Ada',
    DSV_AUTHOR_EMAIL: 'ada@example.org',
  }
}

async function finished(child: ChildProcess): Promise<Finished> {
  const [stdout, stderr]: [string[], string[]] = [[], []]
  child.stdout?.setEncoding('utf8').on('data', (text: string) => stdout.push(text))
  child.stderr?.setEncoding('utf8').on('data', (text: string) => stderr.push(text))
  return new Promise((resolve, reject) => {
    child.once('error', reject)
    child.once('close', (exitCode, signal) => {
      resolve({
        exitCode: exitCode ?? undefined,
        signal: signal ?? undefined,
        stdout: stdout.join(''),
        stderr: stderr.join(''),
      })
    })
  })
}
