import {
  type AnnotatedItem,
  type Annotation,
  type BoxNumbers,
  type Mask,
  maskBounds,
  MAX_BITMAP_PIXELS,
  type Media,
  readMask,
  type WriteContext,
} from '@dsv/core'
import { isObject } from '../shared/json-reader.ts'
import { safeMediaName } from '../shared/media-finder.ts'
import { normaliseBox, roundedFields } from '../shared/normalised-box.ts'
import { type Holdings, reportAnnotationLosses } from '../shared/report-losses.ts'
import { ATTRIBUTE_FLAGS } from './columns.ts'
import type { OpenImagesKind } from './find-files.ts'
import { usualMaskPath } from './mask-path.ts'

/** One row of a table by its columns, and the mask that it names. */
export interface WrittenRow {
  readonly kind: OpenImagesKind
  readonly fields: Readonly<Record<string, string>>
  readonly mask?: { readonly path: string; readonly mask: Mask }
}

const FORMAT = 'open-images'
const FLAGS: ReadonlySet<string> = new Set(ATTRIBUTE_FLAGS.values())
const isText = (value: unknown): boolean =>
  typeof value === 'string' && value !== '' && value === value.trim()

const LABEL: Holdings = {
  format: FORMAT,
  fields: new Set(['category', 'score']),
  attribute: (name, value) => name === 'source' && isText(value),
}
const BOX: Holdings = {
  format: FORMAT,
  fields: new Set(['category', 'score', 'occluded', 'truncated']),
  attribute: (name, value) =>
    (name === 'source' && isText(value)) || (FLAGS.has(name) && typeof value === 'boolean'),
}
const MASK: Holdings = {
  format: FORMAT,
  fields: new Set(['category', 'box']),
  attribute: (name, value) =>
    (name === 'box_id' && isText(value)) || (name === 'predicted_iou' && typeof value === 'number'),
}

/** Returns the rows of an item; reports what they cannot say. */
export function rowsOfItem(
  item: AnnotatedItem,
  medium: Media,
  machineNames: ReadonlyMap<string, string>,
  { layer, onLoss }: Pick<WriteContext, 'layer' | 'onLoss'>,
): readonly WrittenRow[] {
  const where = `${item.subset}/${item.id}`
  const used = new Set<string>()
  return (item.layers[layer] ?? []).flatMap((annotation): readonly WrittenRow[] => {
    // A class is what every row is about.
    const machineName = machineNames.get(annotation.category ?? '')
    const row =
      machineName === undefined
        ? undefined
        : rowOf(annotation, { imageId: item.id, machineName, medium, used })
    if (row === undefined || machineName === undefined) {
      onLoss({ what: `annotation: ${annotation.type}`, where })
      return []
    }
    reportAnnotationLosses(annotation, row.holds, where, onLoss)
    for (const field of row.rounded ?? []) onLoss({ what: `field: ${field}`, where })
    const fields = {
      ...row.fields,
      ...extraFields(annotation, row.kind),
      ImageID: item.id,
      LabelName: machineName,
    }
    return [{ kind: row.kind, fields, ...(row.mask !== undefined && { mask: row.mask }) }]
  })
}

/** Returns the fields of a kind of row that are kept as they were read. */
function extraFields(
  { extra }: Annotation,
  kind: OpenImagesKind,
): Readonly<Record<string, string>> {
  const own = extra?.[FORMAT]
  const fields = Object.entries(isObject(own) ? own : {}).flatMap(([name, value]) =>
    typeof value === 'string' && !(kind === 'masks' && name === 'MaskPath')
      ? [[name, value] as const]
      : [],
  )
  return Object.fromEntries(fields)
}

/** A row, and what is to be reported of it. */
interface MadeRow extends WrittenRow {
  readonly holds: Holdings
  /** Fields that come back as other numbers. */
  readonly rounded?: readonly string[]
}

