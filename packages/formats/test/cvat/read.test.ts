import { type AnnotationDraft, parseCounts, type SourceItem } from '@dsv/core'
import { loadAdapter, zipFolder } from '@dsv/formats'
import { describe, expect, it } from '@jest/globals'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { readAll } from '../adapter-contract.ts'
import { zipBytes } from '../folder/zip-bytes.ts'
import { memoryFolder, placeholder } from '../memory-folder.ts'

const cvat = await loadAdapter('cvat')

const LABELS = `<labels>
  <label><name>car</name><color>#33ddff</color><type>any</type><attributes>
    <attribute><name>colour</name><mutable>False</mutable><input_type>select</input_type>
      <default_value>red</default_value><values>red
dark blue</values></attribute>
    <attribute><name>parked</name><mutable>True</mutable><input_type>checkbox</input_type>
      <default_value>false</default_value><values></values></attribute>
    <attribute><name>speed</name><mutable>True</mutable><input_type>number</input_type>
      <default_value>0</default_value><values>0
100
5</values></attribute>
  </attributes></label>
  <label><name>body</name><type>skeleton</type><attributes></attributes>
    <svg>&lt;line data-type="edge" data-node-from="1" data-node-to="2"&gt;&lt;/line&gt;&lt;circle data-node-id="1" data-label-name="nose"&gt;&lt;/circle&gt;&lt;circle data-node-id="2" data-label-name="tail"&gt;&lt;/circle&gt;</svg></label>
  <label><name>nose</name><type>points</type><attributes></attributes><parent>body</parent></label>
  <label><name>tail</name><type>points</type><attributes></attributes><parent>body</parent></label>
</labels>`

function task(body: string, meta = '<id>4</id><name>ships</name>'): string {
  return `<?xml version="1.0" encoding="utf-8"?>
<annotations><version>1.1</version><meta><task>${meta}${LABELS}</task><dumped>2026-01-01</dumped></meta>
${body}</annotations>`
}

async function read(
  xml: string,
  files: Iterable<readonly [string, string | Uint8Array]> = [],
): Promise<Awaited<ReturnType<typeof readAll>>> {
  return readAll(cvat, memoryFolder([['annotations.xml', xml], ...files]))
}

async function shapes(inner: string): Promise<readonly AnnotationDraft[]> {
  const image = `<image id="0" name="a.jpg" width="8" height="6">${inner}</image>`
  return draftsOf((await read(task(image))).items[0])
}

function draftsOf(item: SourceItem | undefined): readonly AnnotationDraft[] {
  return item?.layers['ground_truth'] ?? []
}

