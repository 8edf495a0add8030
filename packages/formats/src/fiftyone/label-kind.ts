import type { AnnotationType, Json } from '@dsv/core'
import { isArray, isObject, type JsonObject } from '../shared/json-reader.ts'

/** The kinds of labels that are read and written, in the order of preference for the name of a field. */
export const LABEL_KINDS = ['detections', 'polylines', 'keypoints', 'classifications'] as const

/** A kind of labels: what the member of a list of them is called. */
export type LabelKind = (typeof LABEL_KINDS)[number]

/** What FiftyOne calls one label of a kind. */
export const CLASS_NAMES: Readonly<Record<LabelKind, string>> = {
  detections: 'Detection',
  polylines: 'Polyline',
  keypoints: 'Keypoint',
  classifications: 'Classification',
}

/** Returns whether JSON is the name of a kind. */
export function isLabelKind(json: Json | undefined): json is LabelKind {
  return LABEL_KINDS.some((kind) => kind === json)
}

/** Returns the kind of label that an annotation is written as; undefined for none. */
export function kindOf(type: AnnotationType): LabelKind | undefined {
  if (type === 'box' || type === 'mask') return 'detections'
  if (type === 'polygon' || type === 'polyline') return 'polylines'
  if (type === 'points') return 'keypoints'
  return type === 'label' ? 'classifications' : undefined
}

/** Labels of a field. */
export interface FieldLabels {
  readonly kind: LabelKind
  readonly isSingle: boolean
  readonly labels: readonly JsonObject[]
}

/** Returns the labels in the value of a field; undefined when it holds something else. */
export function labelsIn(value: Json | undefined): FieldLabels | undefined {
  if (!isObject(value)) return undefined
  const name = value['_cls']
  for (const kind of LABEL_KINDS) {
    if (name === CLASS_NAMES[kind]) return { kind, isSingle: true, labels: [value] }
    if (name !== `${CLASS_NAMES[kind]}s`) continue
    const list = value[kind]
    return { kind, isSingle: false, labels: isArray(list) ? list.filter(isObject) : [] }
  }
  return undefined
}
