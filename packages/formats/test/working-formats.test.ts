import { afterEach, beforeEach, describe, expect, it } from '@jest/globals'
import {
  add,
  checkoutFormat,
  commit,
  type Environment,
  isClean,
  readItem,
  Repository,
  status,
} from '@dsv/core'
import { builtInFormats } from '@dsv/formats'
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { placeholder } from './memory-folder.ts'

const LABELS = '0 0.5 0.5 0.2 0.4\n1 0.25 0.50000 0.1 0.2\n'

const environment: Environment = {
  formats: builtInFormats,
  now: () => ({ seconds: 1_700_000_000, offsetMinutes: 0 }),
  user: { name: 'Ada', email: 'ada@example.org' },
  host: 'test-host',
  command: 'dsv test',
  link: 'copy',
  signal: new AbortController().signal,
  onProgress: () => {},
  workerUrl: undefined,
}

let folder = ''
let repository: Repository

beforeEach(async () => {
  folder = mkdtempSync(path.join(tmpdir(), 'dsv-working-formats-'))
  repository = await Repository.init(folder, environment)
  write('data/data.yaml', 'names: [cat, dog]\ntrain: images/train\nval: images/val\n')
  for (const name of ['train/a', 'train/b', 'val/c']) {
    write(`data/images/${name}.png`, placeholder({ width: 100, height: 50 }))
    write(`data/labels/${name}.txt`, LABELS)
  }
  await add(repository, { paths: ['data'] })
  await commit(repository, { message: 'first' })
})

afterEach(async () => {
  await repository.close()
  rmSync(folder, { recursive: true, force: true })
})

function write(file: string, content: string | Uint8Array): void {
  mkdirSync(path.dirname(path.join(folder, file)), { recursive: true })
  writeFileSync(path.join(folder, file), content)
}

function read(file: string): string {
  return readFileSync(path.join(folder, file), 'utf8')
}

describe('a YOLO dataset', () => {
  it('is clean in every format, and comes back byte for byte', async () => {
    for (const format of ['coco', 'voc', 'image-folder', 'coco', 'yolo']) {
      const [report] = await checkoutFormat(repository, { format })
      expect(report).toMatchObject({ to: format, isRestored: format === 'yolo' })
      expect([format, isClean(await status(repository))]).toEqual([format, true])
    }
    expect(read('data/labels/train/a.txt')).toBe(LABELS)
  })

  it('takes an edit that was made in COCO, in the one file that it touches', async () => {
    await checkoutFormat(repository, { format: 'coco' })
    const file = 'data/annotations/instances_train.json'
    const coco = JSON.parse(read(file))
    coco.annotations[0].bbox = [10, 10, 20, 20]
    write(file, JSON.stringify(coco))
    await add(repository, { paths: ['data'] })
    const [report] = await checkoutFormat(repository, { format: 'yolo' })
    expect(report?.losses).toEqual([])
    expect(read('data/labels/train/a.txt').split('\n')[0]).toBe('0 0.2 0.4 0.2 0.4')
    expect(read('data/labels/train/b.txt')).toBe(LABELS)
    await commit(repository, { message: 'by way of COCO' })
    expect(isClean(await status(repository))).toBe(true)
    const item = await readItem(repository, { at: 'HEAD', key: { subset: 'train', id: 'a' } })
    expect(item.layers.ground_truth?.[0]).toMatchObject({ x: 10, y: 10, width: 20, height: 20 })
  })
})
