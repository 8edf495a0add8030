/** Work in other threads that must be over before what it works for is. */
export interface AsideWork {
  /** Aborts when the work is of no use any more. */
  readonly signal: AbortSignal
  /** Adds work that has begun. */
  add(work: Promise<void>): void
  /** Waits for what has begun. @throws what it throws */
  settled(): Promise<void>
}

/**
 * Runs `work` and waits for all that it put aside, also when it fails: threads write to the session
 * that ends with it.
 *
 * @throws what `work` or what it put aside throws
 */
export async function withAsideWork<Result>(
  signal: AbortSignal,
  work: (aside: AsideWork) => Promise<Result>,
): Promise<Result> {
  const stop = new AbortController()
  const begun: Promise<void>[] = []
  const aside: AsideWork = {
    signal: AbortSignal.any([signal, stop.signal]),
    add: (each) => begun.push(each),
    settled: async () => {
      await Promise.all(begun)
    },
  }
  try {
    const result = await work(aside)
    await Promise.all(begun)
    return result
  } catch (error) {
    stop.abort(error)
    await Promise.allSettled(begun)
    throw error
  }
}
