import type { AnnotationCommon, AnnotationDraft, Cuboid3dGeometry, SourceItem } from '@dsv/core'
import { detectFormat, diskFolder, loadAdapter } from '@dsv/formats'
import { describe, expect, it } from '@jest/globals'
import { readAll, writeAll } from '../adapter-contract.ts'
import { memoryDatasetView } from '../dataset-view.ts'
import { assetPath, factsOf } from '../facts.ts'
import { type MemoryFolder, memoryFolder, placeholder } from '../memory-folder.ts'

const adapter = await loadAdapter('kitti-raw')

function pose(states: Readonly<Record<string, number>>, rest = ''): string {
  const all = { tx: 1, ty: 2, tz: 3, rx: 0, ry: 0, rz: 0.5, state: 2, ...states }
  const texts = Object.entries(all).map(([name, value]) => `<${name}>${value}</${name}>`)
  return `<item>${texts.join('')}${rest}</item>`
}

function drive(...poses: readonly string[]): MemoryFolder {
  const xml =
    '<?xml version="1.0" encoding="UTF-8" standalone="true" ?>\n<!DOCTYPE boost_serialization>\n' +
    '<boost_serialization signature="serialization::archive" version="9"><tracklets version="0">' +
    `<count>1</count><item_version>1</item_version><item><objectType>Car</objectType>` +
    '<h>1.5</h><w>1.6</w><l>4</l><first_frame>7</first_frame><poses><count>0</count>' +
    `${poses.join('')}</poses><finished>1</finished></item></tracklets></boost_serialization>`
  return memoryFolder([
    ['tracklet_labels.xml', xml],
    ['velodyne_points/data/0000000007.bin', ''],
    ['image_02/data/0000000007.png', placeholder({ width: 4, height: 3 })],
  ])
}

const truth = (item: SourceItem | undefined): readonly AnnotationDraft[] =>
  item?.layers['ground_truth'] ?? []

describe('reading', () => {
  it('reads a cuboid for each pose, and counts those outside as frames too', async () => {
    const folder = drive(
      pose({ occlusion: 2, truncation: 0 }),
      pose({ occlusion: -1, truncation: 99 }),
      pose({ occlusion: 0, truncation: 1, occlusion_kf: 1 }),
      pose(
        { occlusion: -1 },
        '<attributes><attribute><name>seen</name><value>true</value></attribute></attributes>',
      ),
    )
    expect((await detectFormat(folder))[0]).toMatchObject({ format: 'kitti-raw' })
    const { items } = await readAll(adapter, folder)
    expect(items.map(({ id, attributes }) => [id, attributes])).toEqual(
      [7, 8, 9, 10].map((frame) => [String(frame).padStart(10, '0'), { frame }]),
    )
    const common = { category: 'Car', track: 1, size: [4, 1.6, 1.5], rotation: [0, 0, 0.5] }
    expect(items.flatMap(truth)).toMatchObject([
      { ...common, occluded: true, truncated: false, extra: { 'kitti-raw': { occlusion: 2 } } },
      { ...common, outside: true, extra: { 'kitti-raw': { truncation: 99 } } },
      { ...common, occluded: false, truncated: true },
      { ...common, occluded: false, attributes: { seen: true } },
    ])
    expect(items[0]?.media.map(({ role, kind, path }) => [role, kind, path])).toEqual([
      ['primary', 'point-cloud', 'velodyne_points/data/0000000007.bin'],
      ['image_02', 'image', 'image_02/data/0000000007.png'],
    ])
  })

  it('calls frames as a list says', async () => {
    const folder = drive(pose({}))
    await folder.write('frame_list.txt', Buffer.from('# frames\n7 street/a\n9 b\n'))
    const { items } = await readAll(adapter, folder)
    expect(items.map(({ id, attributes }) => [id, attributes?.['frame']])).toEqual([
      ['street/a', 7],
      ['0000000007', 7],
      ['b', 9],
    ])
  })

  it.each([
    [drive(pose({}).replace('<tx>1</tx>', '<tx>one</tx>')), /line 3: tx should be a number: "one"/],
    [drive(pose({}).replace('<tx>1</tx>', '')), /tx should be a number/],
    [memoryFolder([['tracklet_labels.xml', '<a/>']]), /has no <tracklets>/],
  ])('names the place of what is wrong: %#', async (folder, message) => {
    await expect(readAll(adapter, folder)).rejects.toThrow(message)
    const { problems } = await readAll(adapter, folder, { onError: 'skip' })
    expect(problems).toHaveLength(1)
  })
})

