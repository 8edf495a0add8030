import {
  add,
  type Environment,
  type FormatProvider,
  GROUND_TRUTH,
  type Json,
  type OpenFile,
  Repository,
} from '@dsv/core'
import { builtInFormats } from '@dsv/formats'
import { type BlobPiece, hashBlob, isDsvError } from '@dsv/store'
import { describe, expect, it } from '@jest/globals'
import * as fc from 'fast-check'
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { changedPaths, readAll, type ReadBack, readContext } from '../adapter-contract.ts'
import { keyText, memoryDatasetView } from '../dataset-view.ts'
import { type MemoryFolder, memoryFolder } from '../memory-folder.ts'
import {
  bytesOf,
  choices,
  type Choose,
  chooser,
  type CocoFolder,
  edited,
  madeUp,
} from './coco-folder.ts'

const coco = await builtInFormats.load('coco')

describe('reading the changes of COCO files', () => {
  it('gives what reading all gives', async () => {
    const counts = { patched: 0, read: 0 }
    await fc.assert(
      fc.asyncProperty(choices, choices, async (first, second) => {
        const base = madeUp(chooser(first))
        const folder = memoryFolder(bytesOf(base))
        const now = memoryFolder(bytesOf(edited(base, chooser(second))))
        const before = await readAll(coco, folder).catch(() => undefined)
        const expected = await outcomeOf(async () => readAll(coco, now))
        if (before === undefined) return
        const actual = await outcomeOf(async () => patched(before, folder, now))
        counts[actual === undefined ? 'read' : 'patched'] += 1
        expect(actual ?? expected).toEqual(expected)
      }),
      { numRuns: 400 },
    )
    // Half of the edits are such that only a full read can tell.
    expect(counts.patched).toBeGreaterThan(counts.read / 4)
  })
})

describe('reading the changes of COCO files of which the pieces are known', () => {
  it('gives what reading all gives, and passes over what is as it was', async () => {
    let scannedBytes = 0
    let allBytes = 0
    await fc.assert(
      fc.asyncProperty(choices, async (numbers) => {
        const choose = chooser(numbers)
        const base = largeFile(choose)
        const file = 'annotations/instances_train.json'
        const folder = inPieces(memoryFolder([[file, textOf(base)]]))
        const text = textOf(withEdits(base, choose))
        const now = inPieces(memoryFolder([[file, text]]))
        const before = await readAll(coco, folder)
        const expected = await outcomeOf(async () => readAll(coco, now))
        now.readBytes = 0
        const actual = await outcomeOf(async () => patched(before, folder, now))
        if (actual === undefined) return
        scannedBytes += now.readBytes
        allBytes += text.length
        expect(actual).toEqual(expected)
      }),
      { numRuns: 30 },
    )
    expect(allBytes).toBeGreaterThan(0)
    expect(scannedBytes).toBeLessThan(allBytes / 2)
  })
})

type Records = Readonly<Record<'images' | 'annotations' | 'categories', Record<string, Json>[]>>

function largeFile(choose: Choose): Records {
  const images = Array.from({ length: 20 }, (_, at) => ({
    id: at + 1,
    file_name: `${at}.png`,
    width: 40,
    height: 30,
  }))
  const annotations = Array.from({ length: 400 }, (_, at) => ({
    id: at + 1,
    image_id: 1 + Math.floor(at / 20),
    category_id: 1,
    bbox: [choose(9), at % 7, 4, 4],
    segmentation: [Array.from({ length: 24 }, (__, n) => (n * at) % 31)],
  }))
  return { images, annotations, categories: [{ id: 1, name: 'cat' }] }
}

function withEdits({ images, categories, ...before }: Records, choose: Choose): Records {
  const annotations = structuredClone(before.annotations)
  for (let count = 1 + choose(4); count > 0; count -= 1) {
    const at = choose(annotations.length)
    const other = choose(annotations.length)
    const record = annotations[at] ?? {}
    const kind = choose(6)
    if (kind < 2) record['bbox'] = [choose(9), 1, 3, 4]
    if (kind === 2) annotations.splice(at, 1)
    if (kind === 3) annotations.splice(at, 0, { ...record, id: 1000 + count })
    if (kind === 4) annotations.splice(other, 0, ...annotations.splice(at, 1 + choose(30)))
    if (kind === 5) record['image_id'] = 1 + choose(20)
  }
  return { images, annotations, categories }
}

function textOf({ images, annotations, categories }: Records): string {
  const lines = annotations.map((record) => JSON.stringify(record)).join(',\n')
  const head = `{"images":${JSON.stringify(images)},"annotations":[\n${lines}]`
  return `${head},"categories":${JSON.stringify(categories)}}`
}

