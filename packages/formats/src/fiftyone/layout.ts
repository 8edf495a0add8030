import type { Json } from '@dsv/core'
import { isArray, isObject, type JsonObject } from '../shared/json-reader.ts'
import { type SubsetFile, subsetFilesFrom, subsetFilesToJson } from '../shared/subset-files.ts'
import { isLabelKind, type LabelKind } from './label-kind.ts'

/** A field of samples that holds labels. */
export interface LabelField {
  readonly name: string
  readonly layer: string
  readonly kind: LabelKind
  /** Whether it holds one label, not a list. */
  readonly isSingle: boolean
}

/** How a whole dataset was laid out. */
export interface DatasetLayout {
  readonly kind: 'dataset'
  /** What stands before `samples.json`: empty or ending in `/`. */
  readonly root: string
  readonly metadata: JsonObject
  readonly fields: readonly LabelField[]
}

/** How labels alone were laid out. */
export interface LabelsLayout {
  readonly kind: 'image-detection' | 'image-classification'
  readonly files: readonly SubsetFile[]
}

/** Any of the layouts. */
export type FiftyoneLayout = DatasetLayout | LabelsLayout

/** Returns a layout as JSON. */
export function layoutToJson(layout: FiftyoneLayout): Json {
  if (layout.kind !== 'dataset') {
    return { version: 1, kind: layout.kind, files: subsetFilesToJson(layout.files) }
  }
  const { kind, root, metadata, fields } = layout
  return {
    version: 1,
    kind,
    root,
    metadata,
    fields: fields.map(({ name, layer, kind: labels, isSingle }) => {
      return { name, layer, kind: labels, isSingle }
    }),
  }
}

/** Returns what {@link layoutToJson} was given; undefined when `json` is something else. */
export function layoutFromJson(json: Json): FiftyoneLayout | undefined {
  if (!isObject(json) || json['version'] !== 1) return undefined
  const { kind, root, metadata, fields, files } = json
  if (kind === 'image-detection' || kind === 'image-classification') {
    return { kind, files: subsetFilesFrom(files ?? null) }
  }
  if (kind !== 'dataset' || typeof root !== 'string' || !isArray(fields)) return undefined
  return {
    kind,
    root,
    metadata: isObject(metadata) ? metadata : {},
    fields: fields.flatMap((field): readonly LabelField[] => {
      if (!isObject(field)) return []
      const { name, layer, kind: labels, isSingle } = field
      if (typeof name !== 'string' || typeof layer !== 'string' || !isLabelKind(labels)) return []
      return [{ name, layer, kind: labels, isSingle: isSingle === true }]
    }),
  }
}
