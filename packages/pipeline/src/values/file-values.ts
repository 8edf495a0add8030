import type { Json } from '@dsv/core'
import { isDsvError } from '@dsv/store'
import { parseParameters } from '../parameters/parse-parameters.ts'
import { valueAt } from '../parameters/value-at.ts'
import type { PipelineReader } from '../read/pipeline-reader.ts'
import { asJson, isMap, type Value } from '../read/value.ts'

/** The values of files: by path, then by dotted key. A file that is one value alone has the empty key. */
export type FileValues = ReadonlyMap<string, ReadonlyMap<string, Json>>

/** What was read, and what could not be. */
export interface ReadValues {
  readonly values: FileValues
  /** Files that are not there. */
  readonly missing: readonly string[]
  /** What is wrong with files that are damaged. */
  readonly problems: readonly string[]
}

/** A file and the dotted keys that are wanted of it; undefined for all. */
export interface WantedFile {
  readonly file: string
  readonly keys: readonly string[] | undefined
}

/**
 * Reads files of parameters or metrics. Keeps all values in memory.
 *
 * @param isWanted - Which values count; all by default
 */
export async function readFileValues(
  reader: PipelineReader,
  wanted: readonly WantedFile[],
  isWanted: (value: Value) => boolean = () => true,
): Promise<ReadValues> {
  const values = new Map<string, ReadonlyMap<string, Json>>()
  const missing: string[] = []
  const problems: string[] = []
  for (const { file, keys } of wanted) {
    const read = await readOne(reader, file)
    if (read === undefined) missing.push(file)
    else if ('problem' in read) problems.push(read.problem)
    else
      values.set(
        file,
        new Map(
          [...flatten(pick(read.value, keys), '')]
            .filter(([, value]) => isWanted(value))
            .map(toJson),
        ),
      )
  }
  return { values, missing, problems }
}

async function readOne(
  reader: PipelineReader,
  file: string,
): Promise<{ readonly value: Value } | { readonly problem: string } | undefined> {
  try {
    const bytes = await reader.read(file)
    return bytes && { value: parseParameters(bytes, file) }
  } catch (error) {
    if (isDsvError(error, 'DSV_PIPELINE_FILE_UNREADABLE')) return { problem: error.message }
    throw error
  }
}

function pick(value: Value, keys: readonly string[] | undefined): Value {
  if (keys === undefined) return value
  const picked = new Map<string, Value>()
  for (const key of keys) {
    const found = valueAt(value, key.split('.'))
    if (found !== undefined) picked.set(key, found)
  }
  return picked
}

function* flatten(value: Value, key: string): Generator<readonly [string, Value]> {
  if (!isMap(value) || (value.size === 0 && key !== '')) {
    yield [key, value]
    return
  }
  for (const [name, each] of value) yield* flatten(each, key === '' ? name : `${key}.${name}`)
}

function toJson([key, value]: readonly [string, Value]): readonly [string, Json] {
  return [key, asJson(value)]
}
