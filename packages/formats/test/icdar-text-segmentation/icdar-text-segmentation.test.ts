import { type AnnotationDraft, maskArea, readMask, type SourceItem } from '@dsv/core'
import { detectFormat, loadAdapter } from '@dsv/formats'
import { describe, expect, it } from '@jest/globals'
import { decodeBmp, encodeBmp } from '../../src/media/bmp.ts'
import { annotationFiles, readAll, writeAll } from '../adapter-contract.ts'
import { memoryDatasetView } from '../dataset-view.ts'
import { type MemoryFolder, memoryFolder, placeholder } from '../memory-folder.ts'

const adapter = await loadAdapter('icdar-text-segmentation')
const LETTERS =
  '10 0 0 0.5 0.5 0 0 1 0 "h"\n0 20 0 - - 2 0 2 0 """\n\n' +
  '0 0 30 - - 0 1 0 1 "x"\n\n#1 2 3 - - 5 5 6 6 " "\n0 0 31 - - 1 1 1 1 "y"\n'

type Color = readonly [number, number, number]
const W: Color = [255, 255, 255]

function bmp(pixels: readonly Color[]): Uint8Array {
  return encodeBmp({ width: 3, height: 2, data: new Uint8Array(pixels.flat()) })
}

function official(letters = LETTERS): MemoryFolder {
  const pixels: readonly Color[] = [[10, 0, 0], [10, 0, 0], [0, 20, 0], [0, 0, 30], [0, 0, 31], W]
  return memoryFolder([
    ['train/1_GT.txt', letters],
    ['train/1_GT.bmp', bmp(pixels)],
    ['train/images/1.png', placeholder({ width: 3, height: 2 })],
  ])
}

const truth = (item: SourceItem | undefined): readonly AnnotationDraft[] =>
  item?.layers['ground_truth'] ?? []

describe('reading', () => {
  it('reads a mask for each letter, and which letters are one word', async () => {
    const { items, losses } = await readAll(adapter, official())
    expect(losses).toEqual([])
    expect(items.map(({ subset, id }) => `${subset}/${id}`)).toEqual(['train/1'])
    const letters = truth(items[0]).map((draft) => {
      const mask = draft.type === 'mask' ? readMask(draft) : undefined
      return [draft.attributes, draft.group, draft.box, mask && maskArea(mask)]
    })
    expect(letters).toEqual([
      [{ color: '10 0 0', text: 'h', center: '0.5 0.5' }, 1, [0, 0, 1, 0], 2],
      [{ color: '0 20 0', text: '"' }, 1, [2, 0, 0, 0], 1],
      [{ color: '0 0 30', text: 'x' }, undefined, [0, 1, 0, 0], 1],
      [{ color: '1 2 3', text: ' ' }, 2, [5, 5, 1, 1], 0],
      [{ color: '0 0 31', text: 'y' }, 2, [1, 1, 0, 0], 1],
    ])
    expect((await detectFormat(official()))[0]).toMatchObject({ format: 'icdar-text-segmentation' })
  })

  it('reports pixels that no row names', async () => {
    const { losses } = await readAll(adapter, official('10 0 0 - - 0 0 1 0 "h"\n'))
    expect(losses).toEqual([{ what: 'pixels without letter', where: 'train/1_GT.bmp' }])
  })

  it.each([
    ['1 2 3 "x"\n', /line 1 should be a letter/u],
    ['1 2 300 - - 0 0 1 1 "x"\n', /line 1 should be a letter/u],
  ])('names the line of what is wrong in %j, or goes on', async (text, message) => {
    await expect(readAll(adapter, official(text))).rejects.toMatchObject({
      code: 'DSV_FORMAT_SYNTAX',
      message: expect.stringMatching(message),
    })
    const { items, problems } = await readAll(adapter, official(text), { onError: 'skip' })
    expect([items.length, problems.length]).toEqual([1, 1])
  })

  it('says that the image of the letters is missing', async () => {
    const folder = official()
    folder.files.delete('train/1_GT.bmp')
    await expect(readAll(adapter, folder)).rejects.toThrow(/there is no train\/1_GT\.bmp/u)
  })
})

describe('writing', () => {
  it('gives the same rows and the same pixels', async () => {
    const read = await readAll(adapter, official())
    const view = memoryDatasetView(read.schema, read.items, read.layout)
    const { folder, losses } = await writeAll(adapter, view)
    expect(losses).toEqual([])
    expect(annotationFiles(folder)).toEqual({
      'train/1_GT.txt': LETTERS,
      'train/1_GT.bmp': annotationFiles(official())['train/1_GT.bmp'],
    })
  })

  it('gives letters of one colour different ones, and says so', async () => {
    const read = await readAll(adapter, official())
    const [item] = read.items
    if (item === undefined) throw new Error('nothing was read')
    const drafts = truth(item).map((draft): AnnotationDraft => {
      return { ...draft, attributes: { color: '10 0 0' } }
    })
    const items = [{ ...item, layers: { ground_truth: drafts } }]
    const { folder, losses } = await writeAll(adapter, memoryDatasetView(read.schema, items))
    expect(losses.map(({ what }) => what)).toEqual(drafts.slice(1).map(() => 'attribute: color'))
    const again = truth((await readAll(adapter, folder)).items[0])
    expect(new Set(again.map(({ attributes }) => attributes?.['color'])).size).toBe(5)
  })
})

describe('decodeBmp', () => {
  it('reads palettes, and rows from the top', () => {
    // 2 × 2 pixels of 8 bits: a palette of black and red, negative height.
    const bytes = Buffer.alloc(54 + 8 + 8)
    bytes.write('BM', 'latin1')
    bytes.writeUInt32LE(62, 10)
    bytes.writeUInt32LE(40, 14)
    bytes.writeInt32LE(2, 18)
    bytes.writeInt32LE(-2, 22)
    bytes.writeUInt16LE(8, 28)
    bytes.set([0, 0, 0, 0, 0, 0, 255, 0], 54)
    bytes.set([1, 0, 0, 0, 0, 1, 0, 0], 62)
    expect([...decodeBmp(bytes, 'a.bmp').data]).toEqual([255, 0, 0, 0, 0, 0, 0, 0, 0, 255, 0, 0])
  })

  it.each([0, 20, 60])('says so when %d bytes are all there is', (length) => {
    const cut = bmp([W, W, W, W, W, W]).subarray(0, length)
    expect(() => decodeBmp(cut, 'a.bmp')).toThrow(/a\.bmp/u)
  })
})
