import { type Annotation, type MaskGeometry, maskGeometry, maskIou, readMask } from '@dsv/core'
import { type LabelPlane, MAX_PLANE_PIXELS, planeMasks, UNLABELLED } from './label-plane.ts'

/** How masks are drawn. */
export interface DrawOptions {
  /** Of the image, in pixels; undefined when it is not known: then that of the first mask. */
  readonly size: readonly [width: number, height: number] | undefined
  /** The value that a mask is drawn in, 0 or more; undefined when the format cannot show it. */
  readonly valueOf: (mask: Annotation) => number | undefined
  /** Whether pixels of no label stay such; default true. */
  readonly holdsUnlabelled?: boolean
  readonly report: (what: string) => void
}

/** What was drawn. */
export interface Drawing {
  readonly plane: LabelPlane
  /** The masks that can be seen, by value: of those with the same value the first. */
  readonly drawn: ReadonlyMap<number, Annotation>
}

/**
 * Draws masks in their order, later ones over earlier ones. Reports annotations that are no masks, or of
 * another size than the image; masks that others cover, change, or that are one with another of the same
 * value. Returns undefined when nothing is left.
 */
export function drawLabelPlane(
  annotations: readonly Annotation[],
  { size, valueOf, holdsUnlabelled = true, report }: DrawOptions,
): Drawing | undefined {
  const masks: MaskToDraw[] = []
  let fixed = size
  for (const annotation of annotations) {
    const mask = annotation.type === 'mask' ? readMask(annotation) : undefined
    const value = valueOf(annotation)
    const isPossible = mask !== undefined && value !== undefined && isDrawable(mask, fixed)
    if (!isPossible || annotation.type !== 'mask') report(`annotation: ${annotation.type}`)
    else {
      fixed ??= [mask.width, mask.height]
      masks.push({ annotation, counts: mask.counts, value })
    }
  }
  const [width, height] = fixed ?? [0, 0]
  if (masks.length === 0) return undefined
  const plane = { width, height, values: new Int32Array(width * height).fill(UNLABELLED) }
  for (const { counts, value } of masks) {
    let place = 0
    for (const [index, length] of counts.entries()) {
      if (index % 2 === 1) plane.values.fill(value, place, place + length)
      place += length
    }
  }
  const drawn = reportCovered(plane, masks, report)
  if (drawn.size === 0) return undefined
  if (!holdsUnlabelled && plane.values.includes(UNLABELLED)) report('pixels without label')
  return { plane, drawn }
}

interface MaskToDraw {
  readonly annotation: Annotation & MaskGeometry
  readonly counts: readonly number[]
  readonly value: number
}

function isDrawable(
  { width, height }: { readonly width: number; readonly height: number },
  size: readonly [number, number] | undefined,
): boolean {
  const pixels = width * height
  if (pixels === 0 || pixels > MAX_PLANE_PIXELS) return false
  return size === undefined || (width === size[0] && height === size[1])
}

function reportCovered(
  plane: LabelPlane,
  masks: readonly MaskToDraw[],
  report: (what: string) => void,
): ReadonlyMap<number, Annotation> {
  const visible = planeMasks(plane)
  const byValue = new Map<number, MaskToDraw[]>()
  for (const mask of masks) {
    const group = byValue.get(mask.value)
    if (group === undefined) byValue.set(mask.value, [mask])
    else group.push(mask)
  }
  const drawn = new Map<number, Annotation>()
  for (const [value, group] of byValue) {
    const seen = visible.get(value)
    const lost = seen === undefined ? group.length : group.length - 1
    for (let left = lost; left > 0; left--) report('annotation: mask')
    if (seen === undefined) continue
    const { counts } = maskGeometry(seen)
    const { width, height } = plane
    const same = group.find(
      (mask) =>
        mask.annotation.counts === counts ||
        maskIou({ width, height, counts: mask.counts }, seen) === 1,
    )
    if (same === undefined) report('field: counts')
    const [first] = group
    const kept = same ?? first
    if (kept !== undefined) drawn.set(value, kept.annotation)
  }
  return drawn
}
