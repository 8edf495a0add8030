import { afterEach, beforeEach, describe, expect, it } from '@jest/globals'
import {
  add,
  catFile,
  createTag,
  info,
  list,
  listDatasets,
  listFiles,
  type ListRequest,
  readItem,
} from '@dsv/core'
import { all, box, tinyRepository, type TinyRepository } from '../tiny-repository.ts'

let tiny: TinyRepository

beforeEach(async () => {
  tiny = await tinyRepository()
  tiny.item('train/a', [box('cat', 1)])
  tiny.item('train/b', [box('cat', 2), box('dog', 3)])
  tiny.item('val/c', [
    { type: 'label', category: 'dog' },
    { type: 'caption', text: 'empty' },
  ])
  await tiny.commit('pets')
})

afterEach(async () => tiny.close())

async function names(request: ListRequest = {}): Promise<string[]> {
  const listed = await all(list(tiny.repository, request))
  return listed.map(({ dataset, item }) => `${dataset}:${item.subset}/${item.id}`)
}

describe('list', () => {
  it('lists the items of the stage in key order', async () => {
    expect(await names()).toEqual(['data:train/a', 'data:train/b', 'data:val/c'])
  })

  it('takes a revision, a dataset, a subset and a query together', async () => {
    tiny.item('train/d', [box('dog', 9)])
    await add(tiny.repository, { paths: ['data'] })
    expect(await names({ where: 'category = "dog"' })).toHaveLength(3)
    const request = { at: 'HEAD', dataset: 'data', where: 'category = "dog"' }
    expect(await names(request)).toEqual(['data:train/b', 'data:val/c'])
    expect(await names({ ...request, subset: 'val' })).toEqual(['data:val/c'])
    expect(await names({ subset: 'train', where: 'subset = "val"' })).toEqual([])
    expect(await names({ where: 'subset in ("val", "test")' })).toEqual(['data:val/c'])
  })

  it('says with which annotations an item matches', async () => {
    const [listed] = await all(list(tiny.repository, { where: 'x > 2' }))
    expect(listed?.matching?.map(({ layer, annotation }) => [layer, annotation.category])).toEqual([
      ['ground_truth', 'dog'],
    ])
    const [first] = await all(list(tiny.repository))
    expect(first?.matching).toBeUndefined()
  })

  it('leaves annotations unread only where the query does not need them', async () => {
    const [bare] = await all(list(tiny.repository, { annotations: false, where: 'subset = "val"' }))
    expect(bare?.item).toMatchObject({ id: 'c', layers: {} })
    const [read] = await all(list(tiny.repository, { annotations: false, where: 'x = 1' }))
    expect(read?.item.layers.ground_truth).toHaveLength(1)
  })

  it('warns of what is probably a mistake', async () => {
    const warnings: string[] = []
    await names({ where: 'category = "cta"', onWarning: (warning) => warnings.push(warning) })
    expect(warnings).toEqual(['There is no category "cta"; did you mean "cat"?'])
  })
})

describe('listDatasets', () => {
  it('counts items, and annotations when asked to', async () => {
    const [bare] = await listDatasets(tiny.repository)
    expect(bare).toEqual({
      path: 'data',
      format: 'tiny',
      origin: 'read',
      items: 3,
      subsets: [
        { name: 'train', items: 2 },
        { name: 'val', items: 1 },
      ],
      categories: 2,
      layers: [{ name: 'ground_truth', items: 3 }],
    })
    const [counted] = await listDatasets(tiny.repository, { annotations: true })
    expect(counted?.layers[0]?.annotations).toEqual({
      total: 5,
      byType: [
        { type: 'box', count: 3 },
        { type: 'caption', count: 1 },
        { type: 'label', count: 1 },
      ],
      byCategory: [
        { category: 'cat', count: 2 },
        { category: 'dog', count: 2 },
        { category: null, count: 1 },
      ],
    })
  })
})

describe('listFiles, catFile and readItem', () => {
  it('list files below a path, and a file itself', async () => {
    const paths = async (under: string): Promise<string[]> =>
      (await all(listFiles(tiny.repository, { under }))).map(({ path }) => path)
    expect(await paths('data/labels/train')).toEqual([
      'data/labels/train/a.json',
      'data/labels/train/b.json',
    ])
    expect(await paths('data/tiny.json')).toEqual(['data/tiny.json'])
    expect(await paths('data/labels/tr')).toEqual([])
  })

  it('read a file of an old version', async () => {
    tiny.item('train/a', [])
    tiny.write('data/tiny.json', '["cat","dog","cow"]')
    await tiny.commit('cows')
    const read = async (at: string): Promise<string> =>
      Buffer.concat(await all(catFile(tiny.repository, { at, path: 'data/tiny.json' }))).toString()
    expect(await read('HEAD~1')).toBe('["cat","dog"]')
    expect(await read('stage')).toBe('["cat","dog","cow"]')
    await expect(all(catFile(tiny.repository, { path: 'data' }))).rejects.toMatchObject({
      code: 'DSV_FILE_NOT_FOUND',
    })
    const key = { subset: 'train', id: 'a' }
    expect((await readItem(tiny.repository, { at: 'HEAD~1', key })).layers.ground_truth).toEqual([
      expect.objectContaining({ x: 1 }),
    ])
    expect((await readItem(tiny.repository, { key })).layers).toEqual({})
    await expect(
      readItem(tiny.repository, { key: { subset: 'train', id: 'z' } }),
    ).rejects.toMatchObject({ code: 'DSV_ITEM_UNKNOWN' })
  })
})

describe('info', () => {
  it('counts commits, refs, files and stored bytes', async () => {
    tiny.write('data/media/train/a.png', Buffer.alloc(100_000, 7))
    await tiny.commit('large')
    await createTag(tiny.repository, 'v1', { message: 'tagged' })
    const found = await info(tiny.repository)
    expect(found).toMatchObject({
      formatVersion: 1,
      commits: 2,
      branches: 1,
      tags: 1,
      remoteBranches: 0,
      files: 7,
      head: { type: 'branch', name: 'refs/heads/main' },
    })
    expect(found.datasets.map(({ path, items }) => [path, items])).toEqual([['data', 3]])
    const { blobs, packs, indexes, sizeBytes } = found.store
    expect(blobs).toEqual({ files: 1, sizeBytes: 100_000 })
    expect(packs.files).toBeGreaterThan(0)
    expect(sizeBytes).toBe(blobs.sizeBytes + packs.sizeBytes + indexes.sizeBytes)
  })
})
