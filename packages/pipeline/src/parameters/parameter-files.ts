import { fileUnreadable } from '../errors.ts'
import type { PipelineReader } from '../read/pipeline-reader.ts'
import { isMap, type ValueMap } from '../read/value.ts'
import { parseParameters } from './parse-parameters.ts'

/** Parameter files, each read once. */
export interface ParameterFiles {
  /** Returns what a file holds; undefined where there is none. @throws `DSV_PIPELINE_FILE_UNREADABLE` */
  load(file: string): Promise<ValueMap | undefined>
  /** Returns the paths of all files that were there when they were loaded. */
  found(): readonly string[]
}

/** Returns the parameter files that a reader sees. Keeps all that were read in memory. */
export function parameterFiles(reader: PipelineReader): ParameterFiles {
  const loaded = new Map<string, Promise<ValueMap | undefined>>()
  const found: string[] = []
  return {
    load: async (file) => {
      const known = loaded.get(file)
      if (known !== undefined) return known
      const content = loadFile(reader, file)
      loaded.set(file, content)
      if ((await content) !== undefined) found.push(file)
      return content
    },
    found: () => found,
  }
}

async function loadFile(reader: PipelineReader, file: string): Promise<ValueMap | undefined> {
  const bytes = await reader.read(file)
  if (bytes === undefined) return undefined
  const value = parseParameters(bytes, file)
  if (!isMap(value)) throw fileUnreadable(file, 'holds no names with values')
  return value
}
