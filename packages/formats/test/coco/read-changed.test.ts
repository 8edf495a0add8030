import {
  add,
  type Environment,
  type FormatAdapter,
  type FormatProvider,
  Repository,
} from '@dsv/core'
import { builtInFormats } from '@dsv/formats'
import { isDsvError } from '@dsv/store'
import { describe, expect, it } from '@jest/globals'
import * as fc from 'fast-check'
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { bytesOf, choices, chooser, type CocoFolder, edited, madeUp } from './coco-folder.ts'

describe('adding an edited COCO dataset', () => {
  it('gives the dataset that reading all of it gives', async () => {
    const counts = { patched: 0, read: 0 }
    await fc.assert(
      fc.asyncProperty(choices, choices, choices, async (first, second, third) => {
        const base = madeUp(chooser(first))
        const next = edited(base, chooser(second))
        const versions = [base, next, edited(next, chooser(third))]
        expect(await outcomes(versions, counting(counts))).toEqual(
          await outcomes(versions, readingAll),
        )
      }),
      { numRuns: Number(process.env['RUNS'] ?? 12) },
    )
    // Half of the edits are such that only a full read can tell.
    expect(counts.patched).toBeGreaterThan(counts.read / 4)
  })
})

/** Formats that never read only what changed. */
const readingAll: FormatProvider = {
  ...builtInFormats,
  load: async (name) => {
    const adapter = await builtInFormats.load(name)
    return { ...adapter, readChanged: async () => undefined }
  },
}

/** Formats that count how often reading what changed was enough. */
function counting(counts: { patched: number; read: number }): FormatProvider {
  return {
    ...builtInFormats,
    load: async (name) => {
      const adapter = await builtInFormats.load(name)
      const readChanged: FormatAdapter['readChanged'] = async (...words) => {
        const patch = await adapter.readChanged?.(...words)
        counts[patch === undefined ? 'read' : 'patched'] += 1
        return patch
      }
      return { ...adapter, readChanged }
    },
  }
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
