import { detectFormat, loadAdapter } from '@dsv/formats'
import { describe, expect, it } from '@jest/globals'
import { readAll, writeAll } from '../adapter-contract.ts'
import { memoryDatasetView } from '../dataset-view.ts'
import { annotationFiles } from '../adapter-contract.ts'
import { type MemoryFolder, memoryFolder, placeholder } from '../memory-folder.ts'

const adapter = await loadAdapter('lfw')
const IMAGE = placeholder({ width: 250, height: 250 })

function sample(): MemoryFolder {
  return memoryFolder([
    ['test/annotations/people.txt', 'Ada\t2\nBob\t2\n'],
    ['test/annotations/pairs.txt', 'Ada\t1\t2\nAda\t2\tBob\t1\nBob\t1\t-\tplain\nBob/alone\n'],
    ['test/annotations/landmarks.txt', 'Ada/Ada_0001.jpg\t1\t2.5\t3\t4\nplain.jpg\t5\t6\n'],
    ['test/images/Ada/Ada_0001.jpg', IMAGE],
    ['test/images/Ada/Ada_0002.jpg', IMAGE],
    ['test/images/Bob/Bob_0001.jpg', IMAGE],
    ['test/images/Bob/alone.jpg', IMAGE],
    ['test/images/Bob/unlisted.jpg', IMAGE],
    ['test/images/plain.jpg', IMAGE],
  ])
}

describe('a dataset of pairs', () => {
  it('is read with pairs as attributes of labels, and with every image', async () => {
    const { items, schema } = await readAll(adapter, sample())
    expect(schema.categories.map(({ name }) => name)).toEqual(['Ada', 'Bob'])
    expect(
      items.map(({ id, media, layers }) => [id, media[0]?.width, layers['ground_truth']]),
    ).toEqual([
      [
        'Ada_0001',
        250,
        [
          { type: 'label', category: 'Ada', attributes: { positive_pairs: ['Ada/Ada_0002'] } },
          { type: 'points', category: 'Ada', points: [1, 2.5, 3, 4], visibility: [2, 2] },
        ],
      ],
      [
        'Ada_0002',
        250,
        [{ type: 'label', category: 'Ada', attributes: { negative_pairs: ['Bob/Bob_0001'] } }],
      ],
      [
        'Bob_0001',
        250,
        [{ type: 'label', category: 'Bob', attributes: { negative_pairs: ['plain'] } }],
      ],
      ['plain', 250, [{ type: 'points', points: [5, 6], visibility: [2] }]],
      ['alone', 250, [{ type: 'label', category: 'Bob' }]],
      ['unlisted', 250, [{ type: 'label', category: 'Bob' }]],
    ])
  })

  it('is written with all of it', async () => {
    const read = await readAll(adapter, sample())
    const view = memoryDatasetView(read.schema, read.items, read.layout)
    const { folder, losses } = await writeAll(adapter, view)
    expect(losses).toEqual([])
    expect(annotationFiles(folder)['test/annotations/pairs.txt']?.split('\n')).toEqual([
      'Ada\t1\t2',
      'Ada\t2\tBob\t1',
      'Bob\t1\t-\tplain',
      'Bob/alone',
      'Bob/unlisted',
      '',
    ])
    expect((await readAll(adapter, folder)).items).toEqual(expect.arrayContaining([...read.items]))
  })

  it('keeps images of the same name of two people apart', async () => {
    const folder = memoryFolder([
      ['annotations/pairs.txt', 'Ada\tx\tBob\tx\n'],
      ['images/Ada/x.png', IMAGE],
      ['images/Bob/x.png', IMAGE],
    ])
    const read = await readAll(adapter, folder)
    expect(read.items.map(({ subset, id }) => [subset, id])).toEqual([
      ['default', 'Ada/x'],
      ['default', 'Bob/x'],
    ])
    const again = await writeAll(adapter, memoryDatasetView(read.schema, read.items, read.layout))
    expect(again.losses).toEqual([])
    expect((await readAll(adapter, again.folder)).items).toEqual(read.items)
  })

  it('is recognised, and text files of other formats are not', async () => {
    expect((await detectFormat(sample()))[0]).toMatchObject({ format: 'lfw' })
    const other = memoryFolder([['annotations/pairs.txt', '{"a": 1}\n']])
    expect((await adapter.detect(other)).confidence).toBe(0)
  })
})

describe('a list that is wrong', () => {
  it.each([
    ['Ada\t1\t2\tBob\t3\n', /line 1 has 5 fields/],
    ['Ada\t1\t2\n\n\t\t\n', /line 3 has an empty field/],
  ])('names the line: %#', async (text, message) => {
    const folder = memoryFolder([['a/annotations/pairs.txt', text]])
    await expect(readAll(adapter, folder)).rejects.toMatchObject({
      code: 'DSV_FORMAT_SYNTAX',
      message: expect.stringMatching(message),
    })
    expect((await readAll(adapter, folder, { onError: 'skip' })).problems).toHaveLength(1)
  })

  it('has landmarks that are numbers', async () => {
    const folder = memoryFolder([
      ['a/annotations/pairs.txt', 'Ada\t1\t2\n'],
      ['a/annotations/landmarks.txt', 'Ada/Ada_0001.jpg\t1\tNaN\n'],
    ])
    await expect(readAll(adapter, folder)).rejects.toThrow(/line 1 should be numbers: NaN/)
  })
})
