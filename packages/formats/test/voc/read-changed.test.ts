import type { Category, ItemPatch, Schema, SourceItem } from '@dsv/core'
import { describe, expect, it } from '@jest/globals'
import { vocAdapter } from '../../src/voc/index.ts'
import { readAll, readContext } from '../adapter-contract.ts'
import { memoryDatasetView } from '../dataset-view.ts'
import type { MemoryFolder } from '../memory-folder.ts'
import { annotationXml, imageFile, maskPng, objectXml, vocFolder } from './voc-fixtures.ts'

function exampleFolder(): MemoryFolder {
  return vocFolder(
    { a: annotationXml(objectXml('cat')), b: annotationXml(objectXml('dog')) },
    { 'ImageSets/Main/train.txt': 'a\nb\n' },
  )
}

/** Records keep the fields of a category in the order of their names. */
function asStored(schema: Schema): Schema {
  const categories = schema.categories.map(
    (category) =>
      Object.fromEntries(
        Object.entries(category).toSorted(([a], [b]) => (a < b ? -1 : 1)),
      ) as unknown as Category,
  )
  return { ...schema, categories }
}

/** Reads a folder, changes it, and reads what changed; a null removes a file. */
async function patchAfter(
  changes: Readonly<Record<string, string | Uint8Array | null>>,
  folder: MemoryFolder = exampleFolder(),
): Promise<{ readonly items: readonly SourceItem[]; readonly patch: ItemPatch } | undefined> {
  const { schema, items, layout } = await readAll(vocAdapter, folder)
  for (const [path, bytes] of Object.entries(changes)) {
    if (bytes === null) folder.files.delete(path)
    else folder.files.set(path, Buffer.from(bytes))
  }
  const view = memoryDatasetView(asStored(schema), items, layout)
  const { context } = readContext(folder)
  const patch = await vocAdapter.readChanged?.(folder, Object.keys(changes), view, context)
  if (patch === undefined) return undefined
  const found: SourceItem[] = []
  for await (const item of patch.items) found.push(item)
  return { items: found, patch }
}

describe('vocAdapter.readChanged', () => {
  it('reads only the item whose XML file changed', async () => {
    const xml = annotationXml(objectXml('dog') + objectXml('cat'))
    const found = await patchAfter({ 'Annotations/a.xml': xml })
    expect(found?.items.map(({ subset, id }) => `${subset}/${id}`)).toEqual(['train/a'])
    expect(found?.items[0]?.layers['ground_truth']).toHaveLength(2)
  })

  it('knows categories with colours again as they are stored', async () => {
    const folder = exampleFolder()
    folder.files.set('labelmap.txt', Buffer.from('cat:1,2,3::\ndog:4,5,6::\n'))
    const xml = annotationXml(objectXml('dog') + objectXml('cat'))
    const found = await patchAfter({ 'Annotations/a.xml': xml }, folder)
    expect(found?.items.map(({ id }) => id)).toEqual(['a'])
  })

  it('reads an item again whose mask is new', async () => {
    const found = await patchAfter({ 'SegmentationClass/b.png': maskPng(['8']) })
    expect(found?.items[0]?.layers['ground_truth']?.map(({ type }) => type)).toEqual([
      'box',
      'mask',
    ])
  })

  it('adds a new image to the subset of unlisted ones', async () => {
    const found = await patchAfter({ 'JPEGImages/c.jpg': imageFile })
    expect(found?.items.map(({ subset, id }) => `${subset}/${id}`)).toEqual(['default/c'])
  })

  it.each([
    ['an image set', { 'ImageSets/Main/train.txt': 'a\n' }],
    ['the label map', { 'labelmap.txt': 'cat:::\ndog:::\n' }],
    ['the set of names', { 'Annotations/a.xml': annotationXml(objectXml('emu')) }],
    [
      'which image a file names',
      { 'Annotations/a.xml': annotationXml(`<filename>b.jpg</filename>${objectXml('cat')}`) },
    ],
    ['which image of two is meant', { 'JPEGImages/a.png': imageFile }],
  ])('asks for a full read when %s changed', async (_, changes) => {
    expect(await patchAfter(changes)).toBeUndefined()
  })
})
