import type { AnnotationDraft, SourceItem } from '@dsv/core'
import { detectFormat, diskFolder, loadAdapter } from '@dsv/formats'
import { describe, expect, it } from '@jest/globals'
import path from 'node:path'
import { readAll, writeAll } from '../adapter-contract.ts'
import { memoryDatasetView } from '../dataset-view.ts'
import { assetPath, comparableItems, type Fact, factItems, factsWithOptions } from '../facts.ts'
import { memoryFolder, placeholder } from '../memory-folder.ts'

const adapter = await loadAdapter('csv')
const IMAGE = placeholder({ width: 200, height: 100 })

const truth = (item: SourceItem | undefined): readonly AnnotationDraft[] =>
  item?.layers['ground_truth'] ?? []

async function readTable(
  text: string,
  options: {
    readonly map?: string
    readonly file?: string
    readonly images?: readonly string[]
  } = {},
): Promise<readonly SourceItem[]> {
  const { map, file = 'labels.csv', images = ['images/a.jpg'] } = options
  const folder = memoryFolder([[file, text], ...images.map((name) => [name, IMAGE] as const)])
  const { items } = await readAll(adapter, folder, map === undefined ? {} : { map })
  return items
}

const BOX = { type: 'box', category: 'cat', x: 10, y: 20, width: 30, height: 40 }

describe('reading tables by the names of their columns', () => {
  it.each([
    ['filename,width,height,class,xmin,ymin,xmax,ymax\na.jpg,200,100,cat,10,20,40,60\n'],
    ['image,x,y,width,height,label\na.jpg,10,20,30,40,cat\n'],
    ['image_name,label_name,x1,y1,x2,y2\na.jpg,cat,10,20,40,60\n'],
    ['image_name,label_name,x1,y1,w,h\na,cat,10,20,30,40\n'],
    ['Image Path;Category;cx;cy;w;h\r\nimages\\a.jpg;cat;25;40;30;40\r\n'],
    ['image_id,class,bbox\na,cat,"[10, 20, 30, 40]"\n'],
    ['/kaggle/input/set/a.jpg,10,20,40,60,cat\n'],
    ['\ufeff"image","left","top","right","bottom","label"\n"a.jpg",10,20,40,60," cat"\n'],
  ])('reads %j', async (text) => {
    const items = await readTable(text)
    expect(items.map((item) => truth(item))).toEqual([[BOX]])
    expect(items[0]?.media).toEqual([
      expect.objectContaining({ path: 'images/a.jpg', width: 200, height: 100 }),
    ])
  })

  it('reads labels and captions, images without either, and other columns as attributes', async () => {
    const items = await readTable(
      'image,label,caption,split,weather,frame,ok\n' +
        'a.jpg,cat,,train,sunny,007,true\nb.jpg,,"a dog, red",val,,1.50,\nc.jpg,,,val,,,\n',
    )
    expect(items.map(({ subset, id, layers }) => [subset, id, layers['ground_truth']])).toEqual([
      [
        'train',
        'a',
        [
          {
            type: 'label',
            category: 'cat',
            attributes: { weather: 'sunny', frame: '007', ok: true },
          },
        ],
      ],
      ['val', 'b', [{ type: 'caption', text: 'a dog, red', attributes: { frame: 1.5 } }]],
      ['val', 'c', []],
    ])
  })

  it('gathers the rows of an image from several tables, whose names say the subset', async () => {
    const folder = memoryFolder([
      ['train_boxes.csv', 'image,x,y,w,h\na.jpg,1,2,3,4\nb.jpg,1,2,3,4\na.jpg,5,6,7,8\n'],
      ['train_labels.csv', 'image,label\na.jpg,cat\n'],
      ['test/labels.csv', 'image,label\na.jpg,dog\n'],
      ['train/a.jpg', IMAGE],
      ['test/a.jpg', IMAGE],
    ])
    const { items } = await readAll(adapter, folder)
    expect(
      items.map(({ subset, id, layers }) => [subset, id, layers['ground_truth']?.length]),
    ).toEqual([
      ['test', 'a', 1],
      ['train', 'a', 3],
      ['train', 'b', 1],
    ])
    expect(items.map(({ media }) => media[0]?.path)).toEqual(['test/a.jpg', 'train/a.jpg', 'b.jpg'])
  })

  it('takes an image with and without extension for one', async () => {
    const items = await readTable('image,label\na.jpg,cat\na,dog\n')
    expect(items.map((item) => [item.id, truth(item).length])).toEqual([['a', 2]])
  })

  it('keeps images apart that differ in their extension alone', async () => {
    const items = await readTable('image,label\na.jpg,cat\na.png,dog\n')
    expect(items.map(({ id }) => id)).toEqual(['a', 'a.png'])
  })

  it.each([
    [
      'image,label,x,y,w,h\na.jpg,cat,1,2,x,4\n',
      /labels\.csv: a row of a\.jpg has a box that is no/,
    ],
    ['image,label,x,y,w,h\na.jpg,cat,1,2,,4\n', /has a box that is no number/],
    ['image,label,bbox\na.jpg,cat,"[1,2,3]"\n', /has a box of 3 numbers and not 4/],
    ['image,label,score\na.jpg,cat,high\n', /has a score of the wrong kind/],
    ['image,label\n,cat\n', /row 2 has no image/],
  ])('says what is wrong with %j', async (text, message) => {
    await expect(readTable(text)).rejects.toThrow(message)
  })
})

