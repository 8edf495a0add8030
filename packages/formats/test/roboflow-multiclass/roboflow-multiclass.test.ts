import { detectFormat, loadAdapter, resolveFormatName } from '@dsv/formats'
import { describe, expect, it } from '@jest/globals'
import { annotationFiles, readAll, writeAll } from '../adapter-contract.ts'
import { memoryDatasetView } from '../dataset-view.ts'
import { type MemoryFolder, memoryFolder, placeholder } from '../memory-folder.ts'

const adapter = await loadAdapter('roboflow-multiclass')
const IMAGE = placeholder({ width: 10, height: 5 })

/** With spaces after the commas, as Roboflow writes it. */
function exported(rows = 'a.jpg, 1, 1\nb.jpg, 0, 0\n'): MemoryFolder {
  return memoryFolder([
    ['train/_classes.csv', `filename, dog, cat\n${rows}`],
    ['train/a.jpg', IMAGE],
    ['train/b.jpg', IMAGE],
    ['valid/_classes.csv', 'filename, dog, cat\nc.jpg, 0, 0.25\n'],
    ['valid/c.jpg', IMAGE],
  ])
}

describe('reading', () => {
  it('reads a label for each class that an image is of', async () => {
    const { items, schema } = await readAll(adapter, exported())
    expect(schema.categories.map(({ name }) => name)).toEqual(['dog', 'cat'])
    expect(items.map(({ subset, id, layers }) => [subset, id, layers['ground_truth']])).toEqual([
      [
        'train',
        'a',
        [
          { type: 'label', category: 'dog' },
          { type: 'label', category: 'cat' },
        ],
      ],
      ['train', 'b', []],
      ['valid', 'c', [{ type: 'label', category: 'cat', score: 0.25 }]],
    ])
    expect(items[0]?.media[0]).toMatchObject({ path: 'train/a.jpg', width: 10 })
    expect((await detectFormat(exported()))[0]).toMatchObject({ format: 'roboflow-multiclass' })
  })

  it.each([
    ['a.jpg, yes, 0\n', /row 2 should have 0 or 1 for dog: yes/u],
    ['a.jpg, 1, 0\na.jpg, 0, 1\n', /row 3 names a\.jpg again/u],
  ])('names the row of what is wrong in %j, or goes on', async (rows, message) => {
    await expect(readAll(adapter, exported(rows))).rejects.toMatchObject({
      code: 'DSV_FORMAT_SYNTAX',
      message: expect.stringMatching(message),
    })
    const { problems } = await readAll(adapter, exported(rows), { onError: 'skip' })
    expect(problems).toHaveLength(1)
  })

  it('wants columns that are told apart', async () => {
    const folder = memoryFolder([['_classes.csv', 'filename, a, a\n']])
    await expect(readAll(adapter, folder)).rejects.toThrow(/there twice: "a"/u)
  })
})

describe('writing', () => {
  it('gives the same tables, without spaces', async () => {
    const read = await readAll(adapter, exported())
    const view = memoryDatasetView(read.schema, read.items, read.layout)
    const { folder, losses } = await writeAll(adapter, view)
    expect(losses).toEqual([])
    expect(annotationFiles(folder)).toEqual({
      'train/_classes.csv': 'filename,dog,cat\na.jpg,1,1\nb.jpg,0,0\n',
      'valid/_classes.csv': 'filename,dog,cat\nc.jpg,0,0.25\n',
    })
    expect([...folder.media]).toEqual(['train/a.jpg', 'train/b.jpg', 'valid/c.jpg'])
  })
})

describe('the other formats of Roboflow', () => {
  it.each([
    ['roboflow_coco', 'coco'],
    ['roboflow_voc', 'voc'],
    ['roboflow_yolo', 'yolo'],
    ['roboflow_yolo_obb', 'dota'],
    ['roboflow_create_ml', 'create-ml'],
    ['roboflow_tfrecord', 'tf-detection-api'],
    ['roboflow_multiclass', 'roboflow-multiclass'],
  ])('are known by the names of Datumaro: %s is %s', (alias, name) => {
    expect(resolveFormatName(alias)).toBe(name)
  })

  it('tells oriented boxes from YOLO, though both have a data.yaml', async () => {
    const folder = memoryFolder([
      ['data.yaml', "train: ../train/images\nval: ../valid/images\nnc: 1\nnames: ['ship']\n"],
      ['train/images/a.jpg', IMAGE],
      ['train/labelTxt/a.txt', '1 1 5 1 5 3 1 3 ship 0\n'],
    ])
    expect((await detectFormat(folder))[0]).toMatchObject({ format: 'dota' })
  })
})
