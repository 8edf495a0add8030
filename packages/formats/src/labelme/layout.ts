import type { Json } from '@dsv/core'
import { isArray, isObject } from '../shared/json-reader.ts'

/** The file that lists the classes. */
export const LABELS_PATH = 'labels.txt'

/** How a dataset was laid out. */
export interface LabelmeLayout {
  /** The release that wrote the files. */
  readonly release: string | undefined
  /** Whether there is a list of classes. */
  readonly hasLabels: boolean
  /** Lines of the list that are no classes: `__ignore__`, `_background_`. */
  readonly reserved: readonly string[]
}

/** Returns a layout as JSON. */
export function layoutToJson({ release, hasLabels, reserved }: LabelmeLayout): Json {
  return { version: 1, hasLabels, reserved, ...(release !== undefined && { release }) }
}

/** Returns what {@link layoutToJson} was given; undefined when `json` is something else. */
export function layoutFromJson(json: Json): LabelmeLayout | undefined {
  if (!isObject(json) || json['version'] !== 1 || !isArray(json['reserved'])) return undefined
  const { release, hasLabels, reserved } = json
  return {
    release: typeof release === 'string' ? release : undefined,
    hasLabels: hasLabels === true,
    reserved: reserved.filter((line) => typeof line === 'string'),
  }
}
