import { type LevelCache, openLevelCache, resultCache, toObjectId } from '@dsv/store'
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'

const [FIRST, SECOND] = [toObjectId('11'.repeat(32)), toObjectId('22'.repeat(32))]

describe('resultCache', () => {
  let folder: string
  let level: LevelCache | undefined

  beforeEach(async () => {
    folder = await mkdtemp(path.join(tmpdir(), 'dsv-results-'))
    level = await openLevelCache(folder)
  })

  afterEach(async () => {
    await level?.close()
    await rm(folder, { recursive: true, force: true })
  })

  it('gives a result for the inputs it was made of, and for no others', async () => {
    const results = resultCache(level, 1)
    expect(results.get('sum', [FIRST])).toBeUndefined()
    await results.put('sum', [undefined, FIRST], { total: 3 })
    expect(results.get('sum', [undefined, FIRST])).toEqual({ total: 3 })
    expect(results.get('sum', [FIRST, undefined])).toBeUndefined()
    expect(results.get('product', [undefined, FIRST])).toBeUndefined()
    expect(resultCache(level, 2).get('sum', [undefined, FIRST])).toBeUndefined()
  })

  it('keeps the last result of a name', async () => {
    const results = resultCache(level, 1)
    await results.put('sum', [FIRST], 1)
    await results.put('sum', [SECOND], 2)
    expect(results.get('sum', [FIRST])).toBeUndefined()
    expect(results.get('sum', [SECOND])).toBe(2)
  })

  it('is empty without a cache, and where the cache is damaged', async () => {
    await resultCache(undefined, 1).put('sum', [FIRST], 1)
    expect(resultCache(undefined, 1).get('sum', [FIRST])).toBeUndefined()
    const head = Buffer.from(`1 ${FIRST}\n`)
    const damaged = Buffer.concat([head, Buffer.from('{"total"')])
    await level?.batch([{ key: Buffer.from('result sum'), value: damaged }])
    expect(resultCache(level, 1).get('sum', [FIRST])).toBeUndefined()
  })
})
