import type { Annotation, CategoryKey } from '@dsv/core'
import { INSTANCES, isRegion, type MotsClass } from './classes.ts'

const MAX_VALUE = 0xffff

/**
 * Returns the value of the pixels of each mask: a thousand times its class, and its track. Masks without
 * a track, and those whose track is no number that fits or is taken, get the first free number.
 */
export function numberMasks(
  annotations: readonly Annotation[],
  classes: ReadonlyMap<CategoryKey, MotsClass>,
): ReadonlyMap<Annotation, number> {
  const values = new Map<Annotation, number>()
  const used = new Set<number>()
  const take = (annotation: Annotation, value: number): void => {
    values.set(annotation, value)
    used.add(value)
  }
  const masks = annotations.flatMap((annotation) => {
    const known = classes.get(annotation.category ?? '')
    return annotation.type === 'mask' && known !== undefined ? [{ annotation, known }] : []
  })
  for (const { annotation, known } of masks) {
    const { track = isRegion(known.name, 0) ? 0 : -1 } = annotation
    const isPlace = typeof track === 'number' && Number.isInteger(track) && track >= 0
    const value = known.number * INSTANCES + Number(track)
    if (isPlace && track < INSTANCES && value <= MAX_VALUE && !used.has(value)) {
      take(annotation, value)
    }
  }
  for (const { annotation, known } of masks) {
    if (values.has(annotation)) continue
    const first = known.number * INSTANCES + 1
    let value = first
    while (used.has(value)) value++
    if (value < first + INSTANCES - 1 && value <= MAX_VALUE) take(annotation, value)
  }
  return values
}

/** Returns the track that a value is read as. */
export function trackOf(value: number, className: string): number | undefined {
  const instance = value % INSTANCES
  return isRegion(className, instance) ? undefined : instance
}