describe('writing', () => {
  it('gives back what was read, from its own layout', async () => {
    const source = drive(
      pose({ occlusion: 2, truncation: 0, amt_border_l: 3 }),
      pose({ occlusion: 1, truncation: 2 }),
      pose({ occlusion: -1, truncation: -1 }),
    )
    const read = await readAll(adapter, source)
    const view = memoryDatasetView(read.schema, read.items, read.layout)
    const { folder, losses } = await writeAll(adapter, view)
    expect(losses).toEqual([])
    const again = await readAll(adapter, folder)
    expect(again.items.map(({ id, layers }) => [id, layers])).toEqual(
      read.items.map(({ id, layers }) => [id, layers]),
    )
    expect(again.layout).toEqual(read.layout)
    expect([...folder.files.keys()]).toContain('image_02/data/0000000007.png')
  })

  const cuboid = (more: Partial<AnnotationCommon & Cuboid3dGeometry>): AnnotationDraft => ({
    type: 'cuboid-3d',
    position: [0.1, -2, 3],
    rotation: [0, 0, 1e-7],
    size: [4, 2, 1],
    category: 'car',
    ...more,
  })
  const item = (id: string, ...drafts: readonly AnnotationDraft[]): SourceItem => ({
    subset: 'default',
    id,
    media: [{ role: 'primary', path: `${id}.pcd`, kind: 'point-cloud' }],
    layers: { ground_truth: drafts },
  })
  const schema = { categories: [{ key: 'car', name: 'car' }], attributes: [], info: {} }

  it('keeps tracks over gaps, and names of frames in a list', async () => {
    const items = [
      item('a', cuboid({ track: 1, attributes: { n: 1, s: '1 & 2', list: [1] } })),
      item('b'),
      item('c', cuboid({ track: 1 }), cuboid({})),
    ]
    const { folder, losses } = await writeAll(adapter, memoryDatasetView(schema, items))
    expect(losses).toEqual([{ what: 'attribute: list', where: 'default/a' }])
    expect(Buffer.from(await folder.read('frame_list.txt')).toString()).toBe('0 a\n1 b\n2 c\n')
    const back = (await readAll(adapter, folder)).items
    expect(back.map(({ id }) => id)).toEqual(['a', 'b', 'c'])
    expect(back.map((each) => truth(each).map(({ track }) => track))).toEqual([[1], [], [1, 2]])
    expect(truth(back[0])).toEqual([cuboid({ track: 1, attributes: { n: 1, s: '1 & 2' } })])
  })

  it('reports tracks that change, and what is no cuboid', async () => {
    const items = [
      item('a', cuboid({ track: 5 }), cuboid({ track: 5 }), { type: 'label' }),
      item('b', cuboid({ track: 5, size: [1, 1, 1] }), cuboid({ position: [Number.NaN, 0, 0] })),
    ]
    const { losses } = await writeAll(adapter, memoryDatasetView(schema, items))
    expect(losses.map(({ what }) => what)).toEqual([
      'field: track',
      'annotation: label',
      'field: track',
      'annotation: cuboid-3d',
      'field: track',
    ])
  })
})

describe('what Datumaro reads', () => {
  const facts = factsOf('kitti_raw')
  if (facts.length === 0) {
    it('cannot be compared: its samples are not at hand', () => expect(facts).toEqual([]))
    return
  }
  it.each(facts)('%s, with sizes along x, y, z', async (asset, fact) => {
    const folder = diskFolder(assetPath(asset))
    expect((await detectFormat(folder))[0]).toMatchObject({ format: 'kitti-raw' })
    const { schema, items } = await readAll(adapter, folder)
    expect(schema.categories.map(({ name }) => name)).toEqual(
      fact.categories.label?.map(({ name }) => name),
    )
    const ours = items.map(({ id, attributes, media, layers }) => ({
      id,
      attributes,
      path: media[0]?.path,
      cuboids: (layers['ground_truth'] ?? []).flatMap((draft) => {
        if (draft.type !== 'cuboid-3d') return []
        const { position, rotation, size, category, occluded = false, track } = draft
        return [{ position, rotation, scale: size.toReversed(), category, occluded, track }]
      }),
    }))
    const theirs = fact.items.map(({ id, attributes, media, annotations }) => ({
      id,
      attributes,
      path: media?.path,
      cuboids: annotations.map(({ position, rotation, scale, label_name, attributes: own }) => ({
        position,
        rotation,
        scale,
        category: label_name,
        occluded: own?.['occluded'],
        track: own?.['track_id'],
      })),
    }))
    expect(ours).toEqual(theirs)
  })
})
