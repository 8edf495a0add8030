import { isDsvError, type SourceItem } from '@dsv/core'
import { diskFolder, loadAdapter } from '@dsv/formats'
import { describe, expect, it } from '@jest/globals'
import * as fc from 'fast-check'
import { readPickle } from '../../src/shared/read-pickle.ts'
import { decodePng, encodePng } from '../../src/media/png.ts'
import { readAll, readContext, writeAll, writeContext } from '../adapter-contract.ts'
import { memoryDatasetView } from '../dataset-view.ts'
import { assetPath, comparableItems, factItems, factsOf } from '../facts.ts'
import { type MemoryFolder, memoryFolder } from '../memory-folder.ts'

const adapter = await loadAdapter('cifar')

/** `{'data': [[1, 2, 3], [250, 128, 0]], 'labels': [1, 0], 'filenames': ['a.png', 'b.png']}` of Python. */
const PICKLES = {
  'protocol 0':
    'KGRwMApWZGF0YQpwMQpjbnVtcHkuY29yZS5tdWx0aWFycmF5Cl9yZWNvbnN0cnVjdApwMgooY251bXB5Cm5kYXJyYXkKcDMKKEkwCnRwNApjX2NvZGVjcwplbmNvZGUKcDUKKFZiCnA2ClZsYXRpbjEKcDcKdHA4ClJwOQp0cDEwClJwMTEKKEkxCihJMgpJMwp0cDEyCmNudW1weQpkdHlwZQpwMTMKKFZ1MQpwMTQKSTAwCkkwMQp0cDE1ClJwMTYKKEkzClZ8CnAxNwpOTk5JLTEKSS0xCkkwCnRwMTgKYkkwMApnNQooVgECA/qAXHUwMDAwCnAxOQpnNwp0cDIwClJwMjEKdHAyMgpic1ZsYWJlbHMKcDIzCihscDI0CkkxCmFJMAphc1ZmaWxlbmFtZXMKcDI1CihscDI2ClZhLnBuZwpwMjcKYVZiLnBuZwpwMjgKYXMu',
  'protocol 1':
    'fXEAKFgEAAAAZGF0YXEBY251bXB5LmNvcmUubXVsdGlhcnJheQpfcmVjb25zdHJ1Y3QKcQIoY251bXB5Cm5kYXJyYXkKcQMoSwB0cQRjX2NvZGVjcwplbmNvZGUKcQUoWAEAAABicQZYBgAAAGxhdGluMXEHdHEIUnEJdHEKUnELKEsBKEsCSwN0cQxjbnVtcHkKZHR5cGUKcQ0oWAIAAAB1MXEOSTAwCkkwMQp0cQ9ScRAoSwNYAQAAAHxxEU5OTkr/////Sv////9LAHRxEmJJMDAKaAUoWAgAAAABAgPDusKAAHETaAd0cRRScRV0cRZiWAYAAABsYWJlbHNxF11xGChLAUsAZVgJAAAAZmlsZW5hbWVzcRldcRooWAUAAABhLnBuZ3EbWAUAAABiLnBuZ3EcZXUu',
  'protocol 2':
    'gAJ9cQAoWAQAAABkYXRhcQFjbnVtcHkuY29yZS5tdWx0aWFycmF5Cl9yZWNvbnN0cnVjdApxAmNudW1weQpuZGFycmF5CnEDSwCFcQRjX2NvZGVjcwplbmNvZGUKcQVYAQAAAGJxBlgGAAAAbGF0aW4xcQeGcQhScQmHcQpScQsoSwFLAksDhnEMY251bXB5CmR0eXBlCnENWAIAAAB1MXEOiYiHcQ9ScRAoSwNYAQAAAHxxEU5OTkr/////Sv////9LAHRxEmKJaAVYCAAAAAECA8O6woAAcRNoB4ZxFFJxFXRxFmJYBgAAAGxhYmVsc3EXXXEYKEsBSwBlWAkAAABmaWxlbmFtZXNxGV1xGihYBQAAAGEucG5ncRtYBQAAAGIucG5ncRxldS4=',
  'protocol 3':
    'gAN9cQAoWAQAAABkYXRhcQFjbnVtcHkuY29yZS5tdWx0aWFycmF5Cl9yZWNvbnN0cnVjdApxAmNudW1weQpuZGFycmF5CnEDSwCFcQRDAWJxBYdxBlJxByhLAUsCSwOGcQhjbnVtcHkKZHR5cGUKcQlYAgAAAHUxcQqJiIdxC1JxDChLA1gBAAAAfHENTk5OSv////9K/////0sAdHEOYolDBgECA/qAAHEPdHEQYlgGAAAAbGFiZWxzcRFdcRIoSwFLAGVYCQAAAGZpbGVuYW1lc3ETXXEUKFgFAAAAYS5wbmdxFVgFAAAAYi5wbmdxFmV1Lg==',
  'protocol 4':
    'gASVzAAAAAAAAAB9lCiMBGRhdGGUjBVudW1weS5jb3JlLm11bHRpYXJyYXmUjAxfcmVjb25zdHJ1Y3SUk5SMBW51bXB5lIwHbmRhcnJheZSTlEsAhZRDAWKUh5RSlChLAUsCSwOGlGgFjAVkdHlwZZSTlIwCdTGUiYiHlFKUKEsDjAF8lE5OTkr/////Sv////9LAHSUYolDBgECA/qAAJR0lGKMBmxhYmVsc5RdlChLAUsAZYwJZmlsZW5hbWVzlF2UKIwFYS5wbmeUjAViLnBuZ5RldS4=',
  'protocol 5':
    'gAWVtwAAAAAAAAB9lCiMBGRhdGGUjBJudW1weS5jb3JlLm51bWVyaWOUjAtfZnJvbWJ1ZmZlcpSTlCiWBgAAAAAAAAABAgP6gACUjAVudW1weZSMBWR0eXBllJOUjAJ1MZSJiIeUUpQoSwOMAXyUTk5OSv////9K/////0sAdJRiSwJLA4aUjAFDlHSUUpSMBmxhYmVsc5RdlChLAUsAZYwJZmlsZW5hbWVzlF2UKIwFYS5wbmeUjAViLnBuZ5RldS4=',
  'columns, labels as an array':
    'gASVVgEAAAAAAAB9lCiMBGRhdGGUjBVudW1weS5jb3JlLm11bHRpYXJyYXmUjAxfcmVjb25zdHJ1Y3SUk5SMBW51bXB5lIwHbmRhcnJheZSTlEsAhZRDAWKUh5RSlChLAUsCSwOGlGgFjAVkdHlwZZSTlIwCdTGUiYiHlFKUKEsDjAF8lE5OTkr/////Sv////9LAHSUYohDBgH6AoADAJR0lGKMBmxhYmVsc5RoBGgHSwCFlGgJh5RSlChLAUsChZRoDowCaTiUiYiHlFKUKEsDjAE8lE5OTkr/////Sv////9LAHSUYolDEAEAAAAAAAAAAAAAAAAAAACUdJRijAlmaWxlbmFtZXOUXZQojAVhLnBuZ5SMBWIucG5nlGWMAXiUaAKMBnNjYWxhcpSTlGgOjAJmNJSJiIeUUpQoSwNoHk5OTkr/////Sv////9LAHSUYkMEAADAP5SGlFKUdS4=',
} as const

