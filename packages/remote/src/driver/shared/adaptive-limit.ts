/** How many requests {@link adaptiveLimit} allows at once. */
export interface AdaptiveLimitOptions {
  /** Whether an error says that the server has too much to do (`503`, `SlowDown`). */
  readonly isSlowDown: (error: unknown) => boolean
  /** At once in the beginning; 4 by default. */
  readonly start?: number
  /** At once at most; 64 by default. */
  readonly most?: number
}

/** Lets through as many requests at once as the server seems to bear. */
export interface AdaptiveLimit {
  /** How many may run at once now. */
  readonly atOnce: number
  /** Runs a request when there is room. Waits between attempts belong outside. */
  run<Result>(request: () => Promise<Result>): Promise<Result>
}

/**
 * Returns a limit that rises by one after as many successes as it allows at once, and halves when the
 * server is overloaded: additive increase, multiplicative decrease.
 *
 * One overload fails many requests; those that began before the halving do not halve it again. A limit
 * that is not used up does not rise.
 */
export function adaptiveLimit(options: AdaptiveLimitOptions): AdaptiveLimit {
  const { isSlowDown, start = 4, most = 64 } = options
  const waiting: (() => void)[] = []
  let allowed = Math.min(start, most)
  let running = 0
  let begun = 0
  let halvedAt = 0

  function leave(): void {
    running -= 1
    while (running < Math.floor(allowed)) {
      const next = waiting.shift()
      if (next === undefined) return
      running += 1
      next()
    }
  }
  function succeeded(): void {
    if (running >= Math.floor(allowed)) allowed = Math.min(most, allowed + 1 / Math.floor(allowed))
  }
  function failed(error: unknown, number: number): void {
    if (number <= halvedAt || !isSlowDown(error)) return
    allowed = Math.max(1, allowed / 2)
    halvedAt = begun
  }

  return {
    get atOnce() {
      return Math.floor(allowed)
    },
    async run(request) {
      if (running < Math.floor(allowed)) running += 1
      else await new Promise<void>((resolve) => void waiting.push(resolve))
      begun += 1
      const number = begun
      try {
        const result = await request()
        succeeded()
        return result
      } catch (error) {
        failed(error, number)
        throw error
      } finally {
        leave()
      }
    },
  }
}
