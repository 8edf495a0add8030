import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { add, type AnnotationDraft, commit, type Environment, Repository } from '@dsv/core'
import type { ObjectId } from '@dsv/store'
import { tinyEnvironment, tinyItem } from './tiny-format.ts'

/** A repository in a folder of its own, with short ways to edit it. */
export interface TinyRepository {
  readonly repository: Repository
  /** The folder that holds the working tree and whatever else a test writes. */
  readonly outside: string
  /** Returns the absolute path of a file of the working tree. */
  readonly at: (file: string) => string
  readonly write: (file: string, content: string | Uint8Array) => void
  /** Writes an item of the tiny dataset `data`, with one media file. */
  readonly item: (key: string, annotations: readonly AnnotationDraft[]) => void
  /** Stages everything and commits it. */
  readonly commit: (message: string) => Promise<ObjectId>
  readonly close: () => Promise<void>
}

/** Makes a repository; `data` is a folder in the tiny format with the categories cat and dog. */
export async function tinyRepository(changes: Partial<Environment> = {}): Promise<TinyRepository> {
  const outside = mkdtempSync(path.join(tmpdir(), 'dsv-core-test-'))
  const root = path.join(outside, 'work')
  mkdirSync(root)
  const repository = await Repository.init(root, tinyEnvironment(changes))
  const at = (file: string): string => path.join(root, file)
  const write = (file: string, content: string | Uint8Array): void => {
    mkdirSync(path.dirname(at(file)), { recursive: true })
    writeFileSync(at(file), content)
  }
  write('data/tiny.json', '["cat","dog"]')
  let isDataset = false
  return {
    repository,
    outside,
    at,
    write,
    item: (key, annotations) => {
      const media = `media/${key}.png`
      write(`data/labels/${key}.json`, tinyItem([media], annotations))
      write(`data/${media}`, `pixels of ${key}`)
    },
    commit: async (message) => {
      await add(repository, { paths: isDataset ? [''] : ['data', ''] })
      isDataset = true
      return (await commit(repository, { message })).commitId
    },
    close: async () => {
      await repository.close()
      rmSync(outside, { recursive: true, force: true })
    },
  }
}

/** Returns a box as a draft. */
export function box(category: string, x: number, y = 0, size = 10): AnnotationDraft {
  return { type: 'box', category, x, y, width: size, height: size }
}

/** Returns all that an iterable yields. */
export async function all<T>(items: AsyncIterable<T>): Promise<T[]> {
  const found: T[] = []
  for await (const item of items) found.push(item)
  return found
}
