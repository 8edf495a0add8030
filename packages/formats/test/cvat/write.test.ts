import type { AnnotationDraft, Geometry, Schema, SourceItem } from '@dsv/core'
import { interpolateGeometry, loadAdapter } from '@dsv/formats'
import { describe, expect, it } from '@jest/globals'
import { readAll, writeAll } from '../adapter-contract.ts'
import { memoryDatasetView } from '../dataset-view.ts'
import { memoryFolder, placeholder } from '../memory-folder.ts'

const cvat = await loadAdapter('cvat')

const SCHEMA: Schema = {
  categories: [
    { key: 'car', name: 'car', attributes: [{ name: 'parked', type: 'boolean', mutable: true }] },
    { key: 'body', name: 'body', skeleton: { points: ['nose', 'tail'], edges: [[0, 1]] } },
  ],
  attributes: [],
  info: {},
}

function item(id: string, drafts: readonly AnnotationDraft[], subset = 'default'): SourceItem {
  return {
    subset,
    id,
    media: [{ role: 'primary', path: `${id}.png`, kind: 'image', width: 8, height: 6 }],
    layers: { ground_truth: drafts },
  }
}

async function write(
  items: readonly SourceItem[],
  variant?: string,
  schema: Schema = SCHEMA,
): Promise<{ readonly xml: string; readonly losses: readonly string[] }> {
  const view = memoryDatasetView(schema, items)
  const options = variant === undefined ? {} : { variant }
  const { folder, losses } = await writeAll(cvat, view, options)
  const xml = Buffer.from(folder.files.get('annotations.xml') ?? []).toString('utf8')
  return { xml, losses: losses.map(({ what }) => what) }
}

const BOX = { type: 'box', category: 'car', x: 1, y: 2, width: 3, height: 4 } as const

describe('writing CVAT', () => {
  it('keeps every digit of a coordinate and of an angle', async () => {
    const drafts: readonly AnnotationDraft[] = [
      { ...BOX, x: 0.1, width: 0.2, y: 1 / 3, height: Math.PI },
      { type: 'rotated-box', cx: 1 / 3, cy: 2.1, width: 0.7, height: 1e-3, angle: Math.PI / 4 },
      { type: 'ellipse', cx: 1 / 3, cy: 2.1, rx: 0.7, ry: 1e-3, angle: 0 },
    ]
    const view = memoryDatasetView(SCHEMA, [item('a', drafts)])
    const { folder, losses } = await writeAll(cvat, view)
    const { items } = await readAll(cvat, folder)
    expect(losses).toEqual([])
    expect(items[0]?.layers['ground_truth']).toMatchObject(drafts)
  })

  it('writes a box that was turned by nothing as one that can be turned', async () => {
    const still = { type: 'rotated-box', cx: 3, cy: 3, width: 2, height: 2, angle: 0 } as const
    const { xml } = await write([item('a', [still])])
    expect(xml).toContain('rotation="360"')
  })

  it('turns holes into a mask rather than fill them, and says so', async () => {
    const ring = [0, 0, 6, 0, 6, 6, 0, 6]
    const hole = [2, 2, 4, 2, 4, 4, 2, 4]
    const { xml, losses } = await write([item('a', [{ type: 'polygon', parts: [[ring, hole]] }])])
    expect(losses).toContain('annotation: polygon')
    expect(xml).toMatch(
      /<mask [^>]*rle="0, 14, 2, 4, 2, 14" left="0" top="0" width="6" height="6"/u,
    )
  })

  it('says that images cannot hold tracks', async () => {
    const { losses } = await write([item('a', [{ ...BOX, track: 3, outside: true }])])
    expect(losses).toEqual(['field: track', 'field: outside'])
  })

  it('says what has no place: scores, captions, tags of items', async () => {
    const scored: readonly AnnotationDraft[] = [
      { ...BOX, score: 0.5 },
      { type: 'caption', text: 'a' },
    ]
    const { losses } = await write([{ ...item('a', scored), tags: ['night'] }])
    expect(losses).toEqual(['field: tags', 'field: score', 'annotation: caption'])
  })

  it('declares the attributes that shapes have, since CVAT drops others', async () => {
    const { xml } = await write([item('a', [{ ...BOX, attributes: { speed: 4.5, note: 'x' } }])])
    expect(xml).toMatch(/<name>speed<\/name>\s*<input_type>number</u)
    expect(xml).toMatch(/<name>note<\/name>\s*<input_type>text</u)
  })

  it('writes a skeleton with its elements and its drawing', async () => {
    const points = { type: 'points', category: 'body', points: [1, 2, 3, 4] } as const
    const { xml, losses } = await write([item('a', [{ ...points, visibility: [0, 1] }])])
    expect(losses).toEqual([])
    expect(xml).toContain('<points label="nose" outside="1" occluded="0" points="1,2"/>')
    expect(xml).toContain('<points label="tail" outside="0" occluded="1" points="3,4"/>')
    expect(xml).toContain('<parent>body</parent>')
    const { schema } = await readAll(cvat, memoryFolder([['annotations.xml', xml]]))
    expect(schema.categories[1]?.skeleton).toEqual(SCHEMA.categories[1]?.skeleton)
  })

  it('names subsets where there are several, and puts their images apart', async () => {
    const view = memoryDatasetView(SCHEMA, [item('a', [], 'train'), item('a', [], 'val')])
    const { folder } = await writeAll(cvat, view)
    expect([...folder.media].toSorted()).toEqual(['images/train/a.png', 'images/val/a.png'])
    const xml = Buffer.from(folder.files.get('annotations.xml') ?? []).toString('utf8')
    expect(xml).toContain('name="a.png" subset="train"')
    expect(xml).toContain('<subsets>train\nval</subsets>')
  })
})

