import type { AnnotationDraft, Category } from '@dsv/core'

/** How one number says both the class of a pixel and which object it belongs to. */
export interface InstanceCoding {
  /** Returns the number of an object, or of a class alone; undefined when it is too large. */
  readonly valueOf: (label: number, instance?: number) => number | undefined
  /** Returns class and object; no object where the class stands alone. */
  readonly parse: (value: number) => { readonly label: number; readonly instance?: number }
  /** The number of the first object of a class. */
  readonly firstInstance: number
}

const MAX_VALUE = 65_535

/** Class alone below 1000, else class times 1000 and the object from 0 (Cityscapes). */
export const THOUSANDS: InstanceCoding = {
  firstInstance: 0,
  valueOf: (label, instance) => {
    if (instance === undefined) return label < 1000 ? label : undefined
    const value = label * 1000 + instance
    return label > 0 && instance < 1000 && value <= MAX_VALUE ? value : undefined
  },
  parse: (value) =>
    value < 1000 ? { label: value } : { label: Math.floor(value / 1000), instance: value % 1000 },
}

/** Class in the upper byte, object from 1 in the lower; 0 is the class alone (KITTI, Mapillary Vistas). */
export const BYTES: InstanceCoding = {
  firstInstance: 1,
  valueOf: (label, instance = 0) =>
    label < 256 && instance < 256 ? label * 256 + instance : undefined,
  parse: (value) =>
    value % 256 === 0 ? { label: value >> 8 } : { label: value >> 8, instance: value % 256 },
}

/** What the value of a mask is decided from. */
export interface MaskOwner {
  readonly category: Category
  /** The number of its class in this format. */
  readonly label: number
}

/**
 * Returns a function that gives each mask its number, to be called once for each in their order: the one
 * it has in `sourceId` when it fits; that of its class for what is no thing, and for crowds; else that of
 * the next object.
 */
export function instanceValues(
  masks: readonly AnnotationDraft[],
  ownerOf: (mask: AnnotationDraft) => MaskOwner | undefined,
  coding: InstanceCoding,
): (mask: AnnotationDraft) => number | undefined {
  const values = new Map<AnnotationDraft, number | undefined>()
  const used = new Set<number>()
  for (const mask of masks) {
    const owner = ownerOf(mask)
    const value = owner === undefined ? undefined : ownValue(mask, owner, coding)
    if (value === undefined || used.has(value)) continue
    used.add(value)
    values.set(mask, value)
  }
  const next = new Map<number, number>()
  for (const mask of masks) {
    const owner = ownerOf(mask)
    if (values.has(mask) || owner === undefined) continue
    values.set(mask, newValue(mask, owner, coding, { used, next }))
  }
  return (mask) => values.get(mask)
}

/** Returns whether the number of a class alone says that a mask is a crowd. */
export function isCrowdValue(
  { isThing }: Category,
  value: number,
  coding: InstanceCoding,
): boolean {
  return isThing === true && coding.parse(value).instance === undefined
}

function ownValue(
  { sourceId, crowd = false }: AnnotationDraft,
  { category, label }: MaskOwner,
  coding: InstanceCoding,
): number | undefined {
  if (typeof sourceId !== 'number' || !Number.isInteger(sourceId)) return undefined
  if (sourceId < 0 || sourceId > MAX_VALUE) return undefined
  const own = coding.parse(sourceId)
  if (own.label !== label || coding.valueOf(label, own.instance) !== sourceId) return undefined
  const isPlain = own.instance === undefined
  if (category.isThing === true && isPlain !== crowd) return undefined
  return sourceId
}

function newValue(
  { crowd = false }: AnnotationDraft,
  { category, label }: MaskOwner,
  coding: InstanceCoding,
  { used, next }: { readonly used: Set<number>; readonly next: Map<number, number> },
): number | undefined {
  if (crowd || category.isThing === false || coding.valueOf(label, 1) === undefined) {
    return coding.valueOf(label)
  }
  let instance = next.get(label) ?? coding.firstInstance
  let value = coding.valueOf(label, instance)
  while (value !== undefined && used.has(value)) value = coding.valueOf(label, ++instance)
  next.set(label, instance + 1)
  return value
}
