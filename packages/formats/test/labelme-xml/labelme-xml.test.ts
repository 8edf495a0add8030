import type { AnnotationDraft } from '@dsv/core'
import { loadAdapter } from '@dsv/formats'
import { describe, expect, it } from '@jest/globals'
import { annotationFiles, type ReadBack, readAll, writeAll } from '../adapter-contract.ts'
import { memoryDatasetView } from '../dataset-view.ts'
import { memoryFolder, placeholder } from '../memory-folder.ts'

const labelme = await loadAdapter('labelme-xml')
const IMAGE = placeholder({ width: 64, height: 48 })
const PATH = 'Annotations/streets/a.xml'

function object(id: number, inside: string): string {
  return `<object><name>\ncar\n</name><id>${id}</id>${inside}</object>`
}

function polygon(...points: readonly (readonly [number, number])[]): string {
  const inside = points.map(([x, y]) => `<pt><x>\n${x}\n</x><y>${y}</y></pt>`)
  return `<polygon><username>ann</username>${inside.join('')}</polygon>`
}

const TRIANGLE = polygon([1, 2], [5, 2], [5, 4])

function document(...objects: readonly string[]): string {
  const head = '<filename>\na.jpg\n</filename><folder>streets</folder>'
  return `<annotation>${head}${objects.join('')}</annotation>`
}

async function read(xml: string): Promise<ReadBack> {
  const image = ['Images/streets/a.jpg', IMAGE] as const
  return readAll(labelme, memoryFolder([[PATH, xml], image]))
}

async function draftsOf(...objects: readonly string[]): Promise<readonly AnnotationDraft[]> {
  const { items } = await read(document(...objects))
  return items[0]?.layers['ground_truth'] ?? []
}

/** Writes what was read, in place. */
async function rewritten(before: ReadBack): Promise<string> {
  const { schema, items, layout } = before
  const { folder, losses } = await writeAll(labelme, memoryDatasetView(schema, items, layout))
  expect(losses).toEqual([])
  return annotationFiles(folder)[PATH] ?? ''
}

describe('reading XML of LabelMe', () => {
  it('reads polygons and boxes, with the lines that the tool puts around text', async () => {
    const corners = polygon([1, 2], [5.5, 2], [5.5, 4], [1, 4])
    const drafts = await draftsOf(
      object(0, TRIANGLE),
      object(1, `<type>bounding_box</type><occluded>yes</occluded>${corners}`),
    )
    const common = { category: 'car', attributes: { username: 'ann' } }
    expect(drafts).toEqual([
      { type: 'polygon', parts: [[[1, 2, 5, 2, 5, 4]]], sourceId: 0, ...common },
      { type: 'box', x: 1, y: 2, width: 4.5, height: 2, sourceId: 1, occluded: true, ...common },
    ])
  })

  it('reads attributes as text, as flags, and with a value', async () => {
    const text = String.raw`parked, n=3, code="3", note=a\, b\=c, far=false`
    const [draft] = await draftsOf(object(0, `<attributes>${text}</attributes>${TRIANGLE}`))
    expect(draft?.attributes).toEqual({
      username: 'ann',
      parked: true,
      n: 3,
      code: '3',
      note: 'a, b=c',
      far: false,
    })
  })

  it('puts parts and their parts in one group, and keeps which is part of which', async () => {
    const parts = (has: string, of: string): string =>
      `<parts><hasparts>${has}</hasparts><ispartof>${of}</ispartof></parts>${TRIANGLE}`
    const before = await read(
      document(
        object(4, parts('7', '')),
        object(7, parts('9', '4')),
        object(9, parts('', '7')),
        object(10, parts('', '')),
      ),
    )
    const drafts = before.items[0]?.layers['ground_truth'] ?? []
    expect(drafts.map(({ group }) => group)).toEqual([4, 4, 4, undefined])
    const again = await read(await rewritten(before))
    expect(again.items).toEqual(before.items)
    expect(await rewritten(before)).toContain('<hasparts>9</hasparts>')
  })

  it('does not hang when parts go round in a circle', async () => {
    const parts = (has: string, of: string): string =>
      `<parts><hasparts>${has}</hasparts><ispartof>${of}</ispartof></parts>${TRIANGLE}`
    expect(await draftsOf(object(1, parts('2', '2')), object(2, parts('1', '1')))).toHaveLength(2)
  })

  it('leaves deleted objects out, and in the file', async () => {
    const before = await read(document(object(0, `<deleted>1</deleted>${TRIANGLE}`)))
    expect(before.items[0]?.layers['ground_truth']).toEqual([])
    expect(await rewritten(before)).toContain('<deleted>1</deleted>')
  })

  it('says which number is wrong, and which mask is missing', async () => {
    await expect(draftsOf(object(0, polygon([1, Number.NaN])))).rejects.toThrow(
      'y should be a number, not "NaN"',
    )
    await expect(draftsOf(object(0, '<segm><mask>m.png</mask></segm>'))).rejects.toThrow(
      `${PATH}: names the mask "Masks/streets/m.png", which is missing`,
    )
    const folder = memoryFolder([[PATH, document(object(0, '<segm><mask>m.png</mask></segm>'))]])
    const { items, problems } = await readAll(labelme, folder, { onError: 'skip' })
    expect([items.length, problems.length]).toEqual([1, 1])
  })
})

describe('writing XML of LabelMe', () => {
  it('keeps dates, scribbles and what the tool says besides', async () => {
    const xml = document(
      object(0, `<date>15-Nov-2019 14:38:51</date><attributes>two words</attributes>${TRIANGLE}`),
    ).replace('<folder>', '<source><submittedBy>me</submittedBy></source><folder>')
    const text = await rewritten(await read(xml))
    for (const kept of ['<date>15-Nov-2019 14:38:51</date>', '>two words<', '<submittedBy>me<']) {
      expect(text).toContain(kept)
    }
  })
})
