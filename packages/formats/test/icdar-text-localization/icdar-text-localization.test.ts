import type { AnnotationDraft, SourceItem } from '@dsv/core'
import { detectFormat, diskFolder, loadAdapter } from '@dsv/formats'
import { describe, expect, it } from '@jest/globals'
import { annotationFiles, readAll, writeAll } from '../adapter-contract.ts'
import { memoryDatasetView } from '../dataset-view.ts'
import { assetPath, factsOf } from '../facts.ts'
import { memoryFolder, placeholder } from '../memory-folder.ts'

const adapter = await loadAdapter('icdar-text-localization')
const IMAGE = placeholder({ width: 1280, height: 720 })

const truth = (item: SourceItem | undefined): readonly AnnotationDraft[] =>
  item?.layers['ground_truth'] ?? []

describe('reading', () => {
  it.each([
    ['of 2013', '38, 43, 920, 215, "Tired, \\"ness"\n', 'Tired, "ness'],
    ['of Datumaro', '38 43 920 215 "Tired"\n', 'Tired'],
    ['that are numbers', '38,43,920,215,2013\n', '2013'],
    ['that are none', '38,43,920,215\n', undefined],
  ])('reads boxes with texts %s', async (_, row, text) => {
    const { items } = await readAll(adapter, memoryFolder([['train/gt_img_1.txt', row]]))
    expect(items[0]).toMatchObject({ subset: 'train', id: 'img_1' })
    expect(truth(items[0])).toEqual([
      {
        type: 'box',
        x: 38,
        y: 43,
        width: 882,
        height: 172,
        ...(text !== undefined && { attributes: { text } }),
      },
    ])
  })

  it('reads the four corners of 2015, with texts without quotes, and finds the images', async () => {
    const rows = '\ufeff377,117,463,117,465,130,378,130,Genaxis, Theatre\r\n1,2,3,4,5,6,7,8,###\r\n'
    const folder = memoryFolder([
      ['ch4_gt/gt_img_1.txt', rows],
      ['ch4_images/img_1.jpg', IMAGE],
    ])
    const { items } = await readAll(adapter, folder)
    expect(truth(items[0])).toEqual([
      {
        type: 'polygon',
        parts: [[[377, 117, 463, 117, 465, 130, 378, 130]]],
        attributes: { text: 'Genaxis, Theatre' },
      },
      { type: 'polygon', parts: [[[1, 2, 3, 4, 5, 6, 7, 8]]], attributes: { text: '###' } },
    ])
    expect(items[0]?.media[0]).toMatchObject({ path: 'ch4_images/img_1.jpg', width: 1280 })
  })

  it('names the line of what is wrong, or goes on without it', async () => {
    const folder = memoryFolder([['train/gt_a.txt', '1,2,3,4,x\n1,2,x,4,5\n']])
    await expect(readAll(adapter, folder)).rejects.toMatchObject({
      code: 'DSV_FORMAT_SYNTAX',
      message: expect.stringMatching(/^train\/gt_a\.txt: line 2 /u),
    })
    const { items, problems } = await readAll(adapter, folder, { onError: 'skip' })
    expect([truth(items[0]).length, problems.length]).toEqual([1, 1])
  })
})

describe('writing', () => {
  it.each([
    ['38, 43, 920, 215, "Tired"\n1, 2, 3, 4, "a \\"b\\""\n'],
    ['1,2,3,4,5,6,7,8,Genaxis Theatre\n1,2,3,4,5,6,7,8,"\\"x\\""\n'],
    ['0 0 2 3 "RED"\n'],
  ])('keeps the style of %j', async (text) => {
    const folder = memoryFolder([
      ['train/gt_a.txt', text],
      ['train/images/b.png', IMAGE],
    ])
    const read = await readAll(adapter, folder)
    expect(read.items.map(({ id }) => id)).toEqual(['a', 'b'])
    const view = memoryDatasetView(read.schema, read.items, read.layout)
    const { folder: again, losses } = await writeAll(adapter, view)
    expect(losses).toEqual([])
    expect(annotationFiles(again)).toEqual({ 'train/gt_a.txt': text, 'train/gt_b.txt': '' })
  })

  it('says which polygons do not have four corners', async () => {
    const [item] = (await readAll(adapter, memoryFolder([['train/gt_a.txt', '1 2 3 4\n']]))).items
    if (item === undefined) throw new Error('nothing was read')
    const drafts: readonly AnnotationDraft[] = [
      { type: 'polygon', parts: [[[0, 0, 1, 0, 1, 1]]] },
      { type: 'quad', points: [0, 0, 1, 0, 1, 1, 0, 1] },
    ]
    const items = [{ ...item, layers: { ground_truth: drafts } }]
    const schema = { categories: [], attributes: [], info: {} }
    const { losses } = await writeAll(adapter, memoryDatasetView(schema, items))
    expect(losses.map(({ what }) => what)).toEqual(['annotation: polygon', 'geometry: quad'])
  })
})

describe('the samples of Datumaro', () => {
  const facts = factsOf('icdar_text_localization')
  if (facts.length === 0) {
    it('are not at hand', () => expect(facts).toEqual([]))
    return
  }
  it.each(facts)('are recognised: %s', async (asset) => {
    const answers = await detectFormat(diskFolder(assetPath(asset)))
    expect(answers[0]).toMatchObject({ format: 'icdar-text-localization' })
  })
})
