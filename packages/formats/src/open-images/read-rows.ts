import {
  type AnnotationCommon,
  type AnnotationDraft,
  type Attributes,
  bitmapToCounts,
  type BoxNumbers,
  countsToBitmap,
  formatSyntax,
  type Json,
  type Mask,
  maskGeometry,
  MAX_BITMAP_PIXELS,
} from '@dsv/core'
import { safeMediaName } from '../shared/media-finder.ts'
import { boxInPixels } from '../shared/normalised-box.ts'
import { ATTRIBUTE_FLAGS, COLUMNS } from './columns.ts'
import type { OpenImagesKind } from './find-files.ts'
import type { ImageSize } from './image-sizes.ts'
import { usualMaskPath } from './mask-path.ts'
import { numberIn, type TableRow } from './table.ts'

/** Where a row stands, for messages. */
export interface RowPlace {
  readonly file: string
  readonly imageId: string
}

/** Reads the row of a label. @throws `DSV_FORMAT_SYNTAX` */
export function readLabel(row: TableRow, place: RowPlace): AnnotationDraft {
  return { type: 'label', ...commonFields(row, 'human-labels', place, sourceOf(row)) }
}

/** Reads the row of a box. @throws `DSV_FORMAT_SYNTAX` */
export function readBox(row: TableRow, place: RowPlace, size: ImageSize): AnnotationDraft {
  const flags = [...ATTRIBUTE_FLAGS].flatMap(([column, name]) => {
    const value = flagIn(row, column)
    return value === undefined ? [] : [[name, value] as const]
  })
  const box = boxIn(row, '', place, size)
  if (box === undefined) {
    throw formatSyntax(place.file, `a box of image ${place.imageId} has no corner`)
  }
  const [x, y, width, height] = box
  const [occluded, truncated] = [flagIn(row, 'IsOccluded'), flagIn(row, 'IsTruncated')]
  return {
    type: 'box',
    x,
    y,
    width,
    height,
    ...commonFields(row, 'boxes', place, { ...sourceOf(row), ...Object.fromEntries(flags) }),
    ...(occluded !== undefined && { occluded }),
    ...(truncated !== undefined && { truncated }),
  }
}

/** Reads the row of a mask; a mask of another size than its image is made as large. */
export function readMaskRow(
  row: TableRow,
  place: RowPlace,
  mask: Mask,
  { size, used }: { readonly size: ImageSize | undefined; readonly used: Set<string> },
): AnnotationDraft {
  const [machineName = '', path = ''] = [row.get('LabelName'), row.get('MaskPath')]
  const parts = { imageId: place.imageId, machineName, boxId: row.get('BoxID') ?? '', used }
  const isUsual = path === usualMaskPath(parts)
  used.add(safeMediaName(path))
  const iou = numberIn(row, 'PredictedIoU', place)
  const boxId = row.get('BoxID')
  const attributes: Attributes = {
    ...(boxId !== undefined && { box_id: boxId }),
    ...(iou !== undefined && { predicted_iou: iou }),
  }
  const box = boxIn(row, 'Box', place, size ?? mask)
  return {
    ...maskGeometry(size === undefined ? mask : scaled(mask, size, place.file)),
    ...commonFields(isUsual ? without(row, 'MaskPath') : row, 'masks', place, attributes),
    ...(box !== undefined && { box }),
  }
}

function without(row: TableRow, column: string): TableRow {
  return new Map([...row].filter(([name]) => name !== column))
}

function sourceOf(row: TableRow): Attributes {
  const source = row.get('Source')
  return source === undefined ? {} : { source }
}

/** Columns that are neither known nor kept as they are: they are what the annotation is. */
const OWN_COLUMNS: ReadonlySet<string> = new Set(['Clicks', 'MaskPath'])

function commonFields(
  row: TableRow,
  kind: OpenImagesKind,
  place: RowPlace,
  attributes: Attributes,
): AnnotationCommon {
  const category = row.get('LabelName')
  const score = numberIn(row, 'Confidence', place)
  const known = new Set(COLUMNS[kind])
  const rest = [...row].filter(([name]) => !known.has(name) || OWN_COLUMNS.has(name))
  return {
    ...(category !== undefined && { category }),
    ...(score !== undefined && { score }),
    ...(Object.keys(attributes).length > 0 && { attributes }),
    ...(rest.length > 0 && { extra: { 'open-images': rowToJson(rest) } }),
  }
}

/** Returns fields of a row as JSON. */
export function rowToJson(fields: Iterable<readonly [string, string]>): Json {
  return Object.fromEntries(fields)
}

/** 1 is true, 0 false; −1 says that it is not known. */
function flagIn(row: TableRow, column: string): boolean | undefined {
  const text = row.get(column)
  if (text === '1' || text?.toLowerCase() === 'true') return true
  return text === '0' || text?.toLowerCase() === 'false' ? false : undefined
}

/** Corners are between 0 and 1, as a part of width and height. */
function boxIn(
  row: TableRow,
  prefix: string,
  place: RowPlace,
  size: ImageSize,
): BoxNumbers | undefined {
  const [left, right, top, bottom] = ['XMin', 'XMax', 'YMin', 'YMax'].map((name) =>
    numberIn(row, prefix + name, place),
  )
  if (left === undefined || right === undefined || top === undefined || bottom === undefined) {
    return undefined
  }
  return boxInPixels({ left, top, right, bottom }, size)
}

/** Nearest pixel: the masks of the official files are smaller than their images. */
function scaled(mask: Mask, size: ImageSize, file: string): Mask {
  if (mask.width === size.width && mask.height === size.height) return mask
  const { width, height } = size
  const limit = Math.min(MAX_BITMAP_PIXELS, Math.max(2 ** 24, mask.width * mask.height * 1024))
  if (width * height > limit)
    throw formatSyntax(file, `is of an image that is too large: ${width}×${height}`)
  const from = countsToBitmap(mask.counts, mask.width * mask.height)
  const to = new Uint8Array(width * height)
  for (let x = 0, at = 0; x < width; x++) {
    const column = Math.floor(((x + 0.5) * mask.width) / width) * mask.height
    for (let y = 0; y < height; y++) {
      to[at++] = from[column + Math.floor(((y + 0.5) * mask.height) / height)] ?? 0
    }
  }
  return { width, height, counts: bitmapToCounts(to) }
}
