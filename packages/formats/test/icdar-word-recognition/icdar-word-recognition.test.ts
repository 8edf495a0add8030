import { detectFormat, diskFolder, loadAdapter } from '@dsv/formats'
import { describe, expect, it } from '@jest/globals'
import { annotationFiles, readAll, writeAll } from '../adapter-contract.ts'
import { memoryDatasetView } from '../dataset-view.ts'
import { assetPath, factsOf } from '../facts.ts'
import { type MemoryFolder, memoryFolder, placeholder } from '../memory-folder.ts'

const adapter = await loadAdapter('icdar-word-recognition')
const IMAGE = placeholder({ width: 120, height: 30 })
const LIST =
  'word_1.png, "PROPER"\nword_2.png, "say \\"hi\\", \\\\o/"\nword_3.png,\n' +
  'word_4.png, " a"\nword_4.png, "b"\n'

/** Images beside the list, as in the archives of the challenge. */
function official(text = LIST): MemoryFolder {
  return memoryFolder([
    ['train/gt.txt', text],
    ['train/word_1.png', IMAGE],
  ])
}

describe('reading', () => {
  it('reads words with commas, quotes and backslashes, and images with none or two', async () => {
    const { items } = await readAll(adapter, official(`\ufeff${LIST}`))
    const words = items.map(({ subset, id, layers }) => [
      `${subset}/${id}`,
      layers['ground_truth']?.map((draft) => draft.type === 'caption' && draft.text),
    ])
    expect(Object.fromEntries(words)).toEqual({
      'train/word_1': ['PROPER'],
      'train/word_2': ['say "hi", \\o/'],
      'train/word_3': [],
      'train/word_4': [' a', 'b'],
    })
    expect(items[0]?.media[0]).toMatchObject({ path: 'train/word_1.png', width: 120 })
  })

  it('reads texts without quotes', async () => {
    const { items } = await readAll(adapter, official('a.png, two words\n'))
    expect(items[0]?.layers['ground_truth']).toEqual([{ type: 'caption', text: 'two words' }])
  })

  it.each([
    ['a.png, "x"\nno image\n', /line 2 should be an image and a text/u],
    ['a.png, "x"\nb.png, "y"\na.png, "z"\n', /line 3 names a\.png again/u],
  ])('names the line of what is wrong in %j, or goes on', async (text, message) => {
    await expect(readAll(adapter, official(text))).rejects.toMatchObject({
      code: 'DSV_FORMAT_SYNTAX',
      message: expect.stringMatching(message),
    })
    const { items, problems } = await readAll(adapter, official(text), { onError: 'skip' })
    expect([items.length > 0, problems.length]).toEqual([true, 1])
  })
})

describe('writing', () => {
  it('gives the same list, and leaves images where they are', async () => {
    const read = await readAll(adapter, official())
    const view = memoryDatasetView(read.schema, read.items, read.layout)
    const { folder, losses } = await writeAll(adapter, view)
    expect(losses).toEqual([])
    expect(annotationFiles(folder)).toEqual({ 'train/gt.txt': LIST })
    expect(folder.media.has('train/word_1.png')).toBe(true)
  })

  it('says that a word cannot have line breaks or a language', async () => {
    const [item] = (await readAll(adapter, official())).items
    if (item === undefined) throw new Error('nothing was read')
    const caption = { type: 'caption', text: 'a\nb', language: 'en' } as const
    const items = [{ ...item, layers: { ground_truth: [caption] } }]
    const schema = { categories: [], attributes: [], info: {} }
    const { losses } = await writeAll(adapter, memoryDatasetView(schema, items))
    expect(losses.map(({ what }) => what)).toEqual(['field: language', 'field: text'])
  })
})

describe('the samples of Datumaro', () => {
  const facts = factsOf('icdar_word_recognition')
  if (facts.length === 0) {
    it('are not at hand', () => expect(facts).toEqual([]))
    return
  }
  it.each(facts)('are recognised: %s', async (asset) => {
    const answers = await detectFormat(diskFolder(assetPath(asset)))
    expect(answers[0]).toMatchObject({ format: 'icdar-word-recognition' })
  })
})
