import {
  type AnnotationDraft,
  type AttributeValue,
  formatCounts,
  type Json,
  parseCounts,
} from '@dsv/core'
import {
  isArray,
  isNumbers,
  isObject,
  type JsonPlace,
  objectAt,
  placeOf,
  wrongValue,
} from '../shared/json-reader.ts'
import { isMaskAttribute, OTHER_FIELDS } from './fields.ts'

/** Returns the mask that one record says. @throws `DSV_FORMAT_SYNTAX` */
export function readMaskRecord(json: Json, place: JsonPlace): AnnotationDraft {
  const record = objectAt(json, place)
  const { id, segmentation, bbox, area } = record
  const attributes: [string, AttributeValue][] = []
  const rest: [string, Json][] = []
  for (const [name, value] of Object.entries(record)) {
    if (isAttribute(value) && isMaskAttribute(name, value)) attributes.push([name, value])
    else if (!OTHER_FIELDS.has(name)) rest.push([name, value])
  }
  return {
    ...readRuns(segmentation, placeOf(place, 'segmentation')),
    ...readId(id, placeOf(place, 'id')),
    ...readBox(bbox, placeOf(place, 'bbox')),
    ...readArea(area, placeOf(place, 'area')),
    ...(attributes.length > 0 && { attributes: Object.fromEntries(attributes) }),
    ...(rest.length > 0 && { extra: { 'segment-anything': Object.fromEntries(rest) } }),
  }
}

function isAttribute(value: Json): value is AttributeValue {
  return isArray(value) ? value.every(isAttribute) : !isObject(value)
}

function readRuns(
  value: Json | undefined,
  place: JsonPlace,
): AnnotationDraft & { readonly type: 'mask' } {
  const { size, counts } = objectAt(value, place)
  if (!isNumbers(size) || size.length !== 2 || !size.every(isCount)) {
    throw wrongValue(placeOf(place, 'size'), 'should be height and width')
  }
  const [height = 0, width = 0] = size
  if (typeof counts === 'string') {
    if (parseCounts(counts) === undefined) {
      throw wrongValue(placeOf(place, 'counts'), 'is no run-length string')
    }
    return { type: 'mask', width, height, counts }
  }
  if (!isNumbers(counts) || !counts.every(isCount)) {
    throw wrongValue(placeOf(place, 'counts'), 'should be run lengths')
  }
  return { type: 'mask', width, height, counts: formatCounts(counts) }
}

function isCount(value: number): boolean {
  return Number.isSafeInteger(value) && value >= 0
}

function readId(value: Json | undefined, place: JsonPlace): Pick<AnnotationDraft, 'sourceId'> {
  if (value === undefined) return {}
  if (typeof value === 'number' || typeof value === 'string') return { sourceId: value }
  throw wrongValue(place, 'should be a number')
}

function readBox(value: Json | undefined, place: JsonPlace): Pick<AnnotationDraft, 'box'> {
  if (value === undefined || value === null || (isArray(value) && value.length === 0)) return {}
  if (!isNumbers(value) || value.length !== 4) throw wrongValue(place, 'should hold 4 numbers')
  const [x = 0, y = 0, width = 0, height = 0] = value
  return { box: [x, y, width, height] }
}

function readArea(value: Json | undefined, place: JsonPlace): Pick<AnnotationDraft, 'area'> {
  if (value === undefined || value === null) return {}
  if (typeof value === 'number' && Number.isFinite(value)) return { area: value }
  throw wrongValue(place, 'should be a number')
}
