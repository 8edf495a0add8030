import type { Json } from '@dsv/core'
import type { StageRecord } from '../lock/stage-record.ts'
import type { ParameterUse } from '../model/pipeline-stage.ts'
import { parameterFiles } from '../parameters/parameter-files.ts'
import { valueAt } from '../parameters/value-at.ts'
import type { PipelineReader } from '../read/pipeline-reader.ts'
import { asJson } from '../read/value.ts'

/** Returns a function that reads the values of parameters; each file once. */
export function parameterValues(
  reader: PipelineReader,
): (uses: readonly ParameterUse[]) => Promise<StageRecord['parameters']> {
  const files = parameterFiles(reader)
  return async (uses) => {
    const found = new Map<string, Readonly<Record<string, Json>>>()
    for (const { file, keys } of uses) {
      const content = await files.load(file)
      const values = new Map<string, Json>()
      if (keys === undefined) values.set('*', content === undefined ? null : asJson(content))
      for (const key of keys ?? []) {
        const value = content && valueAt(content, key.split('.'))
        if (value !== undefined) values.set(key, asJson(value))
      }
      found.set(file, Object.fromEntries(values))
    }
    return Object.fromEntries(found)
  }
}
