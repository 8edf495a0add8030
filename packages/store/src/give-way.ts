import { setImmediate } from 'node:timers/promises'

/** A pause that a person does not notice between pressing Ctrl-C and the end. */
const MAX_BUSY_MS = 100

let lastMs = performance.now()

/**
 * Lets signals and timers in, if they have waited for a while. Work that reads and computes without
 * ever waiting calls it between its steps: promises alone keep everything else out, Ctrl-C too.
 */
export async function giveWay(): Promise<void> {
  if (performance.now() - lastMs < MAX_BUSY_MS) return
  await setImmediate()
  lastMs = performance.now()
}
