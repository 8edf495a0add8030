import { afterEach, beforeEach, describe, expect, it } from '@jest/globals'
import { existsSync, mkdirSync, readdirSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { encodePng } from '../../formats/src/media/png-encode.ts'
import { openSandbox, type Sandbox } from './run-cli.ts'

let sandbox: Sandbox

beforeEach(async () => {
  sandbox = openSandbox()
  await sandbox.dsv('init')
})

afterEach(() => sandbox.close())

type Box = readonly [category: string, box: readonly [number, number, number, number]]

/** Writes COCO with real images of one colour: `name: [grey, ...boxes]`. */
function writeCoco(
  folder: string,
  categories: readonly string[],
  images: Readonly<Record<string, readonly [grey: number, ...Box[]]>>,
): void {
  const names = Object.keys(images)
  const root = path.join(sandbox.folder, folder, 'images/train')
  mkdirSync(root, { recursive: true })
  for (const [name, [grey]] of Object.entries(images)) {
    const data = new Uint8Array(64 * 48).fill(grey)
    const png = encodePng({ width: 64, height: 48, bitDepth: 8, colorType: 0, data })
    writeFileSync(path.join(root, `${name}.png`), png)
  }
  const annotations = Object.values(images).flatMap(([, ...boxes], at) =>
    boxes.map(([category, bbox]) => ({
      image_id: at + 1,
      category_id: categories.indexOf(category) + 1,
      bbox,
      area: bbox[2] * bbox[3],
      iscrowd: 0,
    })),
  )
  sandbox.write(
    `${folder}/annotations/instances_train.json`,
    JSON.stringify({
      images: names.map((name, at) => ({
        id: at + 1,
        file_name: `${name}.png`,
        width: 64,
        height: 48,
      })),
      annotations: annotations.map((each, at) => ({ ...each, id: at + 1 })),
      categories: categories.map((name, at) => ({ id: at + 1, name })),
    }),
  )
}

function imagesIn(folder: string): readonly string[] {
  return readdirSync(path.join(sandbox.folder, folder, 'images/train')).toSorted()
}

/** Boxes of a COCO file, by the name of their image. */
function boxesIn(folder: string): readonly unknown[] {
  const { images, annotations, categories } = JSON.parse(
    sandbox.read(`${folder}/annotations/instances_train.json`),
  )
  const nameOf = (list: readonly { id: number; [name: string]: unknown }[], id: number): unknown =>
    list.find((each) => each.id === id)
  return annotations.map(
    (each: { image_id: number; category_id: number; bbox: unknown; score?: number }) => ({
      image: (nameOf(images, each.image_id) as { file_name: string }).file_name,
      category: (nameOf(categories, each.category_id) as { name: string }).name,
      bbox: each.bbox,
      score: each.score,
    }),
  )
}

describe('dsv transform consensus', () => {
  beforeEach(async () => {
    writeCoco('ann', ['cat', 'dog'], {
      '1': [10, ['cat', [0, 0, 10, 10]], ['dog', [30, 10, 12, 12]]],
      '2': [20],
    })
    writeCoco('bob', ['cat', 'dog'], {
      '1': [10, ['cat', [1, 1, 10, 10]], ['dog', [30, 10, 12, 12]]],
      '2': [20, ['cat', [5, 5, 9, 9]]],
    })
    writeCoco('eve', ['dog'], { '1': [10, ['dog', [0, 0, 10, 10]], ['dog', [30, 10, 12, 12]]] })
    await sandbox.dsv('add', 'ann', 'bob', 'eve')
    await sandbox.dsv('commit', '-m', 'three annotators')
  })

  it('makes a dataset of what three annotators agree on, and says how far they do', async () => {
    const call = ['transform', 'consensus', 'eve', 'ann', 'bob', '--into', 'agreed']
    const made = await sandbox.dsv(...call, '--quorum', '2', '--report', 'report.json')
    expect(made).toMatchObject({ exitCode: 0 })
    expect(made.out).toBe(
      [
        'Staged agreed: 2 items in coco',
        '7 annotations by 3 annotators became 2',
        agreementOf(made.out),
        'failed-category-voting: 1 (train/2)',
        'no-matching-annotation: 1 (train/2)',
        'no-matching-item: 1 (train/2)',
        '',
      ].join('\n'),
    )
    expect(boxesIn('agreed')).toEqual([
      { image: '1.png', category: 'cat', bbox: [0, 0, 10, 10], score: 0.5602240896358543 },
      { image: '1.png', category: 'dog', bbox: [30, 10, 12, 12], score: 1 },
    ])
    expect(imagesIn('agreed')).toEqual(['1.png', '2.png'])
    expect(JSON.parse(sandbox.read('report.json'))).toMatchObject({
      annotators: ['ann', 'bob', 'eve'],
      items: 2,
      annotations: { before: 7, after: 2 },
      agreement: { pairs: [{ annotators: ['ann', 'bob'], f1: 4 / 5, kappa: 1 }, {}, {}] },
      findings: { counts: { 'no-matching-item': 1 }, isComplete: true },
    })
    await sandbox.dsv('undo')
    expect(existsSync(path.join(sandbox.folder, 'agreed'))).toBe(false)
  })

  it('never writes over a file, and stages nothing then', async () => {
    const call = ['transform', 'consensus', 'ann', 'bob', '--into', 'agreed', '--report']
    for (const file of ['ann/annotations/instances_train.json', 'nowhere/report.json']) {
      const { exitCode, note } = await sandbox.dsv(...call, file)
      expect(exitCode).toBe(2)
      expect(note).toContain(file)
    }
    expect((await sandbox.dsv('transform', 'consensus', 'ann', 'bob')).note).toContain('--into')
    expect((await sandbox.dsv('transform', 'consensus', 'ann')).note).toContain('two datasets')
    expect(existsSync(path.join(sandbox.folder, 'agreed'))).toBe(false)
    expect((await sandbox.dsv('status')).out).toContain('Nothing to commit')
  })
})

/** The lines on agreement, whose figures other tests are about. */
function agreementOf(out: string): string {
  const lines = out.split('\n').filter((line) => /^(?:agreement| {2}\w+ and)/u.test(line))
  expect(lines).toHaveLength(4)
  return lines.join('\n')
}

describe('dsv transform compose', () => {
  beforeEach(async () => {
    writeCoco('data/north', ['cat'], {
      '1': [100, ['cat', [0, 0, 10, 10]]],
      '2': [101, ['cat', [1, 1, 9, 9]]],
    })
    writeCoco('data/south', ['dog', 'Cat'], {
      '1': [110, ['Cat', [0, 0, 20, 20]]],
      '3': [101, ['dog', [5, 5, 9, 9]]],
    })
    await sandbox.dsv('add', 'data/north', 'data/south')
    await sandbox.dsv('commit', '-m', 'two places')
  })

  it('puts all into one dataset, from which a query gets each part back', async () => {
    const call = ['transform', 'compose', 'data/north', 'data/south', '--into', 'data/all']
    const made = await sandbox.dsv(...call)
    expect(made.out).toBe(
      [
        'Staged data/all: 3 items in coco',
        'data/north: 2 items, 1 renamed',
        'data/south: 1 item, 1 merged as duplicates, 1 renamed',
        '',
      ].join('\n'),
    )
    expect(made.note).toContain('1 × conflict: category case (cat, Cat)')
    expect(imagesIn('data/all')).toEqual(['2.png', 'north-1.png', 'south-1.png'])
    expect(boxesIn('data/all')).toEqual([
      { image: '2.png', category: 'cat', bbox: [1, 1, 9, 9] },
      { image: '2.png', category: 'dog', bbox: [5, 5, 9, 9] },
      { image: 'north-1.png', category: 'cat', bbox: [0, 0, 10, 10] },
      { image: 'south-1.png', category: 'Cat', bbox: [0, 0, 20, 20] },
    ])
    await sandbox.dsv('commit', '-m', 'all')
    // An edit of the files, which do not say where items came from, leaves that alone.
    const file = 'data/all/annotations/instances_train.json'
    sandbox.write(file, sandbox.read(file).replace('[0,0,20,20]', '[0,0,21,21]'))
    await sandbox.dsv('add', 'data/all')
    const where = 'item.extra.compose.dataset = "data/south"'
    await sandbox.dsv('transform', 'filter', 'data/all', '--where', where, '--into', 'data/part')
    expect(boxesIn('data/part')).toEqual([
      { image: 'south-1.png', category: 'Cat', bbox: [0, 0, 21, 21] },
    ])
  })

  it('refuses what the datasets disagree on, and changes nothing', async () => {
    const call = ['transform', 'compose', 'data/north', 'data/south', '--into', 'data/all']
    const strict = await sandbox.dsv(...call, '--conflicts', 'fail')
    expect(strict.exitCode).toBe(1)
    expect(strict.note).toContain('data/north and data/south differ in category case: "cat, Cat"')
    const named = await sandbox.dsv(...call, '--prefix', 'never')
    expect(named.note).toContain(
      '"data/north: train/1" and "data/south: train/1" would both become "train/1"',
    )
    expect(existsSync(path.join(sandbox.folder, 'data/all'))).toBe(false)
    expect((await sandbox.dsv('status')).out).toContain('Nothing to commit')
  })
})
