import { setTimeout } from 'node:timers/promises'
import { expect, it } from '@jest/globals'
import { withAsideWork } from '../../src/stage/aside-work.ts'

const { signal } = new AbortController()

it('waits for what was put aside', async () => {
  let isDone = false
  const result = await withAsideWork(signal, async (aside) => {
    const later = async (): Promise<void> => {
      await setTimeout(5)
      isDone = true
    }
    aside.add(later())
    return 'result'
  })
  expect([result, isDone]).toEqual(['result', true])
})

it('fails with what was put aside', async () => {
  const failed = withAsideWork(signal, async (aside) => {
    aside.add(Promise.reject(new Error('aside')))
  })
  await expect(failed).rejects.toThrow('aside')
})

it('tells what was put aside to stop when the work fails, and waits for its end', async () => {
  const told: string[] = []
  const failed = withAsideWork(signal, async (aside) => {
    aside.signal.addEventListener('abort', () => told.push('stop'))
    const later = async (): Promise<void> => {
      await setTimeout(5)
      told.push('ended')
    }
    aside.add(later())
    throw new Error('work')
  })
  await expect(failed).rejects.toThrow('work')
  expect(told).toEqual(['stop', 'ended'])
})
