import type { Json } from '@dsv/core'
import { isArray, isObject } from '../shared/json-reader.ts'
import type { Sequence } from './sequence.ts'

/** How one sequence was laid out. */
export interface SequenceLayout extends Sequence {
  /** Folder of the images below the root of the sequence. */
  readonly imDir: string
  /** Columns of the rows. */
  readonly columns: number
  readonly hasLabels: boolean
}

/** Returns a layout as JSON. */
export function layoutToJson(sequences: readonly SequenceLayout[]): Json {
  return {
    version: 1,
    sequences: sequences.map(({ subset, name, root, imDir, columns, hasLabels }) => {
      return { subset, name, root, imDir, columns, hasLabels }
    }),
  }
}

/** Returns what {@link layoutToJson} was given; nothing when `json` is something else. */
export function layoutFromJson(json: Json): readonly SequenceLayout[] {
  if (!isObject(json) || json['version'] !== 1 || !isArray(json['sequences'])) return []
  return json['sequences'].flatMap((each): readonly SequenceLayout[] => {
    if (!isObject(each)) return []
    const { subset, name, root, imDir, columns, hasLabels } = each
    if (typeof subset !== 'string' || typeof name !== 'string' || typeof root !== 'string')
      return []
    if (typeof imDir !== 'string' || typeof columns !== 'number') return []
    return [{ subset, name, root, imDir, columns, hasLabels: hasLabels === true }]
  })
}
