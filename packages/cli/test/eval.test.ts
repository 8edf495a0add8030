import { afterEach, beforeEach, describe, expect, it } from '@jest/globals'
import { openSandbox, type Sandbox } from './run-cli.ts'

let sandbox: Sandbox
beforeEach(() => {
  sandbox = openSandbox()
})
afterEach(() => sandbox.close())

const TRUTH = 'street/annotations/instances_val.json'
const FOUND = 'street/annotations/yolo.json'

type Box = readonly [x: number, y: number, width: number, height: number]

/** Writes two images: a car and a dog on the first, a car on the second. */
function writeTruth(car: Box = [10, 10, 40, 40]): void {
  const annotation = (id: number, image: number, category: number, bbox: Box): object => ({
    id,
    image_id: image,
    category_id: category,
    bbox,
    area: bbox[2] * bbox[3],
    iscrowd: 0,
  })
  sandbox.write(
    TRUTH,
    JSON.stringify({
      images: [1, 2].map((id) => ({ id, file_name: `${id}.jpg`, width: 100, height: 100 })),
      categories: [
        { id: 1, name: 'car' },
        { id: 2, name: 'dog' },
      ],
      annotations: [
        annotation(1, 1, 1, car),
        annotation(2, 1, 2, [60, 60, 20, 20]),
        annotation(3, 2, 1, [0, 0, 50, 50]),
      ],
    }),
  )
}

/** Writes predictions: the car on the first image, and one of nothing on the second. */
function writeFound(file: string): void {
  const result = (image: number, bbox: Box, score: number): object => ({
    image_id: image,
    category_id: 1,
    bbox,
    score,
  })
  sandbox.write(
    file,
    JSON.stringify([result(1, [10, 10, 40, 40], 0.9), result(2, [60, 60, 30, 30], 0.6)]),
  )
}

async function commitStreet(): Promise<void> {
  writeTruth()
  writeFound(FOUND)
  await sandbox.dsv('init')
  await sandbox.dsv('add', 'street', '--format', 'coco')
  await sandbox.dsv('commit', '-m', 'first')
}