describe('reading tables by a map', () => {
  it.each([
    ['image={pic}.jpg,label={c},bbox=[{a},{b},{d},{e}]', 'pic,c,a,b,d,e\na,cat,10,20,30,40\n'],
    ['image={0}, label={1}, corners=[{2},{3},{4},{5}]', 'a.jpg,cat,10,20,40,60\n'],
    ['image=images/{d}{n}.jpg,label=cat,center={box}', 'd,n,box\n,a,(25 40 30 40)\n'],
    [
      'image={i},label={l},bbox=[{x},{y},{w},{h}],units=relative',
      'i,l,x,y,w,h\na,cat,.05,.2,.15,.4\n',
    ],
    ['image={0},label={2},bbox={4},header=no,delimiter=pipe', 'a.jpg||cat||10 20 30 40\n'],
  ])('reads with %s', async (map, text) => {
    const items = await readTable(text, { map })
    expect(items.flatMap((item) => truth(item))).toMatchObject([BOX])
  })

  it('reads only the files it names', async () => {
    const folder = memoryFolder([
      ['one.csv', 'i,l\na,cat\n'],
      ['two.csv', 'i,l\na,dog\n'],
    ])
    const { items } = await readAll(adapter, folder, { map: 'image={i},label={l},file=t*.csv' })
    expect(items.map((item) => truth(item))).toEqual([[{ type: 'label', category: 'dog' }]])
  })

  it.each([
    ['label={x}', /does not say which column names the image/],
    ['image={a},colour={b}', /has no field colour/],
    ['image={a},bbox=[{x},{y}]', /should have bbox=/],
    ['image={a}, label', /should have field=value and not "label"/],
    ['image={a', /braces that do not match/],
    ['image={a},bbox={b},corners={c}', /has two of/],
    ['image={a},image={b}', /says image twice/],
    ['image={a},units=metres', /units=pixels or relative/],
    ['image={a},delimiter=dot', /delimiter=comma/],
  ])('refuses %s', async (map, message) => {
    await expect(readTable('a,b\n1,2\n', { map })).rejects.toThrow(message)
  })

  it('is remembered: written and read again without being said', async () => {
    const text = 'pic,c,x1,y1,x2,y2,colour\na,cat,11.5,12,21.7,32.5,red\na,dog,0.1,0.2,0.3,0.4,\n'
    const map = 'image={pic}.jpg,label={c},corners=[{x1},{y1},{x2},{y2}]'
    const read = await readAll(
      adapter,
      memoryFolder([
        ['t.csv', text],
        ['a.jpg', IMAGE],
      ]),
      { map },
    )
    const view = memoryDatasetView(read.schema, read.items, read.layout)
    const { folder, losses, layout } = await writeAll(adapter, view)
    expect(losses).toEqual([])
    expect(Buffer.from(folder.files.get('t.csv') ?? '').toString()).toBe(text)
    const again = await readAll(adapter, folder, { layoutBefore: layout })
    expect(again.items).toEqual(read.items)
  })

  it('gives way to the usual columns where it cannot hold what is new', async () => {
    const folder = memoryFolder([
      ['t.csv', 'i,l\na.jpg,cat\n'],
      ['a.jpg', IMAGE],
    ])
    const read = await readAll(adapter, folder, { map: 'image={i},label={l}' })
    const items = read.items.map((item) => ({ ...item, layers: { ground_truth: [BOX_DRAFT] } }))
    const view = memoryDatasetView(read.schema, items, read.layout)
    const { folder: written, losses, layout } = await writeAll(adapter, view)
    expect(losses).toEqual([])
    const again = await readAll(adapter, written, { layoutBefore: layout })
    expect(again.items.map((item) => truth(item))).toEqual([[BOX_DRAFT]])
  })
})