describe('reading shapes of CVAT', () => {
  it('turns the degrees of a box about its centre into radians', async () => {
    const box = '<box label="car" xtl="1" ytl="2" xbr="3" ybr="4"'
    const [half, more, none] = await shapes(
      `${box} rotation="90.00"/>${box} rotation="270"/>${box} rotation="0"/>`,
    )
    const same = { type: 'rotated-box', cx: 2, cy: 3, width: 2, height: 2 }
    expect(half).toMatchObject({ ...same, angle: Math.PI / 2 })
    expect(more).toMatchObject({ ...same, angle: -Math.PI / 2 })
    expect(none).toMatchObject({ type: 'box', x: 1, y: 2, width: 2, height: 2 })
  })

  it('keeps all digits', async () => {
    const [box] = await shapes('<box label="car" xtl="0.123456789" ytl="1e-7" xbr="3" ybr="4"/>')
    expect(box).toMatchObject({ x: 0.123456789, y: 1e-7 })
  })

  it('reads an ellipse by its centre and radii', async () => {
    const [ellipse] = await shapes(
      '<ellipse label="car" cx="4" cy="3" rx="2" ry="1" rotation="45"/>',
    )
    expect(ellipse).toMatchObject({ cx: 4, cy: 3, rx: 2, ry: 1, angle: Math.PI / 4 })
  })

  it('reads a mask along the rows of its box into runs down the columns of the image', async () => {
    // Two columns, three rows, at (1, 2):  ·#  ##  #·
    const [mask] = await shapes(
      '<mask label="car" rle="1, 4, 1" left="1" top="2" width="2" height="3"/>',
    )
    expect(mask).toMatchObject({ type: 'mask', width: 8, height: 6 })
    expect(mask?.type === 'mask' ? parseCounts(mask.counts) : []).toEqual([9, 2, 3, 2, 32])
  })

  it('reads a mask at the right and lower edge, and one that the image cuts off', async () => {
    const masks = await shapes(
      '<mask label="car" rle="0, 4" left="6" top="4" width="2" height="2"/>' +
        '<mask label="car" rle="0, 4" left="7" top="-1" width="2" height="2"/>',
    )
    expect(masks.map((mask) => (mask.type === 'mask' ? parseCounts(mask.counts) : []))).toEqual([
      [40, 2, 4, 2],
      [42, 1, 5],
    ])
  })

  it('reads a skeleton with names, visibility and what only an element says', async () => {
    const [skeleton] = await shapes(`<skeleton label="body" source="manual" z_order="1">
      <points label="tail" source="manual" outside="0" occluded="1" points="3.50,4.00"/>
      <points label="nose" source="manual" outside="1" occluded="0" points="1.00,2.00">
        <attribute name="x">v</attribute></points>
      <attribute name="pose">sit</attribute></skeleton>`)
    expect(skeleton).toMatchObject({
      type: 'points',
      category: 'body',
      points: [1, 2, 3.5, 4],
      visibility: [0, 1],
      zOrder: 1,
      attributes: { pose: 'sit' },
      extra: { cvat: { elements: { nose: { attributes: { x: 'v' } } } } },
    })
  })

  it('reads a cuboid in the order of the file', async () => {
    const corners = 'tl1 bl1 tr1 br1 tl2 bl2 tr2 br2'.split(' ')
    const text = corners.map((each, at) => `x${each}="${at}" y${each}="${at + 0.5}"`).join(' ')
    const [cuboid] = await shapes(`<cuboid label="car" ${text}/>`)
    expect(cuboid).toMatchObject({
      type: 'cuboid-2d',
      points: corners.flatMap((_, at) => [at, at + 0.5]),
    })
  })

  it('reads tags, groups, order and sources', async () => {
    const drafts = await shapes(`<tag label="car" source="auto" group_id="5"/>
      <polyline label="car" source="manual" occluded="1" points="1,2;3,4" z_order="2"/>
      <points label="" source="file" points="1,2;3,4" group_id="0"/>`)
    expect(drafts).toEqual([
      { type: 'label', category: 'car', group: 5, extra: { cvat: { source: 'auto' } } },
      {
        type: 'polyline',
        category: 'car',
        points: [1, 2, 3, 4],
        occluded: true,
        zOrder: 2,
        provenance: 'manual',
      },
      { type: 'points', points: [1, 2, 3, 4], visibility: [2, 2], provenance: 'import' },
    ])
  })

  it('reads attributes by the type that their label declares', async () => {
    const [box] = await shapes(`<box label="car" xtl="1" ytl="2" xbr="3" ybr="4">
      <attribute name="colour">dark blue</attribute><attribute name="parked">true</attribute>
      <attribute name="speed">2.50</attribute><attribute name="note">007</attribute></box>`)
    expect(box?.attributes).toEqual({ colour: 'dark blue', parked: true, speed: 2.5, note: '007' })
  })

  it('keeps attributes called like members of objects', async () => {
    const [box] = await shapes(
      '<box label="car" xtl="1" ytl="2" xbr="3" ybr="4"><attribute name="__proto__">x</attribute></box>',
    )
    expect(Object.entries(box?.attributes ?? {})).toEqual([['__proto__', 'x']])
  })
})

describe('reading labels of CVAT', () => {
  it('reads colours, typed attributes and skeletons', async () => {
    const { schema } = await read(task(''))
    expect(schema.categories).toMatchObject([
      {
        name: 'car',
        color: [0x33, 0xdd, 0xff],
        attributes: [
          {
            name: 'colour',
            type: 'enum',
            values: ['red', 'dark blue'],
            default: 'red',
            mutable: false,
          },
          { name: 'parked', type: 'boolean', default: false, mutable: true },
          { name: 'speed', type: 'number', default: 0, mutable: true },
        ],
        extra: { cvat: { type: 'any', attributes: { speed: { values: '0\n100\n5' } } } },
      },
      { name: 'body', skeleton: { points: ['nose', 'tail'], edges: [[0, 1]] } },
    ])
  })

  it('adds labels that only shapes name', async () => {
    const image = '<image id="0" name="a.jpg"><tag label="new"/></image>'
    const { schema, items } = await read(task(image))
    expect(schema.categories.map(({ name }) => name)).toEqual(['car', 'body', 'new'])
    expect(draftsOf(items[0])).toEqual([{ type: 'label', category: 'new' }])
  })

  it('keeps what the task says besides', async () => {
    const { schema } = await read(task(''))
    expect(JSON.stringify(schema.info['cvat'])).toContain('ships')
  })
})

