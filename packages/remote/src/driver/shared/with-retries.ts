import { setTimeout as delay } from 'node:timers/promises'

/** How {@link withRetries} repeats. */
export interface RetryOptions {
  /** Whether another attempt may succeed after this error. */
  readonly classify: (error: unknown) => 'retry' | 'fail'
  /** What the server asked to wait, in milliseconds (see {@link parseRetryAfter}). */
  readonly retryAfterMs?: (error: unknown) => number | undefined
  /** How often to try at most; 10 by default. */
  readonly attempts?: number
  /** Longest wait before the second attempt in milliseconds, doubled for each after it; 200 by default. */
  readonly firstWaitMs?: number
  /** Longest wait between two attempts in milliseconds; 20,000 by default. */
  readonly longestWaitMs?: number
  /** No attempt begins later than this after the first failure, in milliseconds; 120,000 by default. */
  readonly totalMs?: number
  /** Ends the waiting. */
  readonly signal?: AbortSignal | undefined
  /** From 0 to 1, for the jitter. */
  readonly random?: () => number
  /** Milliseconds since 1970 UTC. */
  readonly nowMs?: () => number
  readonly wait?: (ms: number, signal: AbortSignal | undefined) => Promise<void>
}

/**
 * Runs `run` until it succeeds, and waits longer after each failure. The last error is thrown as it is.
 *
 * A wait is random between half of its bound and all of it, so that many clients do not come back at
 * once. The limit in time begins with the first failure, so that what broke after an hour is tried again.
 */
export async function withRetries<Result>(
  run: (attempt: number) => Promise<Result>,
  options: RetryOptions,
): Promise<Result> {
  const { attempts = 10, totalMs = 120_000, signal } = options
  const { nowMs = Date.now, wait = waitFor } = options
  let failedFirstMs: number | undefined
  for (let attempt = 1; ; attempt += 1) {
    signal?.throwIfAborted()
    try {
      return await run(attempt)
    } catch (error) {
      if (signal?.aborted === true || attempt >= attempts) throw error
      if (options.classify(error) === 'fail') throw error
      failedFirstMs ??= nowMs()
      const waitMs = Math.max(backoffMs(attempt, options), options.retryAfterMs?.(error) ?? 0)
      if (nowMs() + waitMs - failedFirstMs > totalMs) throw error
      await wait(waitMs, signal)
    }
  }
}

/**
 * Returns the milliseconds that a `Retry-After` header asks for: seconds, or a date (RFC 9110, 10.2.3).
 * Undefined when it says neither.
 */
export function parseRetryAfter(header: string | undefined, nowMs: number): number | undefined {
  if (header === undefined) return undefined
  if (/^\s*\d{1,9}\s*$/.test(header)) return Number(header) * 1000
  const atMs = Date.parse(header)
  return Number.isNaN(atMs) ? undefined : Math.max(0, atMs - nowMs)
}

function backoffMs(attempt: number, options: RetryOptions): number {
  const { firstWaitMs = 200, longestWaitMs = 20_000, random = Math.random } = options
  const boundMs = Math.min(longestWaitMs, firstWaitMs * 2 ** (attempt - 1))
  return boundMs * (0.5 + random() / 2)
}

async function waitFor(ms: number, signal: AbortSignal | undefined): Promise<void> {
  await delay(ms, undefined, signal && { signal })
}