/** `{'labels': [0], 'data': print('hacked')}`, as a class with `__reduce__` pickles it. */
const CALLS_PRINT =
  'gASVPAAAAAAAAAB9lCiMBmxhYmVsc5RdlEsAYYwEZGF0YZSMCGJ1aWx0aW5zlIwFcHJpbnSUk5SMBmhhY2tlZJSFlFKUdS4='

/** `{label_names: ['no', 'yes']}` as Python 2 writes it. */
const META = Buffer.from(
  '\x80\x02}q\x01U\x0blabel_namesq\x02]q\x03(U\x02noq\x04U\x03yesq\x05es.',
  'latin1',
)

function folderWith(batch: Uint8Array | string, meta: Uint8Array = META): MemoryFolder {
  return memoryFolder([
    ['cifar-10-batches-py/batches.meta', meta],
    ['cifar-10-batches-py/readme.html', '<html>'],
    ['cifar-10-batches-py/data_batch_1', batch],
  ])
}

async function pixelsOf(folder: MemoryFolder): Promise<readonly unknown[]> {
  const { items } = await adapter.read(folder, readContext(folder).context)
  const pixels: unknown[] = []
  for await (const { media } of items) {
    const bytes = await media[0]?.content?.()
    pixels.push(bytes === undefined ? undefined : [...decodePng(bytes).data])
  }
  return pixels
}