describe('reading items of CVAT', () => {
  it('finds images by name wherever they are, by subset first', async () => {
    const images =
      '<image id="0" name="a.png" subset="train"/><image id="1" name="sub/b.png" subset="val"/>'
    const { items } = await read(task(images), [
      ['images/val/a.png', placeholder({ width: 1, height: 1 })],
      ['images/train/a.png', placeholder({ width: 7, height: 5 })],
      ['elsewhere/deep/sub/b.png', placeholder({ width: 3, height: 2 })],
    ])
    expect(items).toMatchObject([
      { subset: 'train', id: 'a', media: [{ path: 'images/train/a.png', width: 7, height: 5 }] },
      { subset: 'val', id: 'sub/b', media: [{ path: 'elsewhere/deep/sub/b.png', width: 3 }] },
    ])
  })

  it('tells images apart that differ in their extension or their task only', async () => {
    const images = [
      '<image id="0" name="a.jpg" task_id="1"/>',
      '<image id="1" name="a.png" task_id="1"/>',
      '<image id="0" name="a.jpg" task_id="2"/>',
    ].join('')
    const { items } = await read(task(images))
    expect(items.map(({ id }) => id)).toEqual(['a', 'a.png', 'task-2/a'])
  })

  it.each([
    ['<subset>val</subset>', 'annotations.xml', 'val'],
    ['<subset></subset>', 'annotations.xml', 'default'],
    ['', 'train.xml', 'train'],
  ])('takes the subset from %j in %s', async (meta, file, subset) => {
    const folder = memoryFolder([[file, task('<image id="0" name="a.jpg"/>', meta)]])
    const { items } = await readAll(cvat, folder)
    expect(items).toMatchObject([{ subset, id: 'a' }])
  })

  it('joins several files, and the names of their tracks do not clash', async () => {
    const track =
      '<track id="0" label="car"><box frame="3" keyframe="1" xtl="1" ytl="1" xbr="2" ybr="2"/></track>'
    const folder = memoryFolder([
      ['one/annotations.xml', task(track)],
      ['two/annotations.xml', task(track)],
    ])
    const { items } = await readAll(cvat, folder)
    expect(items.map(({ id }) => id)).toEqual(['frame_000003', 'frame_000003#2'])
    expect(new Set(items.map((item) => draftsOf(item)[0]?.track)).size).toBe(2)
  })

  it('reads the zip of an export as it is', async () => {
    const bytes = zipBytes([
      { name: 'annotations.xml', bytes: Buffer.from(task('<image id="0" name="a.png"/>')) },
      { name: 'images/a.png', bytes: placeholder({ width: 4, height: 3 }), isStored: true },
    ])
    const place = await mkdtemp(path.join(tmpdir(), 'dsv-cvat-'))
    await writeFile(path.join(place, 'export.zip'), bytes)
    const folder = await zipFolder(path.join(place, 'export.zip'))
    const { items } = await readAll(cvat, folder)
    await folder.close()
    await rm(place, { recursive: true })
    expect(items).toMatchObject([
      { id: 'a', media: [{ path: 'images/a.png', width: 4, height: 3 }] },
    ])
  })
})

