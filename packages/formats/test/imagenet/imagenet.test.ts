import { detectFormat, diskFolder, loadAdapter } from '@dsv/formats'
import { describe, expect, it } from '@jest/globals'
import { readAll } from '../adapter-contract.ts'
import { assetPath, comparableItems, factItems, factsOf } from '../facts.ts'
import { memoryFolder, placeholder } from '../memory-folder.ts'

const adapter = await loadAdapter('imagenet')
const IMAGE = placeholder({ width: 4, height: 3 })

describe('reading', () => {
  it('takes every folder as a class, also one alone and nested ones', async () => {
    const folder = memoryFolder([
      ['images/a.jpg', IMAGE],
      ['images/left/b.jpg', IMAGE],
      ['c.jpg', IMAGE],
    ])
    const { schema, items } = await readAll(adapter, folder)
    expect(schema.categories.map(({ name }) => name)).toEqual(['images', 'images/left'])
    expect(items.map(({ id, layers }) => [id, layers['ground_truth']?.[0]?.category])).toEqual([
      ['c', undefined],
      ['a', 'images'],
      ['b', 'images/left'],
    ])
  })

  it('takes no_label of Datumaro as no class, and folders of subsets as subsets', async () => {
    const folder = memoryFolder([
      ['train/cat/a.jpg', IMAGE],
      ['train/no_label/b.jpg', IMAGE],
      ['val/cat/a.jpg', IMAGE],
    ])
    const { schema, items } = await readAll(adapter, folder)
    expect(schema.categories.map(({ name }) => name)).toEqual(['cat'])
    expect(
      items.map(({ subset, id, layers }) => [subset, id, layers['ground_truth']?.length]),
    ).toEqual([
      ['train', 'a', 1],
      ['train', 'b', 0],
      ['val', 'a', 1],
    ])
  })

  it('is sure of folders with the names of ImageNet, and leaves others to image-folder', async () => {
    const [best] = await detectFormat(
      memoryFolder([
        ['train/n01440764/n01440764_10026.JPEG', IMAGE],
        ['val/n01440764/ILSVRC2012_val_00000293.JPEG', IMAGE],
      ]),
    )
    expect(best?.format).toBe('imagenet')
    const [other] = await detectFormat(
      memoryFolder([
        ['cat/a.jpg', IMAGE],
        ['dog/b.jpg', IMAGE],
      ]),
    )
    expect(other?.format).toBe('image-folder')
  })
})

describe('what Datumaro reads', () => {
  const facts = factsOf('imagenet', 'imagenet_with_subset_dirs')
  if (facts.length === 0) {
    it('cannot be compared: its samples are not at hand', () => expect(facts).toEqual([]))
    return
  }
  it.each(facts)('%s, but for the class in its ids', async (asset, fact) => {
    const { schema, items } = await readAll(adapter, diskFolder(assetPath(asset)))
    expect(schema.categories.map(({ name }) => name)).toEqual(
      fact.categories.label?.map(({ name }) => name),
    )
    expect(Object.values(comparableItems(items, schema.categories))).toEqual(
      expect.arrayContaining(Object.values(factItems(fact))),
    )
    expect(items).toHaveLength(fact.items.length)
  })
})
