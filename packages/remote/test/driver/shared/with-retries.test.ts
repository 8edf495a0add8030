import { describe, expect, it } from '@jest/globals'
import fc from 'fast-check'
import {
  parseRetryAfter,
  type RetryOptions,
  withRetries,
} from '../../../src/driver/shared/with-retries.ts'

/** A clock that only waiting moves, and what was waited. */
function fakeClock(): { waits: number[] } & Pick<RetryOptions, 'nowMs' | 'wait'> {
  const waits: number[] = []
  let now = 0
  return {
    waits,
    nowMs: () => now,
    wait: async (ms) => {
      waits.push(ms)
      now += ms
    },
  }
}

const failing = async (): Promise<never> => {
  throw new Error('busy')
}

describe('withRetries', () => {
  it('returns the first success', async () => {
    const clock = fakeClock()
    const result = await withRetries(async (attempt) => (attempt < 3 ? failing() : attempt), {
      classify: () => 'retry',
      ...clock,
    })
    expect(result).toBe(3)
    expect(clock.waits).toHaveLength(2)
  })

  it('throws at once what no retry helps against', async () => {
    const clock = fakeClock()
    await expect(withRetries(failing, { classify: () => 'fail', ...clock })).rejects.toThrow('busy')
    expect(clock.waits).toEqual([])
  })

  it('doubles its waits up to the longest, with jitter', async () => {
    await fc.assert(
      fc.asyncProperty(fc.double({ min: 0, max: 1, noNaN: true }), async (random) => {
        const clock = fakeClock()
        const options = { attempts: 6, firstWaitMs: 100, longestWaitMs: 1000, random: () => random }
        const run = withRetries(failing, { classify: () => 'retry', ...options, ...clock })
        await expect(run).rejects.toThrow('busy')
        for (const [index, bound] of [100, 200, 400, 800, 1000].entries()) {
          expect(clock.waits[index]).toBeGreaterThanOrEqual(bound / 2)
          expect(clock.waits[index]).toBeLessThanOrEqual(bound)
        }
        expect(clock.waits).toHaveLength(5)
      }),
    )
  })

  it('waits as long as the server asks', async () => {
    const clock = fakeClock()
    await withRetries(async (attempt) => (attempt < 2 ? failing() : attempt), {
      classify: () => 'retry',
      retryAfterMs: () => 7000,
      ...clock,
    })
    expect(clock.waits).toEqual([7000])
  })

  it('gives up when the time is over, or would be', async () => {
    const clock = fakeClock()
    const run = withRetries(failing, {
      classify: () => 'retry',
      attempts: 1000,
      totalMs: 60_000,
      ...clock,
    })
    await expect(run).rejects.toThrow('busy')
    const total = clock.waits.reduce((sum, wait) => sum + wait, 0)
    expect(total).toBeLessThanOrEqual(60_000)
    expect(total).toBeGreaterThan(30_000)
    const asked = withRetries(failing, {
      classify: () => 'retry',
      retryAfterMs: () => 86_400_000,
      ...fakeClock(),
    })
    await expect(asked).rejects.toThrow('busy')
  })

  it('stops waiting when it is aborted', async () => {
    const controller = new AbortController()
    const run = withRetries(failing, {
      classify: () => 'retry',
      firstWaitMs: 60_000,
      signal: controller.signal,
    })
    setImmediate(() => controller.abort())
    await expect(run).rejects.toMatchObject({ name: 'AbortError' })
  })
})

describe('parseRetryAfter', () => {
  it('reads seconds and dates, and nothing else', () => {
    const nowMs = Date.UTC(2026, 0, 1)
    expect(parseRetryAfter('3', nowMs)).toBe(3000)
    expect(parseRetryAfter('Thu, 01 Jan 2026 00:00:05 GMT', nowMs)).toBe(5000)
    expect(parseRetryAfter('Thu, 01 Jan 2020 00:00:05 GMT', nowMs)).toBe(0)
    expect(parseRetryAfter('soon', nowMs)).toBeUndefined()
    expect(parseRetryAfter(undefined, nowMs)).toBeUndefined()
  })
})
