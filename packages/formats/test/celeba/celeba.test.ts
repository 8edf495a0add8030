import { detectFormat, diskFolder, loadAdapter } from '@dsv/formats'
import { describe, expect, it } from '@jest/globals'
import { memoryDatasetView } from '../dataset-view.ts'
import { assetPath, comparableItems, factItems, factsOf } from '../facts.ts'
import { readAll, writeAll } from '../adapter-contract.ts'
import { type MemoryFolder, memoryFolder, placeholder } from '../memory-folder.ts'

const celeba = await loadAdapter('celeba')
const aligned = await loadAdapter('align-celeba')
const IMAGE = placeholder({ width: 178, height: 218 })

function sample(): MemoryFolder {
  return memoryFolder([
    ['Anno/identity_CelebA.txt', 'a.jpg 2\nb.jpg 0\n'],
    ['Anno/list_attr_celeba.txt', '1\nBald Young\na.jpg -1  1\n'],
    ['Anno/list_bbox_celeba.txt', '1\nimage_id x_1 y_1 width height\na.jpg 1 2 3.5 4\n'],
    ['Anno/list_landmarks_celeba.txt', '1\nlefteye_x\nb.jpg 1 2 3 4 5 6 7 8 9 10\n'],
    ['Anno/list_landmarks_align_celeba.txt', '1\nlefteye_x\nb.jpg 9 2 3 4 5 6 7 8 9 10\n'],
    ['Eval/list_eval_partition.txt', 'a.jpg 0\nb.jpg 2\n'],
    ['Img/img_celeba/a.jpg', IMAGE],
    ['Img/img_align_celeba/a.png', IMAGE],
  ])
}

describe('CelebA', () => {
  it('is read with identities, boxes, landmarks, parts and attributes', async () => {
    const { items, schema } = await readAll(celeba, sample())
    expect(schema.categories.map(({ name }) => name)).toEqual(['class-0', 'class-1', 'class-2'])
    expect(schema.categories[0]?.skeleton?.points).toHaveLength(5)
    expect(items).toMatchObject([
      {
        subset: 'train',
        id: 'a',
        media: [{ path: 'Img/img_celeba/a.jpg', width: 178 }],
        attributes: { Bald: false, Young: true },
        layers: {
          ground_truth: [
            { type: 'label', category: 'class-2' },
            { type: 'box', category: 'class-2', x: 1, y: 2, width: 3.5, height: 4 },
          ],
        },
      },
      {
        subset: 'test',
        id: 'b',
        layers: {
          ground_truth: [
            { type: 'label', category: 'class-0' },
            { type: 'points', points: [1, 2, 3, 4, 5, 6, 7, 8, 9, 10] },
          ],
        },
      },
    ])
  })

  it('is read with the landmarks of aligned images and without the boxes of the others', async () => {
    const { items } = await readAll(aligned, sample())
    expect(items[0]?.media[0]?.path).toBe('Img/img_align_celeba/a.png')
    expect(items.map(({ layers }) => layers['ground_truth']?.map(({ type }) => type))).toEqual([
      ['label'],
      ['label', 'points'],
    ])
    expect(items[1]?.layers['ground_truth']?.[1]).toMatchObject({
      points: [9, 2, 3, 4, 5, 6, 7, 8, 9, 10],
    })
  })

  it('is not written', async () => {
    const view = memoryDatasetView({ categories: [], attributes: [], info: {} }, [])
    for (const adapter of [celeba, aligned]) {
      expect(adapter.format.canWrite).toBe(false)
      await expect(writeAll(adapter, view)).rejects.toMatchObject({ code: 'DSV_FORMAT_READ_ONLY' })
    }
  })

  it('is told apart by its images', async () => {
    const all = sample()
    all.files.delete('Img/img_align_celeba/a.png')
    expect((await detectFormat(all))[0]).toMatchObject({ format: 'celeba' })
    const other = sample()
    other.files.delete('Img/img_celeba/a.jpg')
    expect((await detectFormat(other))[0]).toMatchObject({ format: 'align-celeba' })
    expect((await celeba.detect(memoryFolder([['a.jpg', IMAGE]]))).confidence).toBe(0)
  })

  it.each([
    ['Anno/identity_CelebA.txt', 'a.jpg x\n', /identity of a\.jpg should be a number: x/],
    ['Anno/identity_CelebA.txt', 'a.jpg 1\na.jpg 2\n', /names a\.jpg twice/],
    ['Anno/list_attr_celeba.txt', '1\nBald Young\na.jpg -1\n', /a\.jpg has 1 of 2 attributes/],
    ['Anno/list_bbox_celeba.txt', 'a.jpg 1 2 3 4\n', /should begin with the number of images/],
    ['Anno/list_bbox_celeba.txt', '1\n\na.jpg 1 2 NaN 4\n', /values of a\.jpg .* NaN/],
    ['Anno/list_landmarks_celeba.txt', '1\n\na.jpg 1 2\n', /has 2 values; there should be 10/],
    ['Eval/list_eval_partition.txt', 'a.jpg 3\n', /part of a\.jpg should be 0, 1 or 2: 3/],
  ])('names what is wrong in %s: %j', async (path, text, message) => {
    const folder = sample()
    folder.files.set(path, Buffer.from(text))
    await expect(readAll(celeba, folder)).rejects.toMatchObject({
      code: 'DSV_FORMAT_SYNTAX',
      message: expect.stringMatching(message),
    })
    expect((await readAll(celeba, folder, { onError: 'skip' })).problems).toHaveLength(1)
  })

  it('makes no category for each number below a huge one', async () => {
    const folder = memoryFolder([['Anno/identity_CelebA.txt', 'a.jpg 900000000\nb.jpg 7\n']])
    const { schema } = await readAll(celeba, folder)
    expect(schema.categories.map(({ key }) => key)).toEqual(['class-7', 'class-900000000'])
  })
})

describe('what Datumaro reads', () => {
  const facts = factsOf('celeba', 'align_celeba')
  if (facts.length === 0) {
    it('cannot be compared: its samples are not at hand', () => expect(facts).toEqual([]))
    return
  }
  it.each(facts)('%s', async (asset, fact) => {
    const { schema, items } = await readAll(celeba, diskFolder(assetPath(asset)))
    expect(schema.categories.map(({ name }) => name)).toEqual(
      fact.categories.label?.map(({ name }) => name),
    )
    expect(comparableItems(items, schema.categories)).toEqual(factItems(fact))
    expect(points(items.map(({ layers }) => layers['ground_truth']))).toEqual(
      points(fact.items.map(({ annotations }) => annotations)),
    )
  })
})

/** Points of all items, in one order. */
function points(all: readonly (readonly object[] | undefined)[]): readonly string[] {
  return all
    .flatMap((annotations = []) => annotations)
    .flatMap((each) => ('points' in each ? JSON.stringify(each.points) : []))
    .toSorted()
}
