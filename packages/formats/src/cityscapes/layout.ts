import type { Json } from '@dsv/core'
import { isArray, isObject } from '../shared/json-reader.ts'
import type { GroundTruthKind } from './find-files.ts'

/** How a dataset was laid out. */
export interface CityscapesLayout {
  readonly root: string
  /** The file that names the classes; undefined where they are those of Cityscapes. */
  readonly labels: string | undefined
  /** What images of masks there are. */
  readonly kinds: readonly GroundTruthKind[]
}

const KINDS: readonly GroundTruthKind[] = ['color', 'instanceIds', 'labelIds', 'labelTrainIds']

/** Returns a layout as JSON. */
export function layoutToJson({ root, labels, kinds }: CityscapesLayout): Json {
  const sorted = KINDS.filter((kind) => kinds.includes(kind))
  return { version: 1, root, kinds: sorted, ...(labels !== undefined && { labels }) }
}

/** Returns what {@link layoutToJson} was given; undefined when `json` is something else. */
export function layoutFromJson(json: Json): CityscapesLayout | undefined {
  if (!isObject(json) || json['version'] !== 1) return undefined
  const { root, labels, kinds } = json
  const known = isArray(kinds) ? kinds : []
  return {
    root: typeof root === 'string' ? root : '',
    labels: typeof labels === 'string' ? labels : undefined,
    kinds: KINDS.filter((kind) => known.includes(kind)),
  }
}