const BOX_DRAFT: AnnotationDraft = { type: 'box', category: 'cat', x: 1, y: 2, width: 3, height: 4 }

describe('writing tables', () => {
  it('keeps the types of attributes, and names that are those of other columns', async () => {
    const attributes = {
      label: 'x',
      n: '5',
      t: 'true',
      e: '',
      q: '"a"',
      l: [1, 'b'],
      z: null,
      s: ' y',
    }
    const draft: AnnotationDraft = { ...BOX_DRAFT, attributes, sourceId: '7', track: 3 }
    const item: SourceItem = {
      subset: 'default',
      id: '../a//b',
      media: [{ role: 'primary', path: 'x/b.png', kind: 'image', width: 4, height: 5 }],
      layers: { ground_truth: [draft, { type: 'caption', text: '' }] },
    }
    const schema = { categories: [{ key: 'cat', name: 'cat' }], attributes: [], info: {} }
    const { folder, losses } = await writeAll(adapter, memoryDatasetView(schema, [item]))
    expect(losses).toEqual([])
    const { items } = await readAll(adapter, folder)
    expect(items.map(({ id }) => id)).toEqual(['../a//b'])
    expect(items[0]?.layers).toEqual(item.layers)
  })
})

const kaggle = (name: string): readonly (readonly [string, Fact])[] => factsWithOptions(name)

interface KaggleOptions {
  readonly ann_file: string
  readonly columns: {
    readonly media: string | number
    readonly label: string | number
    readonly bbox?: string | Readonly<Record<string, string>>
  }
}

/** Datumaro takes a box in one column as corners. */
function mapOf({ ann_file: file, columns: { media, label, bbox } }: KaggleOptions): string {
  const base = `file=${path.basename(file)},image={${media}},label={${label}}`
  if (bbox === undefined) return base
  if (typeof bbox === 'string') return `${base},corners={${bbox}}`
  const { x1, y1, x2, y2, width, height } = bbox
  return width === undefined
    ? `${base},corners=[{${x1}},{${y1}},{${x2}},{${y2}}]`
    : `${base},bbox=[{${x1}},{${y1}},{${width}},{${height}}]`
}

describe('tables of Kaggle', () => {
  const facts = [...kaggle('kaggle_image_csv'), ...kaggle('kaggle_image_txt')]
  if (facts.length === 0) {
    it('cannot be compared: its samples are not at hand', () => expect(facts).toEqual([]))
    return
  }
  it.each(facts)('reads %s as Datumaro does', async (_name, fact) => {
    const folder = diskFolder(path.dirname(assetPath(fact.asset)))
    const options = fact.options as KaggleOptions
    const { items, schema } = await readAll(adapter, folder, { map: mapOf(options) })
    expect(comparableItems(items, schema.categories)).toEqual(factItems(fact))
    expect(schema.categories).toEqual(
      fact.categories.label?.map((category) => ({ ...category, key: category.name })),
    )
  })

  it('finds the columns without a map, and knows the format', async () => {
    const folder = diskFolder(assetPath('kaggle_dataset/image_csv'))
    const [best] = await detectFormat(folder)
    expect(best).toMatchObject({ format: 'csv' })
    const { items } = await readAll(adapter, folder)
    expect(items.map(({ id }) => id)).toEqual(['1', '2', '3', '4', '5'])
  })
})
