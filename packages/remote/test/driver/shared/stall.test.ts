import { setTimeout as delay } from 'node:timers/promises'
import { describe, expect, it } from '@jest/globals'
import { withStallWatch } from '../../../src/driver/shared/stall.ts'

const QUICK = { windowMs: 40, bytesPerSecond: 1000 }

describe('withStallWatch', () => {
  it('returns what the request returns', async () => {
    expect(await withStallWatch('s3://b', {}, async () => 'done')).toBe('done')
  })

  it('stops a request that moves nothing, whatever it throws then', async () => {
    const run = withStallWatch('s3://b', QUICK, ({ signal }) =>
      delay(60_000, undefined, { signal }),
    )
    await expect(run).rejects.toMatchObject({
      code: 'DSV_REMOTE_STALLED',
      details: { location: 's3://b' },
    })
  })

  it('leaves a request behind that does not heed the signal', async () => {
    const run = withStallWatch('s3://b', QUICK, () => new Promise(() => {}))
    await expect(run).rejects.toMatchObject({ code: 'DSV_REMOTE_STALLED' })
  })

  it('lets a request go on that moves enough', async () => {
    const result = await withStallWatch('s3://b', QUICK, async ({ moved }) => {
      for (let index = 0; index < 60; index += 1) {
        moved(1000)
        await delay(2)
      }
      return 'done'
    })
    expect(result).toBe('done')
  })

  it('passes on what fails by itself, and the caller that aborts', async () => {
    const failing = withStallWatch('s3://b', {}, async () => Promise.reject(new Error('reset')))
    await expect(failing).rejects.toThrow('reset')
    const controller = new AbortController()
    const aborted = withStallWatch('s3://b', { signal: controller.signal }, ({ signal }) =>
      delay(60_000, undefined, { signal }),
    )
    controller.abort(new Error('enough'))
    await expect(aborted).rejects.toThrow('enough')
  })
})
