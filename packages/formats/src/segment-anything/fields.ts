import type { AttributeValue } from '@dsv/core'

/** Fields of a mask that are attributes: a number, or (nested) lists of numbers. */
const ATTRIBUTES: ReadonlyMap<string, (value: AttributeValue) => boolean> = new Map([
  ['predicted_iou', isNumber],
  ['stability_score', isNumber],
  ['point_coords', isNumberLists],
  ['crop_box', isNumberLists],
])

/** Fields that say something else of a mask. */
export const OTHER_FIELDS: ReadonlySet<string> = new Set(['id', 'segmentation', 'bbox', 'area'])

/** Returns whether a field of a mask is an attribute, and `value` what it may say. */
export function isMaskAttribute(name: string, value: AttributeValue): boolean {
  return ATTRIBUTES.get(name)?.(value) === true
}

function isNumber(value: AttributeValue): boolean {
  return typeof value === 'number' && Number.isFinite(value)
}

function isNumberLists(value: AttributeValue): boolean {
  return Array.isArray(value) && value.every((each) => isNumber(each) || isNumberLists(each))
}