describe('dsv eval', () => {
  it('compares the only layer of predictions with the ground truth', async () => {
    await commitStreet()
    const { exitCode, out, note } = await sandbox.dsv('eval')
    expect({ exitCode, note }).toEqual({ exitCode: 0, note: '' })
    expect(out.split('\n')[0]).toBe(
      'predictions/yolo against the ground truth of street: 2 items, boxes',
    )
    // One of two cars is found, the dog is not: half of all recalls, and the 51st of 101, at precision 1.
    expect(out).toMatch(/^car +2 +0\.505/mu)
    expect(out).toMatch(/^dog +1 +0\.000/mu)
  })

  it('gives the same figures of a file of results as of the layer', async () => {
    await commitStreet()
    writeFound('results.json')
    const layer = await sandbox.json('eval', '--json')
    const file = await sandbox.json('eval', '--predictions-file', 'results.json', '--json')
    expect(file).toEqual({ ...Object(layer), predictions: 'results.json' })
    expect(layer).toMatchObject({
      task: 'boxes',
      items: 2,
      figures: { TP: 1, FP: 1, FN: 2 },
      confusion: {
        categories: ['car', 'dog', null],
        counts: [
          [1, 0, 1],
          [0, 0, 1],
          [1, 0, 0],
        ],
      },
    })
  })

  it('lists every object and prediction, a line each', async () => {
    await commitStreet()
    const { out } = await sandbox.dsv('eval', '--matches', '--json')
    const lines: readonly unknown[] = out
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line))
    expect(lines).toMatchObject([
      { item: { subset: 'val', id: '1' }, outcome: 'true-positive', score: 0.9, overlap: 1 },
      { item: { subset: 'val', id: '1' }, outcome: 'false-negative', found: null },
      { item: { subset: 'val', id: '2' }, outcome: 'false-positive', truth: null },
      { item: { subset: 'val', id: '2' }, outcome: 'false-negative', category: 'car' },
    ])
  })

  it('says what changed between two versions, and which edit made it so', async () => {
    await commitStreet()
    writeTruth([40, 40, 40, 40])
    await sandbox.dsv('commit', '-am', 'move the car')
    const { out } = await sandbox.dsv('eval', 'HEAD~1..HEAD')
    const lines = out.split('\n')
    expect(lines[0]).toBe('item val/1')
    expect(lines[1]).toMatch(
      /^ {2}truth box car \w{8} {2}found → missed {2}because it changed \(geometry\)$/u,
    )
    expect(lines[2]).toMatch(
      /^ {2}found box car \w{8} {2}right → wrong {2}because truth box car \w{8} changed \(geometry\)$/u,
    )
    expect(out).toMatch(/^TP +1 +0 +-1$/mu)
    const value = await sandbox.json('eval', '--compare', 'HEAD~1', '--json')
    expect(value).toMatchObject({
      outcomes: [
        { to: { subset: 'val', id: '1' }, changes: [{ side: 'truth' }, { side: 'found' }] },
      ],
      figures: { TP: { before: 1, after: 0, change: -1 } },
    })
  })

  it('finds all new what was predicted for the first time', async () => {
    writeTruth()
    await sandbox.dsv('init')
    await sandbox.dsv('add', 'street', '--format', 'coco')
    await sandbox.dsv('commit', '-m', 'no predictions')
    writeFound(FOUND)
    await sandbox.dsv('add', 'street')
    const value = await sandbox.json('eval', '--compare', 'HEAD', '--json')
    expect(value).toMatchObject({
      figures: { TP: { before: 0, after: 1 }, FN: { before: 3, after: 2 } },
    })
  })

  it('writes a page and curves, over its own but over nothing else', async () => {
    await commitStreet()
    const words = ['eval', '--html', 'eval.html', '--curves', 'curves.json']
    expect((await sandbox.dsv(...words)).exitCode).toBe(0)
    expect((await sandbox.dsv(...words)).exitCode).toBe(0)
    expect(sandbox.read('eval.html')).toContain('Evaluation of predictions/yolo')
    expect(JSON.parse(sandbox.read('curves.json'))).toMatchObject({
      curves: [
        {
          category: 'car',
          points: [
            { score: 0.9, precision: 1, recall: 0.5 },
            { score: 0.6, precision: 0.5, recall: 0.5 },
          ],
        },
        { category: 'dog' },
      ],
    })
    sandbox.write('notes.txt', 'mine')
    for (const option of ['--html', '--curves']) {
      expect((await sandbox.dsv('eval', option, 'notes.txt')).exitCode).toBe(2)
      expect(sandbox.read('notes.txt')).toBe('mine')
    }
  })

  it('says once what results are of no image, or cannot be read', async () => {
    await commitStreet()
    const box = { bbox: [0, 0, 5, 5], score: 1 }
    sandbox.write(
      'results.json',
      JSON.stringify([
        { image_id: 99, category_id: 1, ...box },
        { image_id: 1, category_id: 7, ...box },
        { image_id: 2, category_id: 1, ...box },
      ]),
    )
    const words = ['eval', '--predictions-file', 'results.json', '--on-error', 'skip']
    for (const task of [[], ['--task', 'boxes']]) {
      const { exitCode, note } = await sandbox.dsv(...words, ...task)
      expect(exitCode).toBe(0)
      expect(note.trim().split('\n')).toEqual([
        expect.stringMatching(/skipped results.json.*category_id.*7/u),
        expect.stringContaining('1 × annotation of an unknown image'),
      ])
    }
  })

  it('refuses what it cannot compare', async () => {
    await commitStreet()
    const code = async (...words: readonly string[]): Promise<string> =>
      (await sandbox.dsv('eval', ...words)).note.split('\n').at(-2) ?? ''
    expect(await code('--predictions', 'none')).toContain('DSV_PREDICTIONS_UNKNOWN')
    expect(await code('--predictions-file', TRUTH)).toContain('DSV_FORMAT_SYNTAX')
    expect(await code('--slice', 'subsett')).toContain('DSV_QUERY_SYNTAX')
    for (const words of [
      ['--iou', '2'],
      ['--sigmas', '1,x'],
      ['HEAD..HEAD', '--matches'],
    ])
      expect((await sandbox.dsv('eval', ...words)).exitCode).toBe(2)
  })
})
