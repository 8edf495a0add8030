import { loadAdapter } from '@dsv/formats'
import { describe, expect, it } from '@jest/globals'
import { readAll, writeAll } from '../adapter-contract.ts'
import { memoryDatasetView } from '../dataset-view.ts'
import { memoryFolder } from '../memory-folder.ts'

const adapter = await loadAdapter('mnist-csv')

describe('reading', () => {
  it('leaves out a row of names, and takes the rest as square images', async () => {
    const folder = memoryFolder([['mnist_train.csv', 'label,1x1,1x2,2x1,2x2\n5,0,1,2,255\n-1\n']])
    expect((await adapter.detect(folder)).confidence).toBeGreaterThan(0.9)
    const { items, layout } = await readAll(adapter, folder)
    expect(items).toMatchObject([
      { subset: 'train', id: '0', media: [{ width: 2, height: 2, channels: 1 }] },
      { subset: 'train', id: '1', media: [], layers: { ground_truth: [] } },
    ])
    expect(layout).toMatchObject({ header: 'label,1x1,1x2,2x1,2x2' })
  })

  it('reads sizes and names of meta_train.csv', async () => {
    const folder = memoryFolder([
      ['mnist_train.csv', '0,1,2\n1,3,4\n'],
      ['meta_train.csv', 'a,1,2\nb,2,1\n'],
      ['labels.txt', 'zero\none\n'],
    ])
    const { items, schema } = await readAll(adapter, folder)
    expect(schema.categories.map(({ name }) => name)).toEqual(['zero', 'one'])
    expect(items).toMatchObject([
      { id: 'a', media: [{ width: 2, height: 1 }] },
      { id: 'b', media: [{ width: 1, height: 2 }] },
    ])
  })

  it.each([
    ['0,1,2\n', /image 0: has 2 pixels, which is no square/],
    ['0,1\n0,256\n', /image 1: has the pixel 256, more than 255/],
    ['0,1\n0,x\n', /image 1: has "x" where a whole number belongs/],
    ['99999999,1\n', /has the label 99999999, which has no name/],
    ['1.5,1\n0,x\n', /image 0/],
  ])('names the row that is wrong: %#', async (text, message) => {
    const folder = memoryFolder([['mnist_train.csv', text]])
    await expect(readAll(adapter, folder)).rejects.toMatchObject({
      code: 'DSV_FORMAT_SYNTAX',
      message: expect.stringMatching(message),
    })
  })

  it('goes on after a bad row when told to skip', async () => {
    const folder = memoryFolder([['mnist_train.csv', '0,1\n0,-1\n3,4\n']])
    const { items, problems } = await readAll(adapter, folder, { onError: 'skip' })
    expect(items.map(({ id }) => id)).toEqual(['0', '2'])
    expect(problems).toHaveLength(1)
  })
})

describe('writing', () => {
  it('writes the same bytes where nothing changed', async () => {
    const pixels = Array.from({ length: 784 }, () => 0).join(',')
    const rows = Array.from({ length: 12 }, (_, index) => `${index % 10},${pixels}\n`).join('')
    const folder = memoryFolder([['csv/mnist_test.csv', rows]])
    const { schema, items, layout } = await readAll(adapter, folder)
    const again = await writeAll(adapter, memoryDatasetView(schema, items, layout))
    expect(again.losses).toEqual([])
    expect([...again.folder.files.keys()]).toEqual(['csv/mnist_test.csv'])
    expect(Buffer.from(again.folder.files.get('csv/mnist_test.csv') ?? []).toString()).toBe(rows)
  })
})