/** A folder that knows the pieces of its files, cut where the content says so, and counts what is read. */
function inPieces(folder: MemoryFolder): MemoryFolder & { readBytes: number } {
  const counting = {
    ...folder,
    readBytes: 0,
    open: async (file: string): Promise<OpenFile> => {
      const open = await folder.open(file)
      return {
        ...open,
        read: async (offset, length) => {
          // Windows as small as the file, so that passing over a part of it shows.
          const isWindow = length === 2 ** 15 || length >= 2 ** 22
          const bytes = await open.read(offset, isWindow ? 500 : length)
          if (isWindow) counting.readBytes += bytes.length
          return bytes
        },
      }
    },
    piecesOf: async (file: string): Promise<readonly BlobPiece[]> => {
      const text = Buffer.from(folder.files.get(file) ?? []).toString('latin1')
      return text
        .split(/(?<=[258],)/u)
        .map((piece) => ({ blobId: hashBlob(Buffer.from(piece)), sizeBytes: piece.length }))
    },
  }
  return counting
}

describe('adding an edited COCO dataset', () => {
  it('stores what a full import stores', async () => {
    await fc.assert(
      fc.asyncProperty(choices, choices, choices, async (first, second, third) => {
        const base = madeUp(chooser(first))
        const next = edited(base, chooser(second))
        const versions = [base, next, edited(next, chooser(third))]
        expect(await outcomes(versions, builtInFormats)).toEqual(
          await outcomes(versions, readingAll),
        )
      }),
      { numRuns: 3 },
    )
  })
})

/** What reading gives, or why it is refused; undefined where it leaves that to a full read. */
async function outcomeOf(
  read: () => Promise<Pick<ReadBack, 'schema' | 'layout' | 'items'> | undefined>,
): Promise<unknown> {
  try {
    const found = await read()
    if (found === undefined) return undefined
    const { schema, layout, items } = found
    return { schema, layout, items: new Map(items.map((item) => [keyText(item), item])) }
  } catch (error) {
    if (!isDsvError(error)) throw error
    return error.message
  }
}

/** The dataset before with what `readChanged` says of the changed files; undefined when it cannot tell. */
async function patched(
  { schema, items, layout }: ReadBack,
  folder: MemoryFolder,
  now: MemoryFolder,
): Promise<Pick<ReadBack, 'schema' | 'layout' | 'items'> | undefined> {
  const view = memoryDatasetView(schema, items, layout)
  const changed = changedPaths(folder, now)
  const patch = await coco.readChanged?.(now, changed, view, {
    ...readContext(now).context,
    filesBefore: { folder, changed, edited: [] },
  })
  if (patch === undefined) return undefined
  const found = new Map(items.map((item) => [keyText(item), item]))
  for (const key of patch.removed) found.delete(keyText(key))
  for await (const item of patch.items) {
    const layers = Object.entries(item.layers).filter(
      ([layer, list]) => layer === GROUND_TRUTH || list.length > 0,
    )
    found.set(keyText(item), { ...item, layers: Object.fromEntries(layers) })
  }
  return { schema, layout: patch.layout ?? layout, items: [...found.values()] }
}

/** Formats that never read only what changed. */
const readingAll: FormatProvider = {
  ...builtInFormats,
  load: async (name) => {
    const adapter = await builtInFormats.load(name)
    return { ...adapter, readChanged: async () => undefined }
  },
}

function environment(formats: FormatProvider): Environment {
  return {
    formats,
    now: () => ({ seconds: Date.UTC(2024, 0, 1) / 1000, offsetMinutes: 0 }),
    user: { name: 'Ada', email: 'ada@example.com' },
    host: 'test',
    command: 'test',
    link: 'copy',
    signal: new AbortController().signal,
    onProgress: () => {},
    workerUrl: undefined,
  }
}

/** Adds one version after the other; returns the ids of the datasets, or why one was refused. */
async function outcomes(
  versions: readonly CocoFolder[],
  formats: FormatProvider,
): Promise<readonly unknown[]> {
  const folder = await mkdtemp(path.join(tmpdir(), 'dsv-e2e-'))
  const repository = await Repository.init(folder, environment(formats))
  const found: unknown[] = []
  try {
    for (const version of versions) {
      await rm(path.join(folder, 'data'), { recursive: true, force: true })
      for (const [file, bytes] of bytesOf(version)) {
        const target = path.join(folder, 'data', file)
        await mkdir(path.dirname(target), { recursive: true })
        await writeFile(target, bytes)
      }
      const isFirst = found.length === 0
      const request = isFirst ? { paths: ['data'], format: 'coco' } : { paths: ['data'] }
      try {
        await add(repository, request)
        found.push([...(await repository.state()).work.stage.datasets])
      } catch (error) {
        if (!isDsvError(error)) throw error
        found.push([error.code, error.message])
      }
    }
    return found
  } finally {
    await repository.close()
    await rm(folder, { recursive: true, force: true })
  }
}
