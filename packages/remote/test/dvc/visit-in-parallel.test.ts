import { setTimeout as delay } from 'node:timers/promises'
import { describe, expect, it } from '@jest/globals'
import { visitInParallel } from '@dsv/remote'

async function* numbers(count: number): AsyncGenerator<number> {
  for (let at = 0; at < count; at += 1) yield at
}

describe('visitInParallel', () => {
  it('visits all, never more at once than allowed', async () => {
    const seen: number[] = []
    let running = 0
    let most = 0
    await visitInParallel(numbers(20), 3, async (each) => {
      running += 1
      most = Math.max(most, running)
      await delay(each % 3)
      running -= 1
      seen.push(each)
    })
    expect(seen.toSorted((a, b) => a - b)).toEqual([...Array(20).keys()])
    expect(most).toBe(3)
  })

  it('waits for what runs, then throws the first failure', async () => {
    let ended = 0
    const run = visitInParallel(numbers(100), 4, async (each) => {
      if (each === 1) throw new Error('one')
      await delay(5)
      ended += 1
    })
    await expect(run).rejects.toThrow('one')
    expect(ended).toBeLessThan(10)
    const before = ended
    await delay(20)
    expect(ended).toBe(before)
  })
})
