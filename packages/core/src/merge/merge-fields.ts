import { isEqual } from '../diff/is-equal.ts'
import type { RecordFields } from '../diff/record-fields.ts'
import type { Favour } from './conflict.ts'

/** A record merged piece by piece. */
export interface MergedFields {
  readonly merged: RecordFields
  /** Names of the pieces that both sides changed differently, sorted; `merged` holds ours. */
  readonly conflicts: readonly string[]
}

/** Merges records that were taken apart: each piece follows the side that changed it. */
export function mergeFields(
  base: RecordFields,
  ours: RecordFields,
  theirs: RecordFields,
  favour: Favour | undefined,
): MergedFields {
  const merged = new Map<string, unknown>()
  const conflicts: string[] = []
  for (const name of [...new Set([...ours.keys(), ...theirs.keys()])].toSorted()) {
    const value = mergeValue(base.get(name), ours.get(name), theirs.get(name), favour)
    if (value.isConflict) conflicts.push(name)
    if (value.merged !== undefined) merged.set(name, value.merged)
  }
  return { merged, conflicts }
}

/** Merges one value; undefined is absent. */
export function mergeValue<T>(
  base: T,
  ours: T,
  theirs: T,
  favour: Favour | undefined,
): { readonly merged: T; readonly isConflict: boolean } {
  if (isEqual(ours, theirs) || isEqual(theirs, base)) return { merged: ours, isConflict: false }
  if (isEqual(ours, base)) return { merged: theirs, isConflict: false }
  return { merged: favour === 'theirs' ? theirs : ours, isConflict: favour === undefined }
}