/** What a row is made with, beside its annotation. */
interface RowContext {
  readonly imageId: string
  readonly machineName: string
  readonly medium: Media
  /** Names of files of masks of the image. */
  readonly used: Set<string>
}

function rowOf(annotation: Annotation, context: RowContext): MadeRow | undefined {
  const { attributes = {}, score } = annotation
  const source = attributes['source']
  const common = {
    Source: typeof source === 'string' ? source : '',
    Confidence: String(score ?? 1),
  }
  if (annotation.type === 'mask') return maskRow(annotation, context)
  if (annotation.type === 'label') {
    const kind = source === 'machine' ? 'machine-labels' : 'human-labels'
    return { kind, holds: LABEL, fields: common }
  }
  if (annotation.type !== 'box') return undefined
  const { x, y, width, height, occluded, truncated } = annotation
  const box = boxFields([x, y, width, height], '', context.medium)
  if (box === undefined) return undefined
  const flags = [...ATTRIBUTE_FLAGS].map(([column, name]) => [column, flagText(attributes[name])])
  return {
    kind: 'boxes',
    holds: BOX,
    rounded: box.rounded,
    fields: {
      ...common,
      ...box.fields,
      IsOccluded: flagText(occluded),
      IsTruncated: flagText(truncated),
      ...Object.fromEntries(flags),
    },
  }
}

function maskRow(
  annotation: Annotation & { readonly type: 'mask' },
  { imageId, machineName, medium, used }: RowContext,
): MadeRow | undefined {
  const mask = readMask(annotation)
  const pixels = annotation.width * annotation.height
  const isOther =
    medium.width !== undefined &&
    (medium.width !== annotation.width || medium.height !== annotation.height)
  if (mask === undefined || pixels === 0 || pixels > MAX_BITMAP_PIXELS || isOther) return undefined
  const box = boxFields(annotation.box ?? maskBounds(mask), 'Box', mask)
  if (box === undefined) return undefined
  const { box_id: boxId, predicted_iou: iou } = annotation.attributes ?? {}
  const path = maskPath(annotation, imageId, machineName, used)
  return {
    kind: 'masks',
    holds: MASK,
    rounded: box.rounded.slice(0, 1).map(() => 'box'),
    fields: {
      ...box.fields,
      MaskPath: path,
      BoxID: typeof boxId === 'string' ? boxId : '',
      PredictedIoU: typeof iou === 'number' ? String(iou) : '',
    },
    mask: { path, mask },
  }
}

/** The name it had, else the usual one. */
function maskPath(
  { attributes, extra }: Annotation,
  imageId: string,
  machineName: string,
  used: Set<string>,
): string {
  const own = extra?.[FORMAT]
  const before = isObject(own) ? own['MaskPath'] : undefined
  const boxId = attributes?.['box_id']
  const parts = { imageId, machineName, boxId: typeof boxId === 'string' ? boxId : '', used }
  const known = typeof before === 'string' ? safeMediaName(before) : undefined
  const path = known === undefined || used.has(known) ? usualMaskPath(parts) : known
  used.add(path)
  return path
}

function flagText(value: unknown): string {
  return typeof value === 'boolean' ? String(Number(value)) : '-1'
}

function boxFields(
  box: BoxNumbers,
  prefix: string,
  { width = 0, height = 0 }: { readonly width?: number; readonly height?: number },
): BoxText | undefined {
  if (!(width > 0 && height > 0)) return undefined
  const { left, top, right, bottom } = normaliseBox(box, { width, height })
  const fields = {
    [`${prefix}XMin`]: String(left),
    [`${prefix}XMax`]: String(right),
    [`${prefix}YMin`]: String(top),
    [`${prefix}YMax`]: String(bottom),
  }
  return { fields, rounded: roundedFields(box, { width, height }) }
}

/** The corners of a box, and which of its numbers they cannot give back to the last bit. */
interface BoxText {
  readonly fields: Readonly<Record<string, string>>
  readonly rounded: readonly string[]
}
