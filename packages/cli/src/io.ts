import type { DateTime, Progress } from '@dsv/core'
import type { CommandWords } from './views/completion-script.ts'

/** What a command may know of the world outside: the terminal, the folder, the clock, the user. */
export interface CommandIo {
  /** Writes a result. Only results go to standard output. */
  readonly out: (text: string) => void
  /** Writes bytes as they are to standard output. */
  readonly outBytes: (bytes: Uint8Array) => void
  /** Writes a remark, a warning or progress: standard error. */
  readonly note: (text: string) => void
  /** Takes how far long work is. */
  readonly onProgress: (progress: Progress) => void
  /** Whether standard error is a terminal: progress is drawn only then. */
  readonly isTerminal: boolean
  /** Whether results may be coloured. */
  readonly useColor: boolean
  readonly folder: string
  readonly environment: Readonly<Record<string, string | undefined>>
  /** Who is logged in, where nothing says who the user is. */
  readonly account: { readonly user: string; readonly host: string }
  readonly now: () => DateTime
  /** Milliseconds from some fixed moment, for progress. */
  readonly elapsedMs: () => number
  /** Aborted by Ctrl-C. */
  readonly signal: AbortSignal
  /** The words the user typed, for the operation log. */
  readonly argv: readonly string[]
  /** Standard input, for commands that read a message or a list from it. */
  readonly readInput: () => Promise<string>
  /**
   * Lets the user edit a file, in the editor that the settings name, if they do; undefined where there
   * is no terminal.
   */
  readonly edit: ((file: string, editor: string | undefined) => Promise<void>) | undefined
  /** Loads every command and returns what can be typed; `runCli` provides it. */
  readonly commandWords: () => Promise<readonly CommandWords[]>
  /** The script of the worker threads; undefined runs everything in this thread. */
  readonly workerUrl: URL | undefined
  /** The words that start this program again, where another process is to be. */
  readonly program?: readonly string[]
}
