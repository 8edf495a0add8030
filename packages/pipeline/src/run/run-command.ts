import { spawn } from 'node:child_process'
import path from 'node:path'

/** A command of a stage. */
export interface CommandRequest {
  readonly lines: readonly string[]
  /** Where it runs. */
  readonly folder: string
  readonly environment: Readonly<Record<string, string | undefined>>
  readonly signal: AbortSignal
  /** Is given what it prints. */
  readonly onOutput: (bytes: Uint8Array) => void
  /** Is given the process group of each line, as it begins. */
  readonly onGroup?: (group: number) => void
}

/** How a line ended that did not succeed. */
export interface CommandFailure {
  readonly line: string
  readonly exitCode: number | undefined
  readonly signal: string | undefined
}

/** How long a command may take to end by itself. */
const PATIENCE_MS = 3000

/**
 * Runs lines of a shell one after the other until one fails, as DVC does: by the shell of the user, without its
 * start-up files. Each runs in a process group of its own, which is ended as a whole when the signal is aborted.
 *
 * @throws the reason of the signal; what starting the shell throws
 */
export async function runCommand(request: CommandRequest): Promise<CommandFailure | undefined> {
  for (const line of request.lines) {
    request.signal.throwIfAborted()
    const failure = await runLine(line, request)
    request.signal.throwIfAborted()
    if (failure !== undefined) return failure
  }
  return undefined
}

async function runLine(
  line: string,
  { folder, environment, signal, onOutput, onGroup }: CommandRequest,
): Promise<CommandFailure | undefined> {
  const shell = environment['SHELL'] || '/bin/sh'
  return new Promise((resolve, reject) => {
    const child = spawn(shell, [...shellOptions(shell), '-c', line], {
      cwd: folder,
      env: environment,
      stdio: ['ignore', 'pipe', 'pipe'],
      detached: true,
    })
    try {
      if (child.pid !== undefined) onGroup?.(child.pid)
    } catch (error) {
      killGroup(child.pid, 'SIGKILL')
      reject(error)
      return
    }
    const timers: NodeJS.Timeout[] = []
    const stop = (): void => {
      killGroup(child.pid, 'SIGTERM')
      timers.push(setTimeout(() => killGroup(child.pid, 'SIGKILL'), PATIENCE_MS))
    }
    signal.addEventListener('abort', stop, { once: true })
    child.stdout.on('data', onOutput)
    child.stderr.on('data', onOutput)
    child.on('error', reject)
    child.on('close', (exitCode, killer) => {
      signal.removeEventListener('abort', stop)
      for (const timer of timers) clearTimeout(timer)
      if (signal.aborted) killGroup(child.pid, 'SIGKILL')
      if (exitCode === 0) resolve(undefined)
      else resolve({ line, exitCode: exitCode ?? undefined, signal: killer ?? undefined })
    })
  })
}

/** What DVC gives to the shells that it knows, so that files of the user's home do not change what runs. */
function shellOptions(shell: string): readonly string[] {
  const name = path.basename(shell)
  if (name === 'bash') return ['--noprofile', '--norc']
  if (name === 'zsh') return ['--no-rcs']
  return []
}

function killGroup(pid: number | undefined, signal: NodeJS.Signals): void {
  if (pid === undefined) return
  try {
    process.kill(-pid, signal)
  } catch {
    // It has ended.
  }
}
