import type { SourceItem } from '@dsv/core'
import { detectFormat, diskFolder, loadAdapter } from '@dsv/formats'
import { describe, expect, it } from '@jest/globals'
import { encodePng } from '../../src/media/png.ts'
import { readAll, writeAll } from '../adapter-contract.ts'
import { memoryDatasetView } from '../dataset-view.ts'
import { assetPath, comparableMasks, factMasks, factsOf } from '../facts.ts'
import { memoryFolder, placeholder } from '../memory-folder.ts'

const adapter = await loadAdapter('common-semantic-segmentation')
const IMAGE = placeholder({ width: 2, height: 1 })
const META = JSON.stringify({
  label_map: { 0: 'sky', 5: 'road' },
  segmentation_colors: [[0, 0, 0], null, null, null, null, [10, 20, 30]],
})
const MASK = encodePng({
  width: 2,
  height: 1,
  bitDepth: 8,
  colorType: 2,
  data: Uint8Array.of(10, 20, 30, 0, 0, 0),
})

const categoriesIn = (item: SourceItem | undefined): readonly (string | undefined)[] =>
  (item?.layers['ground_truth'] ?? []).map(({ category }) => category)

describe('reading', () => {
  it('takes colours, and indexes of grey masks, by the numbers of the labels', async () => {
    const grey = encodePng({
      width: 2,
      height: 1,
      bitDepth: 8,
      colorType: 0,
      data: Uint8Array.of(5, 0),
    })
    const { items, schema } = await readAll(
      adapter,
      memoryFolder([
        ['dataset_meta.json', META],
        ['images/a/1.png', IMAGE],
        ['images/2.jpg', IMAGE],
        ['masks/a/1.png', MASK],
        ['masks/2.png', grey],
      ]),
    )
    expect(schema.categories).toEqual([
      { key: 'sky', name: 'sky', color: [0, 0, 0] },
      { key: 'road', name: 'road', color: [10, 20, 30] },
    ])
    expect(items.map(({ id }) => id)).toEqual(['2', 'a/1'])
    expect(items.map(categoriesIn)).toEqual([
      ['sky', 'road'],
      ['sky', 'road'],
    ])
  })

  it('reads a folder for each subset, images without mask and masks without image', async () => {
    const folder = memoryFolder([
      ['train/dataset_meta.json', META],
      ['train/images/1.png', IMAGE],
      ['val/dataset_meta.json', META],
      ['val/masks/2.png', MASK],
      ['dataset_meta.json', '{}'],
    ])
    const { items } = await readAll(adapter, folder)
    expect(items).toMatchObject([
      { subset: 'train', id: '1', media: [{ width: 2 }] },
      { subset: 'val', id: '2', media: [{ path: 'val/images/2.png' }] },
    ])
    expect(items.map((item) => categoriesIn(item).length)).toEqual([0, 2])
  })

  it('leaves out what stands before the ids, and writes it again', async () => {
    const source = memoryFolder([
      ['dataset_meta.json', META],
      ...['01', '02'].flatMap((id) => [
        [`images/image_${id}.png`, IMAGE] as const,
        [`masks/gt-${id}.png`, MASK] as const,
      ]),
    ])
    const read = await readAll(adapter, source)
    expect(read.items.map(({ id }) => id)).toEqual(['01', '02'])
    const view = memoryDatasetView(read.schema, read.items, read.layout)
    const { folder } = await writeAll(adapter, view)
    expect([...folder.files.keys()].toSorted()).toEqual([...source.files.keys()].toSorted())
  })

  it.each([
    ['{"label_map":{"x":"a"}}', /label_map\.x is not a number/],
    ['{"label_map":{"0":"a","1":"a"}}', /label_map\.1: "a" was there before/],
    [
      '{"label_map":{"0":"a"},"segmentation_colors":[[1,2,256]]}',
      /segmentation_colors\[0\] is not a colour/,
    ],
    ['{"labels":["a"]', /no valid JSON/],
    ['{"labels":["a"]}', /masks\/1\.png.*pixel \(0, 0\) has colour 10,20,30/],
  ])('names the place of what is wrong: %s', async (meta, message) => {
    const folder = memoryFolder([
      ['dataset_meta.json', meta],
      ['masks/1.png', MASK],
    ])
    await expect(readAll(adapter, folder)).rejects.toMatchObject({
      code: 'DSV_FORMAT_SYNTAX',
      message: expect.stringMatching(message),
    })
  })
})

describe('what Datumaro reads', () => {
  const facts = factsOf('common_semantic_segmentation')
  if (facts.length === 0) {
    it('cannot be compared: its samples are not at hand', () => expect(facts).toEqual([]))
    return
  }
  it.each(facts)('%s', async (asset, fact) => {
    const folder = diskFolder(assetPath(asset))
    expect((await detectFormat(folder))[0]).toMatchObject({
      format: 'common-semantic-segmentation',
    })
    const { schema, items } = await readAll(adapter, folder)
    expect(schema.categories.map(({ name }) => name)).toEqual(
      fact.categories.label?.map(({ name }) => name),
    )
    expect(comparableMasks(items, schema.categories)).toEqual(factMasks(fact))
  })
})
