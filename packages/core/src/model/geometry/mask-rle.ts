import type { BoxNumbers, MaskGeometry } from '../annotation.ts'
import { overlapRatio } from './box.ts'
import { type Counts, formatCounts, parseCounts } from './mask-counts.ts'

/** A mask with its runs read: sizes in pixels, runs add up to at most `width * height`. */
export interface Mask {
  readonly width: number
  readonly height: number
  readonly counts: Counts
}

/**
 * Returns the mask of a geometry, or undefined when its string or its size is malformed. Runs beyond
 * the last pixel are cut off.
 */
export function readMask(geometry: Omit<MaskGeometry, 'type'>): Mask | undefined {
  const { width, height } = geometry
  const pixels = width * height
  if (!Number.isSafeInteger(width) || !Number.isSafeInteger(height)) return undefined
  if (width < 0 || height < 0 || !Number.isSafeInteger(pixels)) return undefined
  const counts = parseCounts(geometry.counts)
  return counts === undefined ? undefined : { width, height, counts: cutCounts(counts, pixels) }
}

/** Returns the geometry of a mask. */
export function maskGeometry(mask: Mask): MaskGeometry {
  const counts = formatCounts(mask.counts)
  return { type: 'mask', width: mask.width, height: mask.height, counts }
}

/** Returns the number of foreground pixels. */
export function maskArea(mask: Mask): number {
  let area = 0
  for (let index = 1; index < mask.counts.length; index += 2) area += mask.counts[index] ?? 0
  return area
}

/** Returns the box around the foreground, all zeros when there is none. */
export function maskBounds(mask: Mask): BoxNumbers {
  const { height } = mask
  let [left, top, right, bottom] = [Infinity, Infinity, -1, -1]
  let place = 0
  for (let index = 0; index < mask.counts.length; index++) {
    const length = mask.counts[index] ?? 0
    if (index % 2 === 1 && length > 0) {
      const first = Math.floor(place / height)
      const last = Math.floor((place + length - 1) / height)
      left = Math.min(left, first)
      right = Math.max(right, last)
      top = Math.min(top, first === last ? place - first * height : 0)
      bottom = Math.max(bottom, first === last ? place + length - 1 - last * height : height - 1)
    }
    place += length
  }
  return right < 0 ? [0, 0, 0, 0] : [left, top, right - left + 1, bottom - top + 1]
}

/** How two masks are joined: what is in either, in both, or in the first alone. */
export type MaskOperation = 'union' | 'intersection' | 'difference'

/**
 * Joins masks of one size from left to right.
 *
 * @throws RangeError when the sizes differ: masks of two images have nothing in common
 */
export function mergeMasks(masks: readonly Mask[], operation: MaskOperation): Mask {
  const [first, ...rest] = masks
  if (first === undefined) return { width: 0, height: 0, counts: [] }
  return rest.reduce((a, b) => mergeTwo(a, b, operation), first)
}

/**
 * Returns intersection over union of two masks, 0…1; 0 when their sizes differ. With `crowd` the
 * divisor is the area of `a` alone.
 */
export function maskIou(a: Mask, b: Mask, crowd = false): number {
  if (a.width !== b.width || a.height !== b.height) return 0
  let shared = 0
  walkTogether(a, b, (length, inA, inB) => {
    if (inA && inB) shared += length
  })
  return overlapRatio(shared, maskArea(a), maskArea(b), crowd)
}

function cutCounts(counts: Counts, pixels: number): Counts {
  let sum = 0
  for (let index = 0; index < counts.length; index++) {
    sum += counts[index] ?? 0
    if (sum > pixels) return [...counts.slice(0, index), (counts[index] ?? 0) - (sum - pixels)]
  }
  return counts
}

function mergeTwo(a: Mask, b: Mask, operation: MaskOperation): Mask {
  if (a.width !== b.width || a.height !== b.height) {
    throw new RangeError('Masks of different sizes cannot be joined')
  }
  const counts: number[] = [0]
  walkTogether(a, b, (length, inA, inB) => {
    const inside =
      operation === 'union' ? inA || inB : operation === 'difference' ? inA && !inB : inA && inB
    if (inside !== (counts.length % 2 === 0)) counts.push(0)
    counts[counts.length - 1] = (counts.at(-1) ?? 0) + length
  })
  return { width: a.width, height: a.height, counts }
}

/** Visits stretches over which both masks stay the same; covers all pixels of the image. */
function walkTogether(
  a: Mask,
  b: Mask,
  visit: (length: number, inA: boolean, inB: boolean) => void,
): void {
  const pixels = a.width * a.height
  let [indexA, indexB] = [0, 0]
  let [endA, endB] = [a.counts[0] ?? pixels, b.counts[0] ?? pixels]
  let place = 0
  while (place < pixels) {
    const end = Math.min(endA, endB)
    // Runs that a mask leaves out are background, whatever the parity of their index.
    const inA = indexA % 2 === 1 && indexA < a.counts.length
    const inB = indexB % 2 === 1 && indexB < b.counts.length
    if (end > place) visit(end - place, inA, inB)
    place = end
    if (endA === place) endA += a.counts[++indexA] ?? pixels
    if (endB === place) endB += b.counts[++indexB] ?? pixels
    endA = Math.min(endA, pixels)
    endB = Math.min(endB, pixels)
  }
}
