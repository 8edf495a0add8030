import { add, type Environment, type FormatProvider, GROUND_TRUTH, Repository } from '@dsv/core'
import { builtInFormats } from '@dsv/formats'
import { isDsvError } from '@dsv/store'
import { describe, expect, it } from '@jest/globals'
import * as fc from 'fast-check'
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { changedPaths, readAll, type ReadBack, readContext } from '../adapter-contract.ts'
import { keyText, memoryDatasetView } from '../dataset-view.ts'
import { type MemoryFolder, memoryFolder } from '../memory-folder.ts'
import { bytesOf, choices, chooser, type CocoFolder, edited, madeUp } from './coco-folder.ts'

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
