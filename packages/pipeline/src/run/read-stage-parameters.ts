import type { Json } from '@dsv/core'
import type { StageRecord } from '../lock/stage-record.ts'
import type { ParameterUse } from '../model/pipeline-stage.ts'
import { decodeText } from '../read/decode-text.ts'
import { parseYaml } from '../read/parse-yaml.ts'
import type { PipelineReader } from '../read/pipeline-reader.ts'
import { isList, isMap, type Value } from '../read/value.ts'

/** Returns a function that reads the values of parameters; each file once. */
export function parameterValues(
  reader: PipelineReader,
): (uses: readonly ParameterUse[]) => Promise<StageRecord['parameters']> {
  const files = new Map<string, Promise<Value>>()
  const valueOf = async (file: string): Promise<Value> => {
    const bytes = await reader.read(file)
    return bytes === undefined ? null : parseYaml(decodeText(bytes, file), file)
  }
  return async (uses) => {
    const found: Record<string, Record<string, Json>> = {}
    for (const { file, keys } of uses) {
      const known = files.get(file) ?? valueOf(file)
      files.set(file, known)
      const value = await known
      const values = (found[file] ??= {})
      if (keys === undefined) values['*'] = toJson(value)
      else
        for (const key of keys) {
          const at = lookUp(value, key)
          if (at !== undefined) values[key] = toJson(at)
        }
    }
    return found
  }
}

function lookUp(value: Value, key: string): Value | undefined {
  let at: Value | undefined = value
  for (const part of key.split('.')) at = at !== undefined && isMap(at) ? at.get(part) : undefined
  return at
}

function toJson(value: Value): Json {
  if (typeof value === 'bigint') return Number(value)
  if (isMap(value)) return Object.fromEntries([...value].map(([key, each]) => [key, toJson(each)]))
  return isList(value) ? value.map(toJson) : value
}