describe('writing tracks of CVAT', () => {
  const frames = (present: readonly boolean[]): readonly SourceItem[] =>
    present.map((isThere, index) =>
      item(`frame_00000${index}`, isThere ? [{ ...BOX, track: 3, outside: false }] : []),
    )

  it('ends a track where it has a gap, on the last frame but one too', async () => {
    const { xml } = await write(frames([true, false, true, true, false]), 'video')
    const shapes = [...xml.matchAll(/<box frame="(\d)" keyframe="1" outside="(\d)"/gu)]
    expect(shapes.map(([, frame, outside]) => `${frame}${outside}`)).toEqual([
      '00',
      '11',
      '20',
      '30',
      '41',
    ])
  })

  it('does not read its own ends as shapes', async () => {
    const items = frames([true, false, true, true, false])
    const { folder } = await writeAll(cvat, memoryDatasetView(SCHEMA, items), { variant: 'video' })
    const read = await readAll(cvat, folder)
    expect(read.items.map(({ layers }) => layers['ground_truth']?.length)).toEqual([1, 0, 1, 1, 0])
  })

  it('keeps labels of frames and shapes without track, which the tracks of CVAT cannot hold', async () => {
    const drafts: readonly AnnotationDraft[] = [{ type: 'label', category: 'car' }, BOX]
    const tracked = item('frame_000000', [...drafts, { ...BOX, track: 1 }])
    const { xml, losses } = await write([tracked, item('frame_000001', [])], 'video')
    expect(losses).toEqual([])
    const read = await readAll(cvat, memoryFolder([['annotations.xml', xml]]))
    const types = read.items[0]?.layers['ground_truth']?.map(({ type, track }) => [type, track])
    expect(types).toEqual([
      ['label', undefined],
      ['box', undefined],
      ['box', 1],
    ])
  })

  it('writes tracks as they were read: same numbers, key frames, sources and what the task says', async () => {
    const xml = `<?xml version="1.0" encoding="utf-8"?>
<annotations>
  <version>1.1</version>
  <meta>
    <task>
      <id>4</id>
      <name>ships &amp; boats</name>
      <labels>
        <label>
          <name>car</name>
          <color>#33ddff</color>
          <type>any</type>
          <attributes>
            <attribute>
              <name>kind</name>
              <mutable>False</mutable>
              <input_type>radio</input_type>
              <default_value>a</default_value>
              <values>a
b</values>
            </attribute>
          </attributes>
        </label>
      </labels>
      <original_size>
        <width>20</width>
        <height>10</height>
      </original_size>
    </task>
    <dumped>2026-01-01 10:00:05+00:00</dumped>
    <source>clip.mp4</source>
  </meta>
  <track id="7" label="car" source="semi-auto" group_id="2">
    <box frame="0" keyframe="1" outside="0" occluded="0" xtl="1" ytl="1" xbr="3" ybr="3" z_order="0">
      <attribute name="kind">b</attribute>
    </box>
    <box frame="1" keyframe="0" outside="0" occluded="1" xtl="2" ytl="1" xbr="4" ybr="3" z_order="0"/>
    <box frame="2" keyframe="1" outside="1" occluded="0" xtl="3" ytl="1" xbr="5" ybr="3" rotation="12.5" z_order="0"/>
  </track>
  <track id="9" label="car">
    <mask frame="1" keyframe="1" outside="0" occluded="0" rle="1, 2, 1" left="4" top="5" width="2" height="2" z_order="3"/>
  </track>
</annotations>
`
    const read = await readAll(cvat, memoryFolder([['annotations.xml', xml]]))
    const view = memoryDatasetView(read.schema, read.items, read.layout)
    const { folder, losses } = await writeAll(cvat, view)
    expect(losses).toEqual([])
    const written = Buffer.from(folder.files.get('annotations.xml') ?? []).toString('utf8')
    expect(written).toBe(xml)
    const again = await readAll(cvat, folder)
    expect(again.items).toEqual(read.items)
    expect(again.schema).toEqual(read.schema)
  })
})

