import type { Json } from '@dsv/core'
import type { StageRecord } from '../lock/stage-record.ts'
import type { ParameterUse } from '../model/pipeline-stage.ts'
import type { ParameterFiles } from '../parameters/parameter-files.ts'
import { valueAt } from '../parameters/value-at.ts'
import { asJson } from '../read/value.ts'

/** Under this key stands all that a file holds. */
export const WHOLE_FILE = '*'

/** Returns the values of parameters by file and key; one that is not there is left out. */
export async function readStageParameters(
  files: ParameterFiles,
  uses: readonly ParameterUse[],
): Promise<StageRecord['parameters']> {
  const found = new Map<string, Map<string, Json>>()
  for (const { file, keys } of uses) {
    const value = await files.load(file)
    const values = found.get(file) ?? new Map<string, Json>()
    found.set(file, values)
    if (value === undefined) continue
    if (keys === undefined) values.set(WHOLE_FILE, asJson(value))
    for (const key of keys ?? []) {
      const at = value.get(key) ?? valueAt(value, key.split('.'))
      if (at !== undefined) values.set(key, asJson(at))
    }
  }
  const sorted = <Of>(map: ReadonlyMap<string, Of>): [string, Of][] =>
    [...map].toSorted(([a], [b]) => (a < b ? -1 : 1))
  return Object.fromEntries(
    sorted(found).map(([file, values]) => [file, Object.fromEntries(sorted(values))]),
  )
}
