import { type AnnotationDraft, maskArea, readMask, type SourceItem } from '@dsv/core'
import { detectFormat, diskFolder, loadAdapter } from '@dsv/formats'
import { describe, expect, it } from '@jest/globals'
import { decodePng, encodePng } from '../../src/media/png.ts'
import { readAll, writeAll } from '../adapter-contract.ts'
import { memoryDatasetView } from '../dataset-view.ts'
import { assetPath, factsOf } from '../facts.ts'
import { type MemoryFolder, memoryFolder, placeholder } from '../memory-folder.ts'

const adapter = await loadAdapter('mots')
const IMAGE = placeholder({ width: 3, height: 2 })

function png(values: readonly number[]): Uint8Array {
  return encodePng({
    width: 3,
    height: 2,
    bitDepth: 16,
    colorType: 0,
    data: new Uint16Array(values),
  })
}

function samples(folder: MemoryFolder, path: string): readonly number[] {
  return [...decodePng(folder.files.get(path) ?? new Uint8Array(), { file: path }).data]
}

/** Values as in the original: cars, a pedestrian, a region to ignore; no list of names. */
function original(): MemoryFolder {
  return memoryFolder([
    ['train/instances/0002/000000.png', png([1001, 1001, 0, 1002, 2001, 10_000])],
    ['train/images/0002/000000.jpg', IMAGE],
    ['train/images/0002/000001.jpg', IMAGE],
  ])
}

const truth = (item: SourceItem | undefined): readonly AnnotationDraft[] =>
  item?.layers['ground_truth'] ?? []

/** What is compared of masks: class, track and number of pixels. */
function masksOf(item: SourceItem | undefined): readonly unknown[] {
  return truth(item).map((draft) => {
    const mask = draft.type === 'mask' ? readMask(draft) : undefined
    return [draft.category, draft.track, mask && maskArea(mask)]
  })
}

describe('reading', () => {
  it('reads a mask for each instance, with the classes of the original', async () => {
    const { items, schema } = await readAll(adapter, original())
    expect(items.map(({ id }) => id)).toEqual(['0002/000000', '0002/000001'])
    expect(schema.categories.map(({ name }) => name)).toEqual(['car', 'pedestrian', 'ignored'])
    expect(masksOf(items[0])).toEqual([
      ['car', 1, 2],
      ['car', 2, 1],
      ['pedestrian', 1, 1],
      ['ignored', undefined, 1],
    ])
    expect(truth(items[1])).toEqual([])
  })

  it('takes the names of labels.txt: the first is class 1', async () => {
    const folder = memoryFolder([
      ['instances/a.png', png([1001, 2000, 0, 0, 10_000, 0])],
      ['instances/labels.txt', 'cat\nignored\n'],
    ])
    const { items } = await readAll(adapter, folder)
    expect(items[0]).toMatchObject({ subset: 'default', id: 'a' })
    expect(masksOf(items[0])).toEqual([
      ['cat', 1, 1],
      ['ignored', undefined, 1],
      ['ignored', undefined, 1],
    ])
  })

  it('names the pixel of a class that there is not, or goes on without the masks', async () => {
    const folder = memoryFolder([['train/instances/a.png', png([0, 5001, 0, 0, 0, 0])]])
    await expect(readAll(adapter, folder)).rejects.toMatchObject({
      code: 'DSV_FORMAT_SYNTAX',
      message: expect.stringMatching(/^train\/instances\/a\.png: .*\(1, 0\).*5001/u),
    })
    const { items, problems } = await readAll(adapter, folder, { onError: 'skip' })
    expect([items.length, problems.length]).toEqual([1, 1])
  })
})

describe('writing', () => {
  it('gives the same pixels, and an empty image for an item without masks', async () => {
    const read = await readAll(adapter, original())
    const view = memoryDatasetView(read.schema, read.items, read.layout)
    const { folder, losses } = await writeAll(adapter, view)
    expect(losses).toEqual([])
    expect(samples(folder, 'train/instances/0002/000000.png')).toEqual([
      1001, 1001, 0, 1002, 2001, 10_000,
    ])
    expect(samples(folder, 'train/instances/0002/000001.png')).toEqual([0, 0, 0, 0, 0, 0])
    expect(folder.files.has('train/instances/labels.txt')).toBe(false)
  })

  it('keeps masks that are of another size than their image', async () => {
    const folder = original()
    folder.files.set('train/images/0002/000000.jpg', placeholder({ width: 2, height: 3 }))
    const read = await readAll(adapter, folder)
    const view = memoryDatasetView(read.schema, read.items, read.layout)
    const again = await writeAll(adapter, view)
    expect(again.losses).toEqual([])
    expect(samples(again.folder, 'train/instances/0002/000000.png')).toEqual([
      1001, 1001, 0, 1002, 2001, 10_000,
    ])
  })

  it('gives numbers to tracks that have none, or one that does not fit, and says so', async () => {
    const read = await readAll(adapter, original())
    const [first, ...rest] = read.items
    if (first === undefined) throw new Error('nothing was read')
    const tracks = [undefined, 'bus 7', 2001, undefined]
    const drafts = truth(first).flatMap((draft, at): readonly AnnotationDraft[] => {
      if (draft.type !== 'mask' || draft.category === undefined) return []
      const { type, width, height, counts, category } = draft
      const track = tracks[at]
      return [{ type, width, height, counts, category, ...(track !== undefined && { track }) }]
    })
    const items = [{ ...first, layers: { ground_truth: drafts } }, ...rest]
    const view = memoryDatasetView(read.schema, items, read.layout)
    const { folder, losses } = await writeAll(adapter, view)
    expect(samples(folder, 'train/instances/0002/000000.png')).toEqual([
      1001, 1001, 0, 1002, 2001, 10_000,
    ])
    expect(losses.map(({ what }) => what)).toEqual(['field: track', 'field: track'])
  })
})

describe('the samples of Datumaro', () => {
  const facts = factsOf('mots')
  if (facts.length === 0) {
    it('are not at hand', () => expect(facts).toEqual([]))
    return
  }
  it.each(facts)('reads %s as it is', async (asset, fact) => {
    const folder = diskFolder(assetPath(asset))
    const { items } = await readAll(adapter, folder)
    expect((await detectFormat(folder))[0]).toMatchObject({ format: 'mots' })
    expect(items.map((item) => [item.id, item.subset, masksOf(item)])).toEqual(
      fact.items.map(({ id, subset, annotations }) => [
        id,
        subset,
        annotations.map(({ label_name: label, attributes, mask }) => [
          label,
          attributes?.['track_id'],
          typeof mask === 'object' && mask !== null && 'area' in mask ? mask.area : undefined,
        ]),
      ]),
    )
  })
})
