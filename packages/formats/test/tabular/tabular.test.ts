import { detectFormat, diskFolder, loadAdapter } from '@dsv/formats'
import { describe, expect, it } from '@jest/globals'
import path from 'node:path'
import { readAll, writeAll } from '../adapter-contract.ts'
import { memoryDatasetView } from '../dataset-view.ts'
import { assetPath, type Fact, factsOf, factsWithOptions } from '../facts.ts'
import { memoryFolder } from '../memory-folder.ts'

const adapter = await loadAdapter('tabular')
const TABLE = 'day,class,note\n5,UP,"a, b"\n4,DOWN,\n7,,007\n'

describe('reading a table', () => {
  it('makes each row an item with all that it says', async () => {
    const { items, schema } = await readAll(adapter, memoryFolder([['power.csv', TABLE]]))
    expect(schema.categories).toEqual([])
    expect(items).toEqual(
      [
        { day: 5, class: 'UP', note: 'a, b' },
        { day: 4, class: 'DOWN' },
        { day: 7, note: '007' },
      ].map((values, at) => ({
        subset: 'power',
        id: `${at}@power`,
        media: [],
        layers: { ground_truth: [{ type: 'tabular', values }] },
      })),
    )
  })

  it('takes the outputs that a map names for annotations, the rest for attributes of the item', async () => {
    const folder = memoryFolder([['power.csv', TABLE]])
    const { items, layout } = await readAll(adapter, folder, { map: 'output={class}' })
    expect(items.map(({ attributes, layers }) => [attributes, layers['ground_truth']])).toEqual([
      [{ day: 5, note: 'a, b' }, [{ type: 'tabular', values: { class: 'UP' } }]],
      [{ day: 4 }, [{ type: 'tabular', values: { class: 'DOWN' } }]],
      [{ day: 7, note: '007' }, []],
    ])
    const again = await readAll(adapter, folder, { layoutBefore: layout })
    expect(again.items).toEqual(items)
    const view = memoryDatasetView({ categories: [], attributes: [], info: {} }, items, layout)
    const { folder: written, losses } = await writeAll(adapter, view)
    expect(losses).toEqual([])
    expect(Buffer.from(written.files.get('power.csv') ?? '').toString()).toBe(TABLE)
  })

  it('writes rows in the order of their numbers, and ids where these have gaps', async () => {
    const rows = Array.from({ length: 12 }, (_, at) => `${at * 2}`)
    const folder = memoryFolder([['t.csv', `n\n${rows.join('\n')}\n`]])
    const read = await readAll(adapter, folder)
    const all = await writeAll(adapter, memoryDatasetView(read.schema, read.items, read.layout))
    expect(Buffer.from(all.folder.files.get('t.csv') ?? '').toString()).toBe(
      `n\n${rows.join('\n')}\n`,
    )
    const rest = read.items.filter(({ id }) => id !== '3@t')
    const some = await writeAll(adapter, memoryDatasetView(read.schema, rest, read.layout))
    expect(Buffer.from(some.folder.files.get('t.csv') ?? '').toString()).toMatch(
      /^item_id,n\n0@t,0\n1@t,2\n2@t,4\n4@t,8\n/u,
    )
    expect((await readAll(adapter, some.folder)).items).toEqual(rest)
  })

  it.each([
    ['a,b\n1,2,3\n', /t\.csv: row 2 has more fields/],
    ['a,a\n1,2\n', /t\.csv: has two columns "a"/],
    ['', /t\.csv: has no row of names/],
    ['item_id,a\nx,1\nx,2\n', /row 3 has the id of another: x/],
  ])('says what is wrong with %j', async (text, message) => {
    await expect(readAll(adapter, memoryFolder([['t.csv', text]]))).rejects.toThrow(message)
  })

  it.each(['output=class', 'input={a}', 'output=[{a},b]'])('refuses the map %s', async (map) => {
    await expect(readAll(adapter, memoryFolder([['t.csv', TABLE]]), { map })).rejects.toMatchObject(
      {
        code: 'DSV_MAP_INVALID',
      },
    )
  })

  it('refuses a map of columns that are not there', async () => {
    const folder = memoryFolder([['t.csv', TABLE]])
    await expect(readAll(adapter, folder, { map: 'output={x}' })).rejects.toThrow(/has no column x/)
  })

  it('gives way to tables of images', async () => {
    const folder = memoryFolder([['t.csv', 'image,label\na.jpg,cat\n']])
    expect((await detectFormat(folder))[0]).toMatchObject({ format: 'csv' })
    const other = memoryFolder([['t.csv', TABLE]])
    expect((await detectFormat(other))[0]).toMatchObject({ format: 'tabular' })
    const [best] = await detectFormat(other, 'output={class}')
    expect(best).toMatchObject({ format: 'tabular', confidence: 0.9 })
  })
})

describe('what Datumaro reads', () => {
  const facts: readonly (readonly [string, Fact])[] = [
    ...factsOf('tabular'),
    ...factsWithOptions('tabular'),
  ]
  if (facts.length === 0) {
    it('cannot be compared: its samples are not at hand', () => expect(facts).toEqual([]))
    return
  }
  it.each(facts)('%s', async (_name, fact) => {
    const folder = diskFolder(path.dirname(assetPath(fact.asset)))
    const hasOutput = fact.options !== undefined
    const read = await readAll(adapter, folder, hasOutput ? { map: 'output={class}' } : {})
    const items = new Map(read.items.map((item) => [item.id, item]))
    expect(fact.items.length).toBeGreaterThan(0)
    for (const { id, subset, media, annotations } of fact.items) {
      const item = items.get(id)
      const [row] = item?.layers['ground_truth'] ?? []
      const values = row?.type === 'tabular' ? row.values : {}
      // Datumaro has the row as medium; columns that are no output are attributes here.
      expect({ subset: item?.subset, ...values, ...item?.attributes }).toMatchObject({
        subset,
        ...(media as { readonly row: Readonly<Record<string, unknown>> }).row,
      })
      expect(hasOutput ? [{ type: 'tabular', values }] : []).toEqual(annotations)
    }
  })
})
