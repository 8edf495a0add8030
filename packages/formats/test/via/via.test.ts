import type { AnnotationDraft } from '@dsv/core'
import { loadAdapter } from '@dsv/formats'
import { describe, expect, it } from '@jest/globals'
import { annotationFiles, type ReadBack, readAll, writeAll } from '../adapter-contract.ts'
import { memoryDatasetView } from '../dataset-view.ts'
import { memoryFolder, placeholder } from '../memory-folder.ts'

const via = await loadAdapter('via')
const IMAGE = placeholder({ width: 64, height: 48 })

function region(shape: object, attributes: object = {}): object {
  return { shape_attributes: shape, region_attributes: attributes }
}

function project(images: object, attributes: object = {}): object {
  return {
    _via_settings: { project: { name: 'streets' } },
    _via_img_metadata: images,
    _via_attributes: { region: attributes, file: {} },
    _via_data_format_version: '2.0.10',
    _via_image_id_list: Object.keys(images),
  }
}

async function read(json: object): Promise<ReadBack> {
  const files = [
    ['train/annotations.json', JSON.stringify(json)],
    ['train/a.jpg', IMAGE],
  ] as const
  return readAll(via, memoryFolder(files))
}

async function draftsOf(...regions: readonly object[]): Promise<readonly AnnotationDraft[]> {
  const { items } = await read({ 'a.jpg-1': { filename: 'a.jpg', size: -1, regions } })
  return items[0]?.layers['ground_truth'] ?? []
}

describe('reading JSON of VIA', () => {
  it('reads all shapes', async () => {
    const xy = { all_points_x: [1, 5, 5.5], all_points_y: [2, 2, 9] }
    const drafts = await draftsOf(
      region({ name: 'rect', x: 1, y: 2, width: 3, height: 4 }),
      region({ name: 'polygon', ...xy }),
      region({ name: 'polyline', ...xy }),
      region({ name: 'circle', cx: 9, cy: 8, r: 2.5 }),
      region({ name: 'ellipse', cx: 9, cy: 8, rx: 3, ry: 2, theta: 0.5 }),
      region({ name: 'point', cx: 7, cy: 6 }),
    )
    expect(drafts).toEqual([
      { type: 'box', x: 1, y: 2, width: 3, height: 4 },
      { type: 'polygon', parts: [[[1, 2, 5, 2, 5.5, 9]]] },
      { type: 'polyline', points: [1, 2, 5, 2, 5.5, 9] },
      {
        type: 'ellipse',
        cx: 9,
        cy: 8,
        rx: 2.5,
        ry: 2.5,
        angle: 0,
        extra: { via: { shape: 'circle' } },
      },
      { type: 'ellipse', cx: 9, cy: 8, rx: 3, ry: 2, angle: 0.5 },
      { type: 'points', points: [7, 6], visibility: [2] },
    ])
  })

  it('reads regions of version 1: numbered, and closed by their first point', async () => {
    const shape = { name: 'polygon', all_points_x: [1, 5, 5, 1], all_points_y: [2, 2, 9, 2] }
    const image = { filename: 'a.jpg', size: 7, fileref: '', regions: { '0': region(shape) } }
    const { items } = await read({ 'a.jpg7': image })
    expect(items[0]).toMatchObject({
      subset: 'train',
      id: 'a',
      layers: { ground_truth: [{ type: 'polygon', parts: [[[1, 2, 5, 2, 5, 9]]] }] },
      extra: { via: { fileref: '' } },
    })
  })

  it('takes the list of options that sounds like classes for the classes', async () => {
    const said = { name: 'Bob', type: 'cup', quality: { good: true }, n: '3' }
    const image = {
      filename: 'a.jpg',
      size: 7,
      regions: [region({ name: 'point', cx: 1, cy: 2 }, said)],
    }
    const options = { human: 'Human', bird: 'Bird' }
    const attributes = { name: { type: 'text' }, type: { type: 'dropdown', options } }
    const { items, schema } = await read(project({ 'a.jpg7': image }, attributes))
    expect(schema.categories.map(({ name }) => name)).toEqual(['human', 'bird', 'cup'])
    expect(items[0]?.layers['ground_truth']).toEqual([
      {
        type: 'points',
        points: [1, 2],
        visibility: [2],
        category: 'cup',
        attributes: { name: 'Bob', n: '3' },
        extra: { via: { region_attributes: { quality: { good: true } } } },
      },
    ])
  })

  it('takes the only attribute for the class when no name is telling', async () => {
    const shape = { name: 'point', cx: 1, cy: 2 }
    const [draft] = await draftsOf(region(shape, { damage: 'scratch' }))
    expect(draft).toMatchObject({ category: 'scratch' })
  })

  it('reports shapes that it does not know, and names what is wrong', async () => {
    const image = { filename: 'a.jpg', regions: [region({ name: 'star' })] }
    const { losses } = await read({ 'a.jpg': image })
    expect(losses).toEqual([{ what: 'annotation: "star"', where: 'train/a' }])
    const wrong = region({ name: 'polygon', all_points_x: [1], all_points_y: 'x' })
    await expect(draftsOf(wrong)).rejects.toThrow(
      'train/annotations.json: a.jpg: regions[0].shape_attributes.all_points_y should be a list',
    )
  })
})

describe('writing JSON of VIA', () => {
  it('keeps what a project says beside its images', async () => {
    const image = {
      filename: 'a.jpg',
      size: IMAGE.length,
      regions: [region({ name: 'circle', cx: 1, cy: 2, r: 3 }, { type: 'cup' })],
      file_attributes: { weather: 'rain', flags: { night: true } },
    }
    const options = { cup: 'A cup' }
    const before = project(
      { [`a.jpg${IMAGE.length}`]: image },
      { type: { type: 'radio', options } },
    )
    const { schema, items, layout } = await read(before)
    expect(items[0]?.attributes).toEqual({ weather: 'rain' })
    const sized = items.map((item) => ({
      ...item,
      media: item.media.map((medium) => ({ ...medium, sizeBytes: IMAGE.length })),
    }))
    const { folder, losses } = await writeAll(via, memoryDatasetView(schema, sized, layout))
    const text = annotationFiles(folder)['train/annotations.json'] ?? ''
    const attributes = { region: { type: { type: 'radio', options } } }
    expect(JSON.parse(text)).toMatchObject({ ...before, _via_attributes: attributes })
    expect([...folder.media]).toEqual(['train/a.jpg'])
    expect(losses).toEqual([])
  })

  it('writes a region for each part of a polygon, and says so', async () => {
    const schema = { categories: [{ key: 'k', name: 'cat' }], attributes: [], info: {} }
    const media = [{ role: 'primary', path: 'x/a.png', kind: 'image' as const }]
    const parts = [[[0, 0, 4, 0, 4, 4]], [[5, 5, 9, 5, 9, 9]]]
    const draft = { type: 'polygon', category: 'k', parts } as const
    const item = { subset: 'default', id: 'a', media, layers: { ground_truth: [draft] } }
    const { folder, losses } = await writeAll(via, memoryDatasetView(schema, [item]))
    expect(losses).toEqual([{ what: 'annotation: polygon', where: 'default/a: parts or holes' }])
    const { items, schema: back } = await readAll(via, folder)
    expect(items[0]?.layers['ground_truth']).toEqual(
      parts.map((rings) => ({ type: 'polygon', parts: [rings], category: 'cat' })),
    )
    expect(back.categories).toEqual([{ key: 'cat', name: 'cat' }])
  })
})
