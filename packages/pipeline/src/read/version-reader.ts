import { catFile, listFiles, type Repository } from '@dsv/core'
import { isDsvError } from '@dsv/store'
import { fileUnreadable } from '../errors.ts'
import { MAX_FILE_BYTES, PIPELINE_FILES, type PipelineReader } from './pipeline-reader.ts'

/**
 * Returns a reader of a version.
 *
 * @param at - A revision, or `stage`
 */
export function versionReader(repository: Repository, at: string): PipelineReader {
  return {
    list: async () => {
      const found: string[] = []
      for await (const { path, file } of listFiles(repository, { at })) {
        const name = path.slice(path.lastIndexOf('/') + 1)
        if (file.type === 'file' && PIPELINE_FILES.includes(name)) found.push(path)
      }
      return found
    },
    listBelow: async (folder) => {
      const found: string[] = []
      for await (const { path, file } of listFiles(repository, { at, under: folder }))
        if (file.type === 'file' && path !== folder) found.push(path)
      return found
    },
    read: async (path) => {
      try {
        return await joined(catFile(repository, { at, path }), path)
      } catch (error) {
        if (isDsvError(error, 'DSV_FILE_NOT_FOUND')) return undefined
        throw error
      }
    },
  }
}

async function joined(pieces: AsyncIterable<Uint8Array>, path: string): Promise<Uint8Array> {
  const all: Uint8Array[] = []
  let size = 0
  for await (const piece of pieces) {
    size += piece.length
    if (size > MAX_FILE_BYTES)
      throw fileUnreadable(path, `is larger than ${MAX_FILE_BYTES / 2 ** 20} MB`)
    all.push(piece)
  }
  return Buffer.concat(all)
}
