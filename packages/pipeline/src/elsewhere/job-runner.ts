/** Starts workers somewhere, and says how they ended. */
export interface JobRunner {
  /** Where they run, as messages name it. */
  readonly name: string
  /** How many may run at once. */
  readonly atOnce: number
  /**
   * Runs a worker and waits for its end; when the signal is aborted, the worker is ended too.
   *
   * @param line - For the shell
   * @throws the reason of the signal, and what keeps workers from being started at all
   */
  run(line: string, request: JobRequest): Promise<JobEnd>
}

/** What a worker is started with. */
export interface JobRequest {
  readonly signal: AbortSignal
  /** Is given what it prints. */
  readonly onOutput: (bytes: Uint8Array) => void
}

/** How a worker ended. */
export type JobEnd =
  | { readonly type: 'done' }
  /** It has said why. */
  | { readonly type: 'failed'; readonly exitCode: number }
  /** It was killed, or its machine died: another one may do it. */
  | { readonly type: 'lost'; readonly reason: string }

/** From here on a shell says that a signal ended what it ran. */
const SIGNALS = 128

/** Returns what an exit code means. */
export function endOfExit(exitCode: number | undefined, reason: string): JobEnd {
  if (exitCode === 0) return { type: 'done' }
  if (exitCode === undefined || exitCode < 0 || exitCode > SIGNALS) return { type: 'lost', reason }
  return { type: 'failed', exitCode }
}
