import type { PipelineReader } from '@dsv/pipeline'
import { PIPELINE_FILES } from '../../src/read/pipeline-reader.ts'

/** Returns a reader of files that are given as texts or bytes. */
export function memoryReader(files: Readonly<Record<string, string | Uint8Array>>): PipelineReader {
  return {
    list: async () =>
      Object.keys(files).filter((path) => PIPELINE_FILES.includes(path.split('/').at(-1) ?? '')),
    listBelow: async (folder) =>
      Object.keys(files)
        .filter((path) => path.startsWith(`${folder}/`))
        .toSorted(),
    read: async (path) => {
      const file = Object.hasOwn(files, path) ? files[path] : undefined
      return typeof file === 'string' ? new TextEncoder().encode(file) : file
    },
  }
}
