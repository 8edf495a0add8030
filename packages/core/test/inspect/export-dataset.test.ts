import {
  chmodSync,
  existsSync,
  lstatSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import path from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals'
import {
  add,
  checkoutFormat,
  exportDataset,
  type ExportRequest,
  type ExportOutcome,
} from '@dsv/core'
import { box, tinyRepository, type TinyRepository } from '../tiny-repository.ts'

let tiny: TinyRepository
let output = ''

beforeEach(async () => {
  tiny = await tinyRepository()
  output = path.join(tiny.outside, 'out')
})

afterEach(async () => tiny.close())

async function exported(request: Partial<ExportRequest> = {}): Promise<ExportOutcome> {
  return exportDataset(tiny.repository, { revision: 'HEAD', output, ...request })
}

function paths(root: string): readonly string[] {
  return readdirSync(root, { recursive: true, encoding: 'utf8' })
    .filter((each) => each !== '.dsv' && !each.startsWith(`.dsv${path.sep}`))
    .toSorted()
}

function contentOf(file: string): string | undefined {
  return lstatSync(file).isFile() ? readFileSync(file, 'latin1') : undefined
}

function text(...parts: string[]): string {
  return readFileSync(path.join(output, ...parts), 'utf8')
}

/** Three items: a cat, a cat and a dog with a score, and a label. */
async function pets(): Promise<void> {
  tiny.item('train/a', [box('cat', 1)])
  tiny.item('train/b', [box('cat', 2), { ...box('dog', 3), score: 0.5 }])
  tiny.item('val/c', [{ type: 'label', category: 'dog' }])
  await tiny.commit('pets')
}

describe('exportDataset as committed', () => {
  it('gives back bytes, permissions, links, empty folders and names as they were', async () => {
    const decomposed = 'cafe\u0301'
    tiny.item('train/a', [box('cat', 1)])
    tiny.write(`data/notes/${decomposed}.txt`, 'NFD')
    tiny.write('data/labels/train/odd.json', '{"media":[],\n\n  "annotations":[ ]}')
    tiny.write('data/run.sh', '#!/bin/sh\n')
    chmodSync(tiny.at('data/run.sh'), 0o755)
    symlinkSync('media/train/a.png', tiny.at('data/link.png'))
    mkdirSync(tiny.at('data/empty/inner'), { recursive: true })
    tiny.write('plain/readme.md', 'outside of the dataset')
    await tiny.commit('all kinds')
    tiny.write('data/labels/train/a.json', 'a later edit')

    expect(await exported()).toMatchObject({ isVerbatim: true, format: undefined, losses: [] })
    const before = paths(tiny.at('')).filter((each) => each !== 'data/labels/train/a.json')
    expect(paths(output).filter((each) => each !== 'data/labels/train/a.json')).toEqual(before)
    for (const file of before) {
      const [there, here] = [path.join(tiny.at(''), file), path.join(output, file)]
      expect([file, lstatSync(here).mode, contentOf(here)]).toEqual([
        file,
        lstatSync(there).mode,
        contentOf(there),
      ])
    }
    expect(readlinkSync(path.join(output, 'data/link.png'))).toBe('media/train/a.png')
    expect(readdirSync(path.join(output, 'data/notes'))).toEqual([`${decomposed}.txt`])
    expect(text('data/labels/train/a.json')).toContain('cat')
  })

  it('writes one dataset by its own paths, and says which link it cannot write', async () => {
    tiny.write('plain.txt', '')
    await pets()
    symlinkSync('../plain.txt', tiny.at('data/out'))
    await tiny.commit('with a link')
    const outcome = await exported({ dataset: 'data', format: 'tiny' })
    expect(outcome).toMatchObject({ isVerbatim: true, format: 'tiny', items: 3, files: 7 })
    expect(outcome.losses).toEqual([
      { what: 'link out of the folder', count: 1, examples: ['out'] },
    ])
    expect(readdirSync(output).toSorted()).toEqual(['labels', 'media', 'tiny.json'])
  })

  it('leaves media out', async () => {
    await pets()
    await exported({ dataset: 'data', media: 'none' })
    expect(readdirSync(output).toSorted()).toEqual(['labels', 'tiny.json'])
  })

  it('says what the committed files do not show', async () => {
    await pets()
    await checkoutFormat(tiny.repository, { format: 'lossy' })
    tiny.write('data/boxes/train/a.txt', 'dog 1 0 10 10\n')
    await tiny.commit('in a format that loses')
    const outcome = await exported({ dataset: 'data' })
    expect(outcome).toMatchObject({ isVerbatim: true, format: 'lossy' })
    expect(outcome.losses.map(({ what }) => what)).toEqual(['annotation: label', 'field: score'])
    await expect(exported({ dataset: 'data', strict: true, force: true })).rejects.toMatchObject({
      code: 'DSV_EXPORT_LOSSY',
    })
    expect(await exported({ format: 'tiny', strict: true, force: true })).toMatchObject({
      isVerbatim: false,
      losses: [],
    })
    expect(text('labels/train/b.json')).toContain('0.5')
  })

  it('exports an old revision and the stage', async () => {
    await pets()
    tiny.item('train/a', [box('dog', 77)])
    await add(tiny.repository, { paths: ['data'] })
    await exported({ revision: 'stage' })
    expect(text('data/labels/train/a.json')).toContain('77')
    await exported({ force: true })
    expect(text('data/labels/train/a.json')).not.toContain('77')
  })
})

describe('exportDataset in another format', () => {
  it('writes through the adapter and counts what is lost', async () => {
    await pets()
    const outcome = await exported({ format: 'lossy' })
    expect(outcome).toMatchObject({ isVerbatim: false, format: 'lossy', items: 3, annotations: 4 })
    expect(outcome.losses).toEqual([
      { what: 'annotation: label', count: 1, examples: ['val/c'] },
      { what: 'field: score', count: 1, examples: ['train/b'] },
    ])
    expect(text('boxes/train/b.txt')).toBe('cat 2 0 10 10\ndog 3 0 10 10\n')
    expect(text('images/val/c.png')).toBe('pixels of val/c')
    expect(outcome.files).toBe(paths(output).filter((each) => /\.(txt|png)$/.test(each)).length)
  })

  it('keeps only the items and annotations that match', async () => {
    await pets()
    const dogs = await exported({ format: 'lossy', where: 'category = "dog"' })
    expect(dogs).toMatchObject({ items: 2, annotations: 2 })
    expect(text('boxes/train/b.txt')).toBe('dog 3 0 10 10\n')
    expect(existsSync(path.join(output, 'images/train/a.png'))).toBe(false)

    const all = { where: 'category = "dog"', annotations: 'all' as const, force: true }
    expect(await exported({ format: 'lossy', ...all })).toMatchObject({ annotations: 3 })
    expect(text('boxes/train/b.txt')).toBe('cat 2 0 10 10\ndog 3 0 10 10\n')
  })

  it('keeps all annotations when the query is of items alone, and one subset', async () => {
    await pets()
    const outcome = await exported({ where: 'id = "b"' })
    expect(outcome).toMatchObject({ isVerbatim: false, format: 'tiny', items: 1, annotations: 2 })
    expect(paths(path.join(output, 'labels')).filter((each) => each.endsWith('json'))).toEqual([
      'train/b.json',
    ])
    expect(await exported({ subset: 'val', force: true })).toMatchObject({ items: 1 })
    expect(await exported({ subset: 'val', where: 'subset = "train"', force: true })).toMatchObject(
      { items: 0 },
    )
  })

  it('refuses with strict before anything is written', async () => {
    await pets()
    const request = exported({ format: 'lossy', strict: true })
    await expect(request).rejects.toMatchObject({ code: 'DSV_EXPORT_LOSSY' })
    expect(existsSync(output)).toBe(false)
    await exported({ format: 'lossy', strict: true, where: 'id = "a"' })
    expect(text('lossy.txt')).toBe('cat\ndog\n')
  })

  it('writes over nothing unless forced', async () => {
    await pets()
    mkdirSync(output)
    writeFileSync(path.join(output, 'mine.txt'), 'mine')
    await expect(exported()).rejects.toMatchObject({ code: 'DSV_OUTPUT_NOT_EMPTY' })
    await exported({ force: true })
    expect(text('mine.txt')).toBe('mine')
  })

  it('never writes over the working tree or into the repository', async () => {
    await pets()
    const link = path.join(tiny.outside, 'link')
    symlinkSync(tiny.at(''), link)
    for (const place of [tiny.at(''), tiny.outside, tiny.at('.dsv/out'), link])
      await expect(exported({ output: place, force: true })).rejects.toMatchObject({
        code: 'DSV_OUTPUT_IS_REPOSITORY',
      })
    await exported({ output: tiny.at('build/out') })
    expect(existsSync(tiny.at('build/out/data/tiny.json'))).toBe(true)
  })

  it('does not follow a link that lies in the output', async () => {
    await pets()
    const elsewhere = path.join(tiny.outside, 'elsewhere')
    mkdirSync(output)
    mkdirSync(elsewhere)
    symlinkSync(elsewhere, path.join(output, 'images'))
    const request = exported({ format: 'lossy', force: true })
    await expect(request).rejects.toMatchObject({ code: 'DSV_PATH_BLOCKED' })
    expect(readdirSync(elsewhere)).toEqual([])
  })

  it('asks for a dataset where there are several, and for a known one', async () => {
    await pets()
    await expect(exported({ dataset: 'date' })).rejects.toMatchObject({
      code: 'DSV_DATASET_UNKNOWN',
      hint: 'Did you mean data?',
    })
    tiny.write('more/tiny.json', '[]')
    await add(tiny.repository, { paths: ['more'] })
    await expect(exported({ revision: 'stage', format: 'lossy' })).rejects.toMatchObject({
      code: 'DSV_DATASET_UNNAMED',
    })
  })

  it('hard links large media when asked to', async () => {
    tiny.item('train/a', [])
    tiny.write('data/media/train/a.png', Buffer.alloc(100_000, 7))
    await tiny.commit('large')
    await exported({ format: 'lossy', media: 'link' })
    expect(statSync(path.join(output, 'images/train/a.png')).nlink).toBe(2)
  })
})

describe('exportDataset when it fails', () => {
  it('leaves no trace in a folder that was empty', async () => {
    const stop = new AbortController()
    await tiny.close()
    tiny = await tinyRepository({ signal: stop.signal })
    output = path.join(tiny.outside, 'out')
    await pets()
    mkdirSync(output)
    stop.abort(new Error('enough'))
    await expect(exported({ format: 'lossy' })).rejects.toThrow('enough')
    await expect(exported()).rejects.toThrow('enough')
    expect(readdirSync(output)).toEqual([])
  })

  it('takes back what it wrote when an image is gone from the store', async () => {
    await pets()
    tiny.write('data/media/val/c.png', Buffer.alloc(100_000, 7))
    await tiny.commit('large')
    rmSync(tiny.at('.dsv/objects/blob'), { recursive: true })
    await expect(exported({ format: 'lossy' })).rejects.toMatchObject({
      code: 'DSV_OBJECT_NOT_FOUND',
    })
    expect(existsSync(output)).toBe(false)
    mkdirSync(output)
    await expect(exported()).rejects.toMatchObject({ code: 'DSV_OBJECT_NOT_FOUND' })
    expect(readdirSync(output)).toEqual([])
  })
})
