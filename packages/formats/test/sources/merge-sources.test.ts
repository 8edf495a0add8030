import { afterEach, beforeEach, describe, expect, it } from '@jest/globals'
import { convertDataset, diskFolder, loadAdapter } from '@dsv/formats'
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { readAll } from '../adapter-contract.ts'
import { placeholder } from '../memory-folder.ts'

let folder = ''
const at = (...parts: string[]): string => path.join(folder, ...parts)

beforeEach(() => {
  folder = mkdtempSync(path.join(tmpdir(), 'dsv-merge-test-'))
})
afterEach(() => rmSync(folder, { recursive: true, force: true }))

function write(file: string, content: string | Uint8Array): void {
  mkdirSync(path.dirname(at(file)), { recursive: true })
  writeFileSync(at(file), content)
}

/** A YOLO dataset whose images differ in width, so that they can be told apart. */
function writeYolo(name: string, classes: string, ids: readonly string[], width = 100): void {
  write(`${name}/data.yaml`, `names: [${classes}]\ntrain: images/train\n`)
  for (const id of ids) {
    write(`${name}/images/train/${id}.png`, placeholder({ width, height: 50 }))
    write(`${name}/labels/train/${id}.txt`, '0 0.5 0.5 0.5 0.5\n1 0.25 0.5 0.1 0.2\n')
  }
}

/** A COCO dataset of one image with one box. */
function writeCoco(name: string, category: string, file: string): void {
  write(`${name}/images/${file}`, placeholder({ width: 60, height: 50 }))
  const images = [{ id: 1, file_name: file, width: 60, height: 50 }]
  const annotations = [
    { id: 1, image_id: 1, category_id: 1, bbox: [1, 2, 3, 4], area: 12, iscrowd: 0 },
  ]
  const categories = [{ id: 1, name: category }]
  const json = { images, annotations, categories }
  write(`${name}/annotations/instances_train.json`, JSON.stringify(json))
}

async function read(format: string, name: string): ReturnType<typeof readAll> {
  return readAll(await loadAdapter(format), diskFolder(at(name)))
}

describe('convertDataset of several inputs', () => {
  it('unites categories by name and takes the media of each input', async () => {
    writeYolo('a', 'cat, dog', ['1'])
    writeYolo('b', 'dog, bird', ['2'], 80)
    writeCoco('c', 'cat', '3.png')
    const outcome = await convertDataset({
      input: [at('a'), at('b'), at('c')],
      to: 'voc',
      output: at('out'),
    })
    expect(outcome).toMatchObject({ from: 'yolo, coco', items: 3 })
    const { items } = await read('voc', 'out')
    expect(items.map(({ id, media }) => [id, media[0]?.width])).toEqual([
      ['1', 100],
      ['2', 80],
      ['3', 60],
    ])
    const classes = items.map(({ layers }) => layers['ground_truth']?.map((each) => each.category))
    expect(classes.map((list) => [...new Set(list?.map(String))].join(' '))).toEqual([
      'cat dog',
      'dog bird',
      'cat',
    ])
  })

  it('names both inputs when they have one item, and writes nothing', async () => {
    writeYolo('a', 'cat, dog', ['1', '2'])
    writeYolo('b', 'cat, dog', ['2', '3'])
    const request = { input: [at('a'), at('b')], to: 'coco', output: at('out') }
    await expect(convertDataset(request)).rejects.toMatchObject({
      code: 'DSV_SOURCES_CLASH',
      message: `Both ${at('a')} and ${at('b')} have the item train/2`,
    })
    const outcome = await convertDataset({ ...request, prefix: true })
    expect(outcome.items).toBe(4)
    const { items } = await read('coco', 'out')
    expect(items.map(({ id }) => id).toSorted()).toEqual(['a/1', 'a/2', 'b/2', 'b/3'])
  })

  it('tells inputs of one name apart', async () => {
    writeYolo('x/data', 'cat, dog', ['1'])
    writeYolo('y/data', 'cat, dog', ['1'])
    const input = [at('x/data'), at('y/data')]
    await convertDataset({ input, to: 'yolo', output: at('out'), prefix: true })
    const { items } = await read('yolo', 'out')
    expect(items.map(({ id }) => id).toSorted()).toEqual(['data-2/1', 'data/1'])
  })

  it('gives up ids that two inputs have, and says so', async () => {
    writeCoco('a', 'cat', '1.png')
    writeCoco('b', 'dog', '2.png')
    const input = [at('a'), at('b')]
    const { losses } = await convertDataset({ input, to: 'coco', output: at('out') })
    expect(losses.map(({ what, examples }) => [what, examples])).toEqual(
      expect.arrayContaining([
        ['category field: sourceIds', ['b: dog']],
        ['field: sourceId', ['b']],
        ['item extra: coco.id', ['b']],
      ]),
    )
    const file = at('out/annotations/instances_train.json')
    const coco = JSON.parse(readFileSync(file, 'utf8'))
    for (const list of ['images', 'annotations', 'categories'])
      expect(coco[list].map(({ id }: { id: number }) => id)).toEqual([1, 2])
    const dog = coco.categories.find(({ name }: { name: string }) => name === 'dog').id
    expect(coco.annotations[1]).toMatchObject({ image_id: 2, category_id: dog })
  })

  it('continues the numbers of tracks', async () => {
    for (const name of ['a', 'b']) {
      write(`${name}/${name}/gt/gt.txt`, '1,1,10,10,5,5,1,1,1\n2,3,10,10,5,5,1,1,1\n')
      write(`${name}/${name}/seqinfo.ini`, `[Sequence]\nname=${name}\nseqLength=2\n`)
    }
    const input = [at('a'), at('b')]
    await convertDataset({ input, from: 'mot', to: 'datumaro', output: at('out'), prefix: true })
    const { items } = await read('datumaro', 'out')
    const tracks = items.flatMap(({ layers }) => layers['ground_truth']?.map(({ track }) => track))
    expect(tracks.map(String).toSorted()).toEqual(['1', '3', '4', '6'])
  })

  it('takes one format for all inputs or one for each', async () => {
    writeYolo('a', 'cat, dog', ['1'])
    writeCoco('b', 'cat', '2.png')
    const request = { input: [at('a'), at('b')], to: 'voc', output: at('out') }
    expect(await convertDataset({ ...request, from: ['yolo', 'coco'] })).toMatchObject({ items: 2 })
    const uneven = convertDataset({ ...request, from: ['yolo', 'coco', 'voc'] })
    await expect(uneven).rejects.toMatchObject({ code: 'DSV_SOURCE_FORMATS_UNEVEN' })
  })
})
