import type { SourceItem } from '@dsv/core'
import { detectFormat, diskFolder, loadAdapter, resolveFormatName } from '@dsv/formats'
import { describe, expect, it } from '@jest/globals'
import { encodePng } from '../../src/media/png.ts'
import { readAll, writeAll } from '../adapter-contract.ts'
import { memoryDatasetView } from '../dataset-view.ts'
import { assetPath, comparableMasks, factMasks, factsOf } from '../facts.ts'
import { memoryFolder, placeholder } from '../memory-folder.ts'

const adapter = await loadAdapter('synthia')
const IMAGE = placeholder({ width: 3, height: 1 })

function rgb(bitDepth: 8 | 16, ...data: readonly number[]): Uint8Array {
  const samples = bitDepth === 8 ? Uint8Array.from(data) : Uint16Array.from(data)
  return encodePng({ width: data.length / 3, height: 1, bitDepth, colorType: 2, data: samples })
}

const masksOf = (item: SourceItem | undefined): readonly unknown[] =>
  (item?.layers['ground_truth'] ?? []).map(({ category, sourceId }) => [category, sourceId])

describe('reading', () => {
  it('reads SYNTHIA-RAND: numbers of texts, even of one row, before colours', async () => {
    const folder = memoryFolder([
      ['RGB/a.png', IMAGE],
      ['GT/a.png', rgb(8, 0, 0, 0, 0, 0, 0, 0, 0, 0)],
      ['GTTXT/a.txt', '1 1 10\n'],
    ])
    expect((await detectFormat(folder))[0]).toMatchObject({ format: 'synthia' })
    const { items, layout } = await readAll(adapter, folder)
    expect(items).toMatchObject([{ id: 'a', subset: 'default', media: [{ path: 'RGB/a.png' }] }])
    expect(masksOf(items[0])).toEqual([
      ['Sky', undefined],
      ['Pedestrian', undefined],
    ])
    expect(layout).toEqual({ version: 1, release: 'rand' })
  })

  it('reads SYNTHIA-SF by colour, and truck and train apart', async () => {
    const folder = memoryFolder([
      ['SF/RGBLeft/1.png', IMAGE],
      ['SF/GTLeft/1.png', rgb(8, 0, 0, 70, 0, 80, 100, 0, 0, 0)],
      ['SF/DepthLeft/1.png', IMAGE],
      ['SF/RGBRight/1.png', IMAGE],
    ])
    const { items } = await readAll(adapter, folder)
    expect(masksOf(items[0]).map((each) => JSON.stringify(each))).toEqual([
      '["Void",null]',
      '["Truck",null]',
      '["Train",null]',
    ])
    expect(items[0]?.media.map(({ role }) => role)).toEqual(['primary', 'depth', 'right'])
  })

  it('reads classes in red and objects in green, 8 bits and 16', async () => {
    const folder = memoryFolder([
      ['RGB/1.png', IMAGE],
      ['SemSeg/1.png', rgb(8, 8, 1, 0, 8, 2, 0, 3, 0, 0)],
      ['RGB/2.png', IMAGE],
      ['SemSeg/2.png', rgb(16, 8, 300, 0, 8, 300, 0, 3, 0, 0)],
    ])
    const { items } = await readAll(adapter, folder)
    expect(items.map(masksOf)).toEqual([
      [
        ['Road', undefined],
        ['Car', 1],
        ['Car', 2],
      ],
      [
        ['Road', undefined],
        ['Car', 300],
      ],
    ])
  })

  it('reads SYNTHIA-RAND-CITYSCAPES by its own numbers', async () => {
    const folder = memoryFolder([
      ['RGB/1.png', IMAGE],
      ['GT/LABELS/1.png', rgb(16, 22, 0, 0, 15, 0, 0, 12, 7, 0)],
      ['GT/COLOR/1.png', rgb(8, 1, 1, 1)],
    ])
    const { items } = await readAll(adapter, folder)
    expect(masksOf(items[0])).toEqual([
      ['Motorcycle', 7],
      ['TrafficLight', undefined],
      ['Lanemarking', undefined],
    ])
  })

  it.each([
    ['GTTXT/a.txt', '1 2\n3\n', /row 2 has 1 numbers, the first 2/],
    ['GTTXT/a.txt', '1 x', /row 1, column 2: there is no class x/],
    ['GT/a.png', rgb(8, 1, 1, 1, 99, 0, 0), /pixel \(0, 0\) has colour 1,1,1/],
    ['GT/a.png', rgb(16, 99, 0, 0), /class number that no label has/],
  ])('names the place of what is wrong: %s %#', async (path, bytes, message) => {
    const folder = memoryFolder([
      ['RGB/a.png', IMAGE],
      [path, bytes],
    ])
    await expect(readAll(adapter, folder)).rejects.toThrow(message)
    const { items, problems } = await readAll(adapter, folder, { onError: 'skip' })
    expect([items.length, problems.length]).toEqual([1, 1])
  })

  it('is not written', async () => {
    const view = memoryDatasetView({ categories: [], attributes: [], info: {} }, [])
    await expect(writeAll(adapter, view)).rejects.toMatchObject({ code: 'DSV_FORMAT_READ_ONLY' })
    expect(resolveFormatName('synthia_rand')).toBe('synthia')
  })
})

describe('what Datumaro reads', () => {
  const facts = factsOf('synthia_rand', 'synthia_sf', 'synthia_al')
  if (facts.length === 0) {
    it('cannot be compared: its samples are not at hand', () => expect(facts).toEqual([]))
    return
  }
  it.each(facts)('%s', async (asset, fact) => {
    const folder = diskFolder(assetPath(asset))
    expect((await detectFormat(folder))[0]).toMatchObject({ format: 'synthia' })
    const { schema, items } = await readAll(adapter, folder)
    expect(schema.categories.map(({ name }) => name)).toEqual(
      fact.categories.label?.map(({ name }) => name),
    )
    expect(comparableMasks(items, schema.categories)).toEqual(factMasks(fact))
  })
})
