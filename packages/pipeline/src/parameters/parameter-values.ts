import type { Json } from '@dsv/core'
import type { ParameterUse } from '../model/pipeline-stage.ts'
import type { PipelineReader } from '../read/pipeline-reader.ts'
import { asJson, isMap, type ValueMap } from '../read/value.ts'
import { fileUnreadable } from '../errors.ts'
import { parseParameters } from './parse-parameters.ts'
import { valueAt } from './value-at.ts'

/** The values of one parameter file by key; undefined where the file has no such key. */
export type ParameterValues = ReadonlyMap<string, Json | undefined>

/** Parameter files, each read once. */
export interface ParameterFiles {
  /** Returns what a file holds; undefined where there is none. @throws `DSV_PIPELINE_FILE_UNREADABLE` */
  load(file: string): Promise<ValueMap | undefined>
  /**
   * Returns the values that a stage uses, by file; those of a file that is used whole by its keys at the top.
   * Undefined where there is no such file.
   *
   * @throws `DSV_PIPELINE_FILE_UNREADABLE`
   */
  valuesOf(uses: readonly ParameterUse[]): Promise<ReadonlyMap<string, ParameterValues | undefined>>
}

/** Returns the parameter files that a reader sees. Keeps all that were read in memory. */
export function parameterFiles(reader: PipelineReader): ParameterFiles {
  const loaded = new Map<string, Promise<ValueMap | undefined>>()
  const load = async (file: string): Promise<ValueMap | undefined> => {
    const known = loaded.get(file) ?? loadFile(reader, file)
    loaded.set(file, known)
    return known
  }
  return {
    load,
    valuesOf: async (uses) => {
      const values = new Map<string, ParameterValues | undefined>()
      for (const { file, keys } of uses) {
        const content = await load(file)
        values.set(file, content && pick(content, keys))
      }
      return values
    },
  }
}

async function loadFile(reader: PipelineReader, file: string): Promise<ValueMap | undefined> {
  const bytes = await reader.read(file)
  if (bytes === undefined) return undefined
  const value = parseParameters(bytes, file)
  if (!isMap(value)) throw fileUnreadable(file, 'holds no names with values')
  return value
}

function pick(content: ValueMap, keys: readonly string[] | undefined): ParameterValues {
  if (keys === undefined) return new Map([...content].map(([key, value]) => [key, asJson(value)]))
  return new Map(
    keys.map((key) => {
      const value = valueAt(content, key.split('.'))
      return [key, value === undefined ? undefined : asJson(value)]
    }),
  )
}
