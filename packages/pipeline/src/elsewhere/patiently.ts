import { setTimeout } from 'node:timers/promises'
import { isDsvError } from '@dsv/store'

const ATTEMPTS = 8
const LONGEST_PAUSE_MS = 2000

/** What happens where many write to one remote. */
const PASSING = ['DSV_PUSH_REJECTED', 'DSV_REF_MOVED', 'DSV_ROOT_BUSY'] as const

/** Runs `work` again, after a pause of random length, as long as others are faster. */
export async function patiently<Result>(
  signal: AbortSignal | undefined,
  work: () => Promise<Result>,
): Promise<Result> {
  for (let attempt = 1; ; attempt += 1) {
    try {
      return await work()
    } catch (error) {
      if (attempt === ATTEMPTS || !PASSING.some((code) => isDsvError(error, code))) throw error
      const options = signal === undefined ? {} : { signal }
      await setTimeout(
        Math.random() * Math.min(LONGEST_PAUSE_MS, 50 * 2 ** attempt),
        undefined,
        options,
      )
    }
  }
}