describe('a box between key frames', () => {
  const tracked = (x: number, isKey: boolean): AnnotationDraft => ({
    ...BOX,
    x,
    track: 1,
    ...(isKey ? {} : { extra: { cvat: { keyframe: false } } }),
  })

  it.each([
    ['becomes a key frame when it was moved, since CVAT would draw it anew', 9, '1'],
    ['stays what it is when CVAT draws it there', 2.004, '0'],
  ])('%s', async (_, x, keyframe) => {
    const items = [tracked(1, true), tracked(x, false), tracked(3, true)].map((draft, index) =>
      item(`frame_00000${index}`, [draft]),
    )
    const { xml } = await write(items, 'video')
    expect(xml).toContain(`<box frame="1" keyframe="${keyframe}"`)
  })
})

describe('interpolateGeometry', () => {
  const turned = (angle: number): Geometry => ({
    type: 'rotated-box',
    cx: 0,
    cy: 0,
    width: 2,
    height: 2,
    angle,
  })

  it('turns by the shorter way', () => {
    const between = interpolateGeometry(turned(3), turned(-3), 0.5)
    expect(between).toMatchObject({ angle: expect.closeTo(Math.PI, 9) })
  })

  it('moves and grows evenly', () => {
    const [first, second]: readonly Geometry[] = [
      { type: 'box', x: 0, y: 0, width: 2, height: 2 },
      { type: 'box', x: 10, y: 4, width: 6, height: 2 },
    ]
    if (first === undefined || second === undefined) throw new Error('two boxes are needed')
    const quarter = { type: 'box', x: 2.5, y: 1, width: 3, height: 2 }
    expect(interpolateGeometry(first, second, 0.25)).toEqual(quarter)
  })

  it('leaves alone what is not alike', () => {
    const line: Geometry = { type: 'polyline', points: [0, 0, 1, 1] }
    const longer: Geometry = { type: 'polyline', points: [0, 0, 1, 1, 2, 2] }
    expect(interpolateGeometry(line, longer, 0.5)).toBe(line)
    expect(interpolateGeometry(line, turned(1), 0.5)).toBe(line)
  })
})

describe('writing several files of CVAT', () => {
  it('gives each item to the file it is from', async () => {
    const xml = (name: string): string =>
      `<annotations><image id="0" name="${name}" width="2" height="1"/></annotations>`
    const start = memoryFolder([
      ['train.xml', xml('a.png')],
      ['val.xml', xml('b.png')],
      ['images/a.png', placeholder({ width: 2, height: 1 })],
    ])
    const read = await readAll(cvat, start)
    const view = memoryDatasetView(read.schema, read.items, read.layout)
    const { folder } = await writeAll(cvat, view)
    expect([...folder.files.keys()].toSorted()).toEqual([
      'images/a.png',
      'images/b.png',
      'train.xml',
      'val.xml',
    ])
    expect((await readAll(cvat, folder)).items).toEqual(read.items)
  })
})
