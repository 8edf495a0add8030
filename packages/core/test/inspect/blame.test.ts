import { afterEach, beforeEach, describe, expect, it } from '@jest/globals'
import { blame, merge, switchTo } from '@dsv/core'
import { box, tinyRepository, type TinyRepository } from '../tiny-repository.ts'

let tiny: TinyRepository

beforeEach(async () => {
  tiny = await tinyRepository()
})

afterEach(async () => tiny.close())

describe('blame', () => {
  it('finds over a merge the commit that gave each annotation its form', async () => {
    tiny.item('train/a', [box('cat', 0), box('dog', 100), box('cat', 200)])
    const first = await tiny.commit('first')
    await switchTo(tiny.repository, { target: 'side', create: true })
    tiny.item('train/a', [box('cat', 0), box('dog', 103), box('cat', 200)])
    const side = await tiny.commit('move the dog')
    await switchTo(tiny.repository, { target: 'main' })
    tiny.item('train/a', [box('cat', 2), box('dog', 100), box('cat', 200)])
    const main = await tiny.commit('move the cat')
    const { conflicts } = await merge(tiny.repository, { revision: 'side', message: 'both' })
    expect(conflicts).toEqual([])

    const found = await blame(tiny.repository, { item: { subset: 'train', id: 'a' } })
    expect(found.map(({ commitId }) => commitId)).toEqual([main, side, first])
    expect(found.map(({ change }) => change)).toEqual(['changed', 'changed', 'added'])
    expect(found.map(({ layer }) => layer)).toEqual(Array(3).fill('ground_truth'))
    expect(found[1]?.commit.message).toBe('move the dog\n')
  })

  it('names a dataset or an item that is not there', async () => {
    tiny.item('train/a', [])
    await tiny.commit('first')
    const item = { subset: 'train', id: 'b' }
    await expect(blame(tiny.repository, { item })).rejects.toMatchObject({
      code: 'DSV_ITEM_UNKNOWN',
    })
    await expect(blame(tiny.repository, { dataset: 'date', item })).rejects.toMatchObject({
      code: 'DSV_DATASET_UNKNOWN',
      hint: 'Did you mean data?',
    })
  })
})