function isReadOrRefused(bytes: Uint8Array): boolean {
  try {
    readPickle(bytes, 'file')
    return true
  } catch (error) {
    return isDsvError(error, 'DSV_FORMAT_SYNTAX')
  }
}

describe('reading', () => {
  it.each(Object.entries(PICKLES))('knows %s', async (_, base64) => {
    const folder = folderWith(Buffer.from(base64, 'base64'))
    const { items, schema } = await readAll(adapter, folder)
    expect(schema.categories.map(({ name }) => name)).toEqual(['no', 'yes'])
    expect(items).toMatchObject([
      { subset: 'data_batch_1', id: 'a', layers: { ground_truth: [{ category: 'yes' }] } },
      { subset: 'data_batch_1', id: 'b', layers: { ground_truth: [{ category: 'no' }] } },
    ])
    // Red first.
    expect(await pixelsOf(folder)).toEqual([
      [1, 2, 3],
      [250, 128, 0],
    ])
  })

  it('never calls what a pickle names', async () => {
    const folder = folderWith(Buffer.from(CALLS_PRINT, 'base64'))
    await expect(readAll(adapter, folder)).rejects.toMatchObject({
      code: 'DSV_FORMAT_SYNTAX',
      message: expect.stringMatching(/data_batch_1: the pickle names builtins\.print; only/),
    })
  })

  it.each([
    ['\x80\x02}q\x01', /is cut off/],
    ['\x80\x02.', /takes a value where there is none/],
    ['\x80\x02]q\x01s.', /takes a value where there is none/],
    ['\x80\x02(i__main__\nA\n.', /has the opcode 0x69, which is not read/],
    ['\x80\x02P1\n.', /has the opcode 0x50, which is not read/],
    ['\x80\x02h\x05.', /refers to the value 5, which is not there/],
    ['\x80\x02\x8b\xff\xff\xff\x7f.', /has a number of 2147483647 bytes/],
    ['\x80\x02T\xff\xff\xff\x7fa.', /is cut off/],
    ['\x80\x02}(U\x06labels](K\x00K\x01eU\x09filenames](U\x01aeu.', /has 1 filenames for 2 labels/],
    ['\x80\x02}(U\x06labels](K\x05eu.', /image 0 has the label 5, which has no name/],
    ['\x80\x02}(U\x06labels](U\x01aeu.', /has no label in labels at 0/],
    [
      '\x80\x02}(U\x06labels](K\x00eU\x04data](B\x02\0\0\0abeu.',
      /has 2 samples, which are not three squares/,
    ],
    ['\x80\x02].', /holds no dictionary/],
  ])('names what is wrong: %#', async (text, message) => {
    const folder = folderWith(Buffer.from(text, 'latin1'))
    await expect(readAll(adapter, folder)).rejects.toMatchObject({
      code: 'DSV_FORMAT_SYNTAX',
      message: expect.stringMatching(message),
    })
  })

  it('throws its own errors or reads, whatever bytes a pickle has', () => {
    const seeds = Object.values(PICKLES).map((base64) => Buffer.from(base64, 'base64'))
    const damaged = fc.tuple(fc.constantFrom(...seeds), fc.nat(), fc.uint8Array({ maxLength: 4 }))
    fc.assert(
      fc.property(damaged, ([seed, at, put]) => {
        const bytes = Buffer.from(seed)
        bytes.set(
          put.subarray(0, Math.max(0, bytes.length - (at % bytes.length))),
          at % bytes.length,
        )
        expect(isReadOrRefused(bytes)).toBe(true)
      }),
      { numRuns: 1000 },
    )
  })

  it('takes the coarse classes of CIFAR-100 as supercategories', async () => {
    const meta = Buffer.from(
      '\x80\x02}(U\x10fine_label_names](U\x05appleU\x03catU\x03dogeU\x12coarse_label_names](U\x05fruitU\x06animaleu.',
      'latin1',
    )
    const train = Buffer.from(
      '\x80\x02}(U\x0bfine_labels](K\x02K\x00K\x01eU\x0dcoarse_labels](K\x01K\x00K\x01eu.',
      'latin1',
    )
    const folder = memoryFolder([
      ['meta', meta],
      ['train', train],
    ])
    expect((await adapter.detect(folder)).confidence).toBeGreaterThan(0.9)
    const { schema, items, layout } = await readAll(adapter, folder)
    expect(schema.categories).toMatchObject([
      { name: 'apple', supercategory: 'fruit' },
      { name: 'cat', supercategory: 'animal' },
      { name: 'dog', supercategory: 'animal' },
    ])
    expect(items.map(({ layers }) => layers['ground_truth'])).toEqual(
      ['dog', 'apple', 'cat'].map((category) => [{ type: 'label', category }]),
    )
    const media = [{ role: 'primary', path: 'a.png', kind: 'image', width: 2, height: 1 }] as const
    const view = memoryDatasetView(
      schema,
      items.map((item) => ({ ...item, media })),
      layout,
    )
    const again = await readAll(adapter, (await writeAll(adapter, view)).folder)
    expect(again.schema).toEqual(schema)
    expect(again.layout).toEqual(layout)
  })
})

