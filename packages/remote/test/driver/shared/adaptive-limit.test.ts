import { describe, expect, it } from '@jest/globals'
import { type AdaptiveLimit, adaptiveLimit } from '../../../src/driver/shared/adaptive-limit.ts'

const SLOW = new Error('SlowDown')
const isSlowDown = (error: unknown): boolean => error === SLOW

/** Runs requests that last one turn and returns how many ran at once at most. */
async function runMany(limit: AdaptiveLimit, count: number, error?: Error): Promise<number> {
  let running = 0
  let most = 0
  async function request(): Promise<void> {
    running += 1
    most = Math.max(most, running)
    await new Promise((resolve) => void setImmediate(resolve))
    running -= 1
    if (error !== undefined) throw error
  }
  await Promise.allSettled(Array.from({ length: count }, () => limit.run(request)))
  return most
}

describe('adaptiveLimit', () => {
  it('begins with few requests at once', async () => {
    expect(await runMany(adaptiveLimit({ isSlowDown }), 4)).toBe(4)
    expect(await runMany(adaptiveLimit({ isSlowDown, start: 2 }), 3)).toBe(2)
  })

  it('rises while all of it is used, up to the most', async () => {
    const limit = adaptiveLimit({ isSlowDown, most: 9 })
    await runMany(limit, 300)
    expect(limit.atOnce).toBe(9)
    expect(await runMany(limit, 100)).toBe(9)
  })

  it('does not rise while there is nothing to do', async () => {
    const limit = adaptiveLimit({ isSlowDown })
    for (let index = 0; index < 50; index += 1) await limit.run(async () => {})
    expect(limit.atOnce).toBe(4)
  })

  it('halves once for all requests that one overload fails', async () => {
    const limit = adaptiveLimit({ isSlowDown, start: 16 })
    await runMany(limit, 16, SLOW)
    expect(limit.atOnce).toBe(8)
    await runMany(limit, 8, SLOW)
    expect(limit.atOnce).toBe(4)
    for (let index = 0; index < 5; index += 1) await runMany(limit, 1, SLOW)
    expect(limit.atOnce).toBe(1)
    expect(await runMany(limit, 2)).toBe(1)
  })

  it('keeps its limit at other errors, and passes them on', async () => {
    const limit = adaptiveLimit({ isSlowDown })
    await runMany(limit, 8, new Error('refused'))
    expect(limit.atOnce).toBe(4)
    await expect(limit.run(async () => Promise.reject(SLOW))).rejects.toBe(SLOW)
  })
})
