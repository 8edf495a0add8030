import { detectFormat, diskFolder, loadAdapter } from '@dsv/formats'
import { describe, expect, it } from '@jest/globals'
import { annotationFiles, readAll, writeAll } from '../adapter-contract.ts'
import { memoryDatasetView } from '../dataset-view.ts'
import { assetPath, comparableItems, factItems, factsOf } from '../facts.ts'
import { memoryFolder, placeholder } from '../memory-folder.ts'

const vott = await loadAdapter('vott-csv')
const IMAGE = placeholder({ width: 64, height: 48 })
const HEAD = '"image","xmin","ymin","xmax","ymax","label"'
const ROWS = `${HEAD}
"a.jpg",10,5.5,20,7,"helmet"
"b ""2"".jpg",,,,,
"a.jpg",1,2,3,4,
`

describe('reading CSV of VoTT', () => {
  it('reads the rows of an image, boxes without label, and images without box', async () => {
    const folder = memoryFolder([['street-export.csv', ROWS]])
    const { items, schema } = await readAll(vott, folder)
    expect(schema.categories).toEqual([{ key: 'helmet', name: 'helmet' }])
    expect(items.map(({ subset, id, layers }) => [subset, id, layers['ground_truth']])).toEqual([
      [
        'street',
        'a',
        [
          { type: 'box', category: 'helmet', x: 10, y: 5.5, width: 10, height: 1.5 },
          { type: 'box', x: 1, y: 2, width: 2, height: 2 },
        ],
      ],
      ['street', 'b "2"', []],
    ])
  })

  it('says where a number is missing, reports columns, and goes on', async () => {
    const text = `image,xmin,ymin,xmax,ymax,label,note\na.jpg,1,2,x,4,cat,hm\n`
    const folder = memoryFolder([['x-export.csv', text]])
    await expect(readAll(vott, folder)).rejects.toThrow(
      'x-export.csv: the corners of a box of a.jpg should be numbers: x',
    )
    const { items, losses, problems } = await readAll(vott, folder, { onError: 'skip' })
    expect([items.length, problems.length]).toEqual([1, 1])
    expect(losses).toEqual([{ what: 'column: note', where: 'x-export.csv' }])
  })
})

describe('writing CSV of VoTT', () => {
  it('leaves files and images where they were', async () => {
    const text = `${HEAD}\n"a.jpg",6.7,10.3,10,15,"helmet"\n`
    const before = memoryFolder([
      ['train-export.csv', text],
      ['test-export.csv', text.replace('a.jpg', 'b.jpg')],
      ['a.jpg', IMAGE],
      ['b.jpg', IMAGE],
    ])
    const { schema, items, layout } = await readAll(vott, before)
    const { folder, losses } = await writeAll(vott, memoryDatasetView(schema, items, layout))
    expect(annotationFiles(folder)['train-export.csv']).toBe(text)
    expect([...folder.media].toSorted()).toEqual(['a.jpg', 'b.jpg'])
    expect(losses).toEqual([])
  })
})

describe('what Datumaro reads', () => {
  const facts = factsOf('vott_csv')
  if (facts.length === 0) {
    it('cannot be compared: its samples are not at hand', () => expect(facts).toEqual([]))
    return
  }
  it.each(facts)('%s', async (asset, fact) => {
    const folder = diskFolder(assetPath(asset))
    expect((await detectFormat(folder))[0]).toMatchObject({ format: 'vott-csv' })
    const { schema, items } = await readAll(vott, folder)
    expect(schema.categories.map(({ name }) => name)).toEqual(
      fact.categories.label?.map(({ name }) => name),
    )
    expect(rounded(comparableItems(items, schema.categories))).toEqual(rounded(factItems(fact)))
  })
})

function rounded(value: unknown): unknown {
  return JSON.parse(JSON.stringify(value), (_key, each: unknown) => {
    return typeof each === 'number' ? Number(each.toFixed(6)) : each
  })
}