describe('writing', () => {
  it('keeps images of other sizes, and the order of colours', async () => {
    const items = [
      [1, 1, [9, 8, 7]],
      [2, 1, [1, 2, 3, 4, 5, 6]],
    ].map(([width, height, data], index): SourceItem => {
      const size = { width: width as number, height: height as number }
      return {
        subset: 'train',
        id: JSON.stringify(data),
        media: [{ role: 'primary', path: `${index}.png`, kind: 'image', ...size }],
        layers: { ground_truth: [] },
      }
    })
    const folder = memoryFolder()
    const view = memoryDatasetView({ categories: [], attributes: [], info: {} }, items)
    const all: readonly number[][] = items.map(({ id }) => JSON.parse(id))
    await adapter.write(view, folder, {
      ...writeContext([]),
      readMedia: async ({ path, width = 1, height = 1 }) => {
        const data = Uint8Array.from(all[Number.parseInt(path, 10)] ?? [])
        return encodePng({ width, height, bitDepth: 8, colorType: 2, data })
      },
    })
    expect(await pixelsOf(folder)).toEqual([all[1], all[0]])
  })
})

describe('what Datumaro reads', () => {
  const facts = factsOf('cifar')
  if (facts.length === 0) {
    it('cannot be compared: its samples are not at hand', () => expect(facts).toEqual([]))
    return
  }
  it.each(facts)('%s', async (asset, fact) => {
    const folder = diskFolder(assetPath(asset))
    expect((await adapter.detect(folder)).confidence).toBeGreaterThan(0.9)
    const { schema, items } = await readAll(adapter, folder)
    expect(schema.categories.map(({ name }) => name)).toEqual(
      fact.categories.label?.map(({ name }) => name),
    )
    expect(comparableItems(items, schema.categories)).toEqual(factItems(fact))
  })
})
