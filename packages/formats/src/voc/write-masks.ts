import { type AnnotationDraft, type MaskGeometry, readMask } from '@dsv/core'
import { vocColor, VOID_INDEX } from './color-map.ts'
import { encodeIndexPlane, type Plane } from './mask-planes.ts'
import { type MaskTable, VOID_CODE } from './mask-table.ts'
import { isVoid, objectNumbers } from './object-numbers.ts'
import { reportFields } from './plan-item.ts'
import { readMasks } from './read-masks.ts'

/** The masks of an image, to be drawn. */
export interface MaskPlan {
  readonly masks: readonly AnnotationDraft[]
  readonly linked: ReadonlySet<number>
  readonly objectCount: number
  /** `[width, height]` of the image in pixels, when it is known. */
  readonly size: readonly [number, number] | undefined
  /** Files that are there although nothing is in them: `class`, `object`. */
  readonly empty: readonly string[]
}

/** PNG files of masks; undefined for those that are not needed. */
export interface MaskFiles {
  readonly class: Uint8Array | undefined
  readonly object: Uint8Array | undefined
}

const HELD: ReadonlySet<string> = new Set([
  'type',
  'uid',
  'category',
  'extra',
  'width',
  'height',
  'counts',
  'group',
])

/**
 * Draws masks in their order and reads the result back, to report what later masks cover, what is
 * empty, and what has no number of its own.
 */
export function drawMasks(
  { masks: all, linked, objectCount, size, empty }: MaskPlan,
  table: MaskTable,
  report: (what: string) => void,
): MaskFiles {
  const possible = drawableMasks(all, table, report)
  if (possible.length === 0 && empty.length === 0) return { class: undefined, object: undefined }
  const [first] = possible
  const [width, height] = first === undefined ? (size ?? [0, 0]) : [first.width, first.height]
  if (width * height === 0) return { class: undefined, object: undefined }
  const drawn = visibleMasks(possible, width, height, report)
  const columns = { class: new Uint8Array(width * height), object: new Uint8Array(width * height) }
  columns.class.fill(table.indexOfCode.get(0) ?? 0)
  const numbers = objectNumbers(drawn, linked, objectCount)
  let [hasClass, hasObject] = [empty.includes('class'), empty.includes('object')]
  for (const [index, mask] of drawn.entries()) {
    const number = numbers[index] ?? 0
    const code = codeOf(mask, table)
    if (number > VOID_INDEX) continue
    hasClass ||= code !== 0
    hasObject ||= number !== 0
    paint(mask, columns.class, table.indexOfCode.get(code) ?? 0)
    paint(mask, columns.object, number)
  }
  reportDifferences({ drawn, columns, width, height, objectCount, table }, report)
  return {
    class: hasClass ? encodeIndexPlane(columns.class, width, height, table.palette) : undefined,
    object: hasObject ? encodeIndexPlane(columns.object, width, height, VOC_PALETTE) : undefined,
  }
}

const VOC_PALETTE = Uint8Array.from({ length: 256 * 3 }, (_, at) => {
  return vocColor(Math.floor(at / 3))[at % 3] ?? 0
})

type MaskDraft = AnnotationDraft & MaskGeometry

function drawableMasks(
  all: readonly AnnotationDraft[],
  table: MaskTable,
  report: (what: string) => void,
): readonly MaskDraft[] {
  return all.flatMap((mask) => {
    const code = codeOf(mask, table)
    const isPossible = mask.type === 'mask' && readMask(mask) !== undefined
    if (!isPossible || !table.indexOfCode.has(code) || mask.width * mask.height > MAX_PIXELS) {
      report('annotation: mask')
      return []
    }
    if (mask.category !== undefined && code === 0) report('field: category')
    reportFields(mask, HELD, report)
    return [mask]
  })
}

const MAX_PIXELS = 2 ** 28

/** Masks of the size of the image that later ones do not hide; only these get numbers. */
function visibleMasks(
  masks: readonly MaskDraft[],
  width: number,
  height: number,
  report: (what: string) => void,
): readonly MaskDraft[] {
  const top = new Int32Array(width * height)
  for (const [index, mask] of masks.entries()) {
    if (mask.width === width && mask.height === height) paint(mask, top, index + 1)
  }
  const seen = new Set(top)
  const visible = masks.filter((_, index) => seen.has(index + 1))
  for (let hidden = masks.length - visible.length; hidden > 0; hidden--) report('annotation: mask')
  return visible
}

function codeOf(mask: AnnotationDraft, { codeOfKey }: MaskTable): number {
  if (isVoid(mask)) return VOID_CODE
  return mask.category === undefined ? 0 : (codeOfKey.get(mask.category) ?? Number.NaN)
}

function paint(mask: MaskDraft, columns: Uint8Array | Int32Array, value: number): void {
  const { counts = [] } = readMask(mask) ?? {}
  let place = 0
  for (const [index, length] of counts.entries()) {
    if (index % 2 === 1) columns.fill(value, place, place + length)
    place += length
  }
}

/** What was drawn, for comparison. */
interface Drawing {
  readonly drawn: readonly MaskDraft[]
  readonly columns: { readonly class: Uint8Array; readonly object: Uint8Array }
  readonly width: number
  readonly height: number
  readonly objectCount: number
  readonly table: MaskTable
}

function reportDifferences(drawing: Drawing, report: (what: string) => void): void {
  const { drawn, columns, width, height, objectCount, table } = drawing
  const planes = {
    classes: planeOf(columns.class, width, height, (index) => table.codeOfIndex.get(index) ?? 0),
    objects: planeOf(columns.object, width, height, (index) => index),
  }
  const left = [...readMasks(planes, table, objectCount, '')]
  for (const mask of drawn) {
    const candidates = left.filter(({ category }) => category === mask.category)
    const same = candidates.find((other) => other.type === 'mask' && other.counts === mask.counts)
    const found = same ?? candidates[0]
    if (found === undefined) report('annotation: mask')
    else {
      left.splice(left.indexOf(found), 1)
      if (same === undefined) report('field: counts')
      if (found.group !== mask.group) report('field: group')
    }
  }
}

function planeOf(
  columns: Uint8Array,
  width: number,
  height: number,
  meaning: (index: number) => number,
): Plane {
  const values = new Int32Array(columns.length)
  for (let y = 0, at = 0; y < height; y++) {
    for (let x = 0; x < width; x++) values[at++] = meaning(columns[x * height + y] ?? 0)
  }
  return { width, height, values }
}
