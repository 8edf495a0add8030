import { add, readDatasets } from '@dsv/core'
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals'
import { all, box, tinyRepository, type TinyRepository } from '../tiny-repository.ts'

let tiny: TinyRepository

beforeEach(async () => {
  tiny = await tinyRepository()
  tiny.item('train/a', [box('cat', 1)])
  await tiny.commit('pets')
})

afterEach(async () => tiny.close())

describe('readDatasets', () => {
  it('opens all datasets of the stage, or those of a revision', async () => {
    tiny.item('train/b', [box('dog', 2)])
    await add(tiny.repository, { paths: ['data'] })
    const { datasets } = await readDatasets(tiny.repository)
    expect(datasets).toMatchObject([{ path: 'data', items: 2 }])
    const before = await readDatasets(tiny.repository, { at: 'HEAD', datasets: ['data', 'data'] })
    expect(before.datasets).toMatchObject([{ path: 'data', items: 1 }])
  })

  it('reads pixels, and says which media are not there', async () => {
    const { datasets, readMedia } = await readDatasets(tiny.repository)
    const [item] = await all(datasets[0]?.view.items() ?? (async function* () {})())
    const [media] = item?.media ?? []
    if (media === undefined) throw new Error('no media')
    expect(Buffer.from(await readMedia(media)).toString()).toBe('pixels of train/a')
    const { blob: _blob, ...missing } = media
    await expect(readMedia(missing)).rejects.toMatchObject({ code: 'DSV_MEDIA_MISSING' })
  })

  it('names a dataset that is not there', async () => {
    const request = { datasets: ['nothing'] }
    await expect(readDatasets(tiny.repository, request)).rejects.toMatchObject({
      code: 'DSV_DATASET_UNKNOWN',
    })
  })
})