describe('reading tracks of CVAT', () => {
  const VIDEO = `<id>1</id><mode>interpolation</mode><original_size><width>20</width>
    <height>10</height></original_size>`
  const BODY = `<track id="7" label="car" source="manual" group_id="2">
    <box frame="10" keyframe="1" outside="0" occluded="0" xtl="1" ytl="1" xbr="3" ybr="3" z_order="0">
      <attribute name="parked">true</attribute></box>
    <box frame="11" keyframe="0" outside="0" occluded="1" xtl="2" ytl="1" xbr="4" ybr="3" z_order="0"/>
    <box frame="12" keyframe="1" outside="1" occluded="0" xtl="3" ytl="1" xbr="5" ybr="3" z_order="0"/>
  </track>`
  const XML = task(BODY, VIDEO).replace('<dumped>', '<source>clip.mp4</source><dumped>')

  it('gives each frame its shapes, with track, key frame and outside', async () => {
    const { items } = await read(XML)
    expect(items.map(({ id, media }) => [id, media])).toEqual(
      [10, 11, 12].map((index) => [
        `frame_0000${index}`,
        [
          {
            role: 'primary',
            path: 'clip.mp4',
            kind: 'video',
            width: 20,
            height: 10,
            frame: { index },
          },
        ],
      ]),
    )
    const common = { type: 'box', category: 'car', group: 2, track: 7, provenance: 'manual' }
    expect(items.map((item) => draftsOf(item)[0])).toMatchObject([
      { ...common, x: 1, outside: false, attributes: { parked: true } },
      { ...common, x: 2, occluded: true, extra: { cvat: { keyframe: false } } },
      { ...common, x: 3, outside: true },
    ])
  })

  it('takes images of frames where there are some', async () => {
    const { items } = await read(XML, [
      ['images/frame_000011.PNG', placeholder({ width: 20, height: 10 })],
    ])
    expect(items.map(({ media }) => media[0]?.path)).toEqual([
      'clip.mp4',
      'images/frame_000011.PNG',
      'clip.mp4',
    ])
  })

  it('joins the images and tracks of one file by frame', async () => {
    const image =
      '<image id="11" name="x/street.png" width="20" height="10"><tag label="car"/></image>'
    const { items } = await read(task(image + BODY))
    expect(items.map(({ id }) => id)).toEqual(['frame_000010', 'x/street', 'frame_000012'])
    expect(draftsOf(items[1]).map(({ type }) => type)).toEqual(['label', 'box'])
  })
})

describe('what is wrong in a file of CVAT', () => {
  const IMAGE = '<image id="0" name="a.jpg" width="8" height="6">\n'

  it.each([
    ['<box label="car" xtl="x" ytl="2" xbr="3" ybr="4"/>', '<box> has xtl "x", no number'],
    ['<box label="car" ytl="2" xbr="3" ybr="4"/>', '<box> has no xtl'],
    ['<polygon label="car" points="1,2;3"/>', '<polygon> has the point "3", which should be x,y'],
    ['<polygon label="car" points="1,2"/>', '<polygon> has 1 points, which is less than 3'],
    ['<mask label="car" rle="9" left="0" top="0" width="2" height="2"/>', 'longer than 2 × 2'],
    ['<mask label="car" rle="-1" left="0" top="0" width="2" height="2"/>', 'no whole number'],
    ['<mask label="car" rle="1" left="0" top="0" width="99999" height="99999"/>', 'too large'],
  ])('is told with the line: %s', async (shape, message) => {
    const xml = task(`${IMAGE}${shape}</image>`)
    const line = xml.slice(0, xml.indexOf(shape)).split('\n').length
    const read$ = read(xml).catch((error: unknown) => String(error))
    expect(await read$).toContain(`annotations.xml: line ${line}: `)
    expect(await read$).toContain(message)
    const folder = memoryFolder([['annotations.xml', xml]])
    const skipped = await readAll(cvat, folder, { onError: 'skip' })
    expect(skipped.problems).toHaveLength(1)
    expect(skipped.items).toHaveLength(1)
  })

  it('refuses document types, so that entities cannot grow', async () => {
    const xml = `<!DOCTYPE annotations [<!ENTITY a "aaaa">]>${task('')}`
    await expect(read(xml)).rejects.toMatchObject({ code: 'DSV_FORMAT_SYNTAX' })
  })

  it('does not follow names out of the folder', async () => {
    const { items } = await read(task('<image id="0" name="../../etc/passwd.png"/>'))
    expect(items[0]?.media[0]?.path).toBe('images/etc/passwd.png')
  })

  it('tells a damaged file once, and keeps what came before', async () => {
    const xml = `${task('<image id="0" name="a.jpg"/><image id="1" name="b.jpg"/>').slice(0, -30)}<`
    const { items, problems } = await readAll(cvat, memoryFolder([['annotations.xml', xml]]), {
      onError: 'skip',
    })
    expect(problems).toHaveLength(1)
    expect(items.map(({ id }) => id)).toEqual(['a'])
  })
})
