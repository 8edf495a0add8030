import type { AnnotationDraft, SourceItem } from '@dsv/core'
import { detectFormat, diskFolder, loadAdapter } from '@dsv/formats'
import { describe, expect, it } from '@jest/globals'
import { annotationFiles, readAll, writeAll } from '../adapter-contract.ts'
import { memoryDatasetView } from '../dataset-view.ts'
import { assetPath, comparableItems, factItems, factsOf } from '../facts.ts'
import { type MemoryFolder, memoryFolder, placeholder } from '../memory-folder.ts'

const adapter = await loadAdapter('mot')
const IMAGE = placeholder({ width: 1920, height: 1080 })
const INI =
  '[Sequence]\nname=MOT17-02\nimDir=img1\nframeRate=25\nseqLength=3\nimWidth=1920\nimHeight=1080\nimExt=.jpg\n'

/** A sequence as the challenge has it: rows by track, no names of classes. */
function official(): MemoryFolder {
  return memoryFolder([
    [
      'train/MOT17-02/gt/gt.txt',
      '1,5,10.5,20,30,40,1,1,0.25\n2,5,11,20,30,40,1,1,1\n1,7,0,0,9,9,0,12,0\n3,7,1,1,9,9,1,3,1\n',
    ],
    ['train/MOT17-02/seqinfo.ini', INI],
    ['train/MOT17-02/img1/000001.jpg', IMAGE],
    ['train/MOT17-02/img1/000002.jpg', IMAGE],
    ['test/MOT17-01/seqinfo.ini', INI.replace('seqLength=3', 'seqLength=1')],
  ])
}

const truth = (item: SourceItem | undefined): readonly AnnotationDraft[] =>
  item?.layers['ground_truth'] ?? []

describe('reading', () => {
  it('reads frames, tracks, classes and visibility of all sequences', async () => {
    const { items, schema } = await readAll(adapter, official())
    expect(items.map(({ subset, id }) => `${subset} ${id}`)).toEqual([
      'test MOT17-01/1',
      'train MOT17-02/1',
      'train MOT17-02/2',
      'train MOT17-02/3',
    ])
    expect(schema.categories.map(({ name }) => name).slice(0, 3)).toEqual([
      'pedestrian',
      'person on vehicle',
      'car',
    ])
    expect(truth(items[1])).toEqual([
      {
        type: 'box',
        x: 10.5,
        y: 20,
        width: 30,
        height: 40,
        track: 5,
        category: 'pedestrian',
        occluded: false,
        attributes: { ignored: false, visibility: 0.25 },
      },
      {
        type: 'box',
        x: 0,
        y: 0,
        width: 9,
        height: 9,
        track: 7,
        category: 'reflection',
        occluded: true,
        attributes: { ignored: true, visibility: 0 },
      },
    ])
    expect(items[3]?.media[0]).toMatchObject({ width: 1920, height: 1080 })
  })

  it('takes the last columns of 2015 for places in the world, and writes them back', async () => {
    const text = '1,1,0,0,5,5,1,2.5,3.5,0\n1,-1,0,0,5,5,0.5,-1,-1,-1\n'
    const folder = memoryFolder([['gt/gt.txt', text]])
    const read = await readAll(adapter, folder)
    expect(truth(read.items[0])).toMatchObject([
      { track: 1, extra: { mot: { world: ['2.5', '3.5', '0'] } } },
      { score: 0.5 },
    ])
    expect(truth(read.items[0])[1]).not.toHaveProperty('track')
    const again = await writeAll(adapter, memoryDatasetView(read.schema, read.items, read.layout))
    expect(again.losses).toEqual([])
    expect(annotationFiles(again.folder)).toEqual({ 'gt/gt.txt': text })
  })

  it.each([
    '1,1,0,0,5',
    '1,1,0,NaN,5,5,1,1,1',
    '1,1,0,0,5,5,1,13,1',
    'x,1,0,0,5,5',
    '1,1,,0,5,5,1',
  ])('names the file and the frame of %s, or goes on without it', async (row) => {
    const folder = memoryFolder([['gt/gt.txt', `${row}\n2,1,0,0,5,5,1,1,1\n`]])
    await expect(readAll(adapter, folder)).rejects.toMatchObject({
      code: 'DSV_FORMAT_SYNTAX',
      message: expect.stringMatching(/^gt\/gt\.txt: .*(?:frame 1|row 1)/u),
    })
    const { items, problems } = await readAll(adapter, folder, { onError: 'skip' })
    expect(problems).toMatchObject([{ file: 'gt/gt.txt' }])
    expect(items.flatMap(truth)).toHaveLength(1)
  })

  it('does not make a million frames of a damaged number', async () => {
    const folder = memoryFolder([['seqinfo.ini', INI.replace('seqLength=3', 'seqLength=99999999')]])
    await expect(readAll(adapter, folder)).rejects.toMatchObject({ code: 'DSV_FORMAT_SYNTAX' })
  })
})

describe('writing', () => {
  it('keeps tracks, frame rate and classes without names of a sequence', async () => {
    const read = await readAll(adapter, official())
    const view = memoryDatasetView(read.schema, read.items, read.layout)
    const { folder, losses } = await writeAll(adapter, view)
    expect(losses).toEqual([])
    expect(annotationFiles(folder)).toEqual({
      'test/MOT17-01/gt/gt.txt': '',
      'test/MOT17-01/seqinfo.ini': INI.replace('seqLength=3', 'seqLength=1'),
      'train/MOT17-02/gt/gt.txt':
        '1,5,10.5,20,30,40,1,1,0.25\n1,7,0,0,9,9,0,12,0\n2,5,11,20,30,40,1,1,1\n3,7,1,1,9,9,1,3,1\n',
      'train/MOT17-02/seqinfo.ini': INI,
    })
  })

  it('numbers images that have names, and says so', async () => {
    const [first] = (await readAll(adapter, official())).items
    if (first === undefined) throw new Error('nothing was read')
    const items = ['b', 'a', '7'].map((id) => ({ ...first, id }))
    const view = memoryDatasetView({ categories: [], attributes: [], info: {} }, items)
    const { folder, losses } = await writeAll(adapter, view)
    expect([...folder.media]).toEqual(['7', '8', '9'].map((n) => `test/img1/00000${n}.jpg`))
    expect(losses.map(({ what }) => what)).toEqual(['item id', 'item id'])
  })
})

describe('the samples of Datumaro', () => {
  const facts = factsOf('mot_seq')
  if (facts.length === 0) {
    it('are not at hand', () => expect(facts).toEqual([]))
    return
  }
  it.each(facts)('reads %s as it is', async (asset, fact) => {
    const folder = diskFolder(assetPath(asset))
    const { items, schema } = await readAll(adapter, folder)
    expect(comparableItems(items, schema.categories)).toEqual(factItems(fact))
    expect((await detectFormat(folder))[0]).toMatchObject({ format: 'mot' })
  })
})
