import { remoteStalled } from '../../errors.ts'

/** When a transfer counts as stalled. */
export interface StallOptions {
  /** Fewer bytes per second than this are a stall; 1,024 by default. */
  readonly bytesPerSecond?: number
  /** For how long it must be so slow, in milliseconds; 30,000 by default. */
  readonly windowMs?: number
}

/** One transfer that is watched. */
export interface StallWatch {
  /** Aborts with `DSV_REMOTE_STALLED` as its reason, or with that of the caller's signal. */
  readonly signal: AbortSignal
  /** Counts bytes that were sent or received. */
  readonly moved: (bytes: number) => void
}

/**
 * Runs a request and aborts its signal when it moves too few bytes. What `run` throws after a stall is
 * replaced by `DSV_REMOTE_STALLED`, since libraries name an abort in many ways; a `run` that does not
 * heed the signal is left behind.
 *
 * @param location names the server in the message
 * @throws `DSV_REMOTE_STALLED`
 */
export async function withStallWatch<Result>(
  location: string,
  options: StallOptions & { readonly signal?: AbortSignal | undefined },
  run: (watch: StallWatch) => Promise<Result>,
): Promise<Result> {
  const { bytesPerSecond = 1024, windowMs = 30_000, signal } = options
  const controller = new AbortController()
  let moved = 0
  const timer = setInterval(() => {
    if (moved < (bytesPerSecond * windowMs) / 1000) {
      controller.abort(remoteStalled(location, windowMs))
    }
    moved = 0
  }, windowMs)
  const forward = (): void => controller.abort(signal?.reason)
  signal?.addEventListener('abort', forward)
  if (signal?.aborted === true) forward()
  try {
    return await Promise.race([
      run({ signal: controller.signal, moved: (bytes) => void (moved += bytes) }),
      rejectedBy(controller.signal),
    ])
  } catch (error) {
    throw controller.signal.aborted ? controller.signal.reason : error
  } finally {
    clearInterval(timer)
    signal?.removeEventListener('abort', forward)
  }
}

function rejectedBy(signal: AbortSignal): Promise<never> {
  return new Promise((_resolve, reject) => {
    if (signal.aborted) reject(signal.reason)
    else signal.addEventListener('abort', () => reject(signal.reason), { once: true })
  })
}
