import { execFileSync } from 'node:child_process'
import { setTimeout as sleep } from 'node:timers/promises'

/** Waits until what earlier commands wrote is on disk, so that the next one does not pay for it. */
export async function settle(seconds) {
  if (seconds <= 0) return
  execFileSync('sync')
  await sleep(seconds * 1000)
}
