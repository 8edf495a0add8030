import { loadAdapter } from '@dsv/formats'
import { describe, expect, it } from '@jest/globals'
import { annotationFiles, type ReadBack, readAll, writeAll } from '../adapter-contract.ts'
import { memoryDatasetView } from '../dataset-view.ts'
import { memoryFolder, placeholder } from '../memory-folder.ts'

const vott = await loadAdapter('vott-json')
const IMAGE = placeholder({ width: 64, height: 48 })

function region(type: string, tags: readonly string[], more: object = {}): object {
  const boundingBox = { height: 4, width: 3, left: 1, top: 2.5 }
  const corners = [
    [1, 2.5],
    [4, 2.5],
    [4, 6.5],
    [1, 6.5],
  ]
  const points = corners.map(([x, y]) => ({ x, y }))
  return { id: 'R-1', type, tags, boundingBox, points, ...more }
}

function document(...regions: readonly object[]): object {
  const asset = {
    format: 'jpg',
    id: '0f',
    name: 'a b.jpg',
    path: 'file:/home/ann/street/a%20b.jpg',
    size: { width: 64, height: 48 },
    state: 2,
    type: 1,
  }
  return {
    name: 'Streets',
    tags: [
      { name: 'helmet', color: '#5db300' },
      { name: 'person', color: '#e81123' },
    ],
    assets: { '0f': { asset, regions, version: '2.2.0' } },
    version: '2.2.0',
  }
}

async function read(json: object): Promise<ReadBack> {
  const files = [
    ['vott-json-export/Streets-export.json', JSON.stringify(json)],
    ['street/a b.jpg', IMAGE],
  ] as const
  return readAll(vott, memoryFolder(files))
}

describe('reading JSON of VoTT', () => {
  it('reads an annotation for each tag, colours, and the image where it is now', async () => {
    const { items, schema } = await read(document(region('RECTANGLE', ['helmet', 'person'])))
    expect(schema.categories).toEqual([
      { key: 'helmet', name: 'helmet', color: [0x5d, 0xb3, 0] },
      { key: 'person', name: 'person', color: [0xe8, 0x11, 0x23] },
    ])
    const box = { type: 'box', x: 1, y: 2.5, width: 3, height: 4, sourceId: 'R-1' }
    expect(items[0]).toMatchObject({
      subset: 'Streets',
      id: 'a b',
      media: [{ path: 'street/a b.jpg', width: 64, height: 48 }],
      layers: {
        ground_truth: [
          { ...box, category: 'helmet' },
          { ...box, category: 'person' },
        ],
      },
    })
  })

  it.each([
    ['POLYGON', { type: 'polygon', parts: [[[1, 2.5, 4, 2.5, 4, 6.5, 1, 6.5]]] }],
    ['POLYLINE', { type: 'polyline', points: [1, 2.5, 4, 2.5, 4, 6.5, 1, 6.5] }],
    ['SQUARE', { type: 'box', x: 1, y: 2.5, width: 3, height: 4 }],
    ['POINT', { type: 'points', visibility: [2, 2, 2, 2] }],
  ])('reads a region of type %s', async (type, expected) => {
    const { items } = await read(document(region(type, [])))
    expect(items[0]?.layers['ground_truth']).toEqual([expect.objectContaining(expected)])
  })

  it('reports types that it does not know, and names what is wrong', async () => {
    const { losses } = await read(document(region('CIRCLE', [])))
    expect(losses).toEqual([{ what: 'annotation: "CIRCLE"', where: 'Streets/a b' }])
    await expect(
      read(document(region('RECTANGLE', [], { boundingBox: { left: 1 } }))),
    ).rejects.toThrow(
      'vott-json-export/Streets-export.json: a b.jpg: regions[0].boundingBox.top should be a number',
    )
  })
})

describe('writing JSON of VoTT', () => {
  it('gives the same file when nothing changed', async () => {
    const before = document(
      region('RECTANGLE', ['helmet', 'person']),
      region('POLYGON', ['person'], { id: 'R-2' }),
      region('SQUARE', [], { id: 'R-3', note: 'far' }),
    )
    const { schema, items, layout } = await read(before)
    const { folder, losses } = await writeAll(vott, memoryDatasetView(schema, items, layout))
    const text = annotationFiles(folder)['vott-json-export/Streets-export.json'] ?? ''
    expect(JSON.parse(text)).toEqual(before)
    expect([...folder.media]).toEqual(['street/a b.jpg'])
    expect(losses).toEqual([])
  })

  it('gives tags without colour different ones', async () => {
    const categories = ['a', 'b', 'c'].map((name) => ({ key: name, name }))
    const view = memoryDatasetView({ categories, attributes: [], info: {} }, [])
    const { folder } = await writeAll(vott, view)
    const { schema } = await readAll(vott, folder)
    expect(new Set(schema.categories.map(({ color }) => String(color))).size).toBe(3)
  })
})
