import type {
  Annotation,
  AnnotationDraft,
  Attributes,
  AttributeValue,
} from '../model/annotation.ts'
import { type Fields, isFields, isJson } from './record-reader.ts'

type Check = (value: unknown) => boolean
type Checks = Readonly<Record<string, Check>>

/** Returns whether the value is an annotation: right fields, right shapes, nothing unknown. */
export function isAnnotation(value: unknown): value is Annotation {
  return isFields(value) && annotationProblem(value) === undefined
}

/** Returns whether the value is an annotation without uid. */
export function isAnnotationDraft(value: unknown): value is AnnotationDraft {
  return isFields(value) && value.uid === undefined && draftProblem(value) === undefined
}

/** Returns what keeps a map from being an annotation, or undefined when it is one. */
export function annotationProblem(fields: Fields): string | undefined {
  if (typeof fields.uid !== 'string') return 'an annotation has no uid'
  return draftProblem(fields)
}

/** Returns whether annotations of a type can have a field. */
export function isFieldOf(type: string, name: string): boolean {
  return TYPES.get(type)?.checks.has(name) === true
}

/** Returns whether the value can be the attributes of an annotation or item. */
export function isAttributes(value: unknown): value is Attributes {
  return isFields(value) && Object.values(value).every(isAttributeValue)
}

function isAttributeValue(value: unknown): value is AttributeValue {
  if (Array.isArray(value)) return value.every(isAttributeValue)
  return value === null || isText(value) || isNumber(value) || isBoolean(value)
}

function draftProblem(fields: Fields): string | undefined {
  const type = TYPES.get(fields.type)
  if (type === undefined) return 'an annotation is of an unknown type'
  for (const name in type.required) {
    if (fields[name] === undefined) return `a ${String(fields.type)} has no field ${name}`
  }
  for (const name in fields) {
    const check = type.checks.get(name)
    if (check === undefined) return `a ${String(fields.type)} has an unknown field ${name}`
    if (!check(fields[name])) return `field ${name} of a ${String(fields.type)} is malformed`
  }
  return undefined
}

function isText(value: unknown): boolean {
  return typeof value === 'string'
}

function isNumber(value: unknown): boolean {
  return typeof value === 'number'
}

function isBoolean(value: unknown): boolean {
  return typeof value === 'boolean'
}

function isNameOrNumber(value: unknown): boolean {
  return isText(value) || isNumber(value)
}

function isNumbers(value: unknown): boolean {
  if (!Array.isArray(value)) return false
  // Unlike `every`, this makes no object of each number.
  for (let at = 0; at < value.length; at += 1) if (typeof value[at] !== 'number') return false
  return true
}

function isParts(value: unknown): boolean {
  if (!Array.isArray(value)) return false
  return value.every((part) => Array.isArray(part) && part.every(isNumbers))
}

function numbersOf(length: number): Check {
  return (value) => isNumbers(value) && Array.isArray(value) && value.length === length
}

function isJsonFields(value: unknown): boolean {
  return isFields(value) && isJson(value)
}

const COMMON: Checks = {
  uid: isText,
  type: isText,
  category: isText,
  attributes: isAttributes,
  score: isNumber,
  group: isNameOrNumber,
  track: isNameOrNumber,
  zOrder: isNumber,
  occluded: isBoolean,
  outside: isBoolean,
  truncated: isBoolean,
  sourceId: isNameOrNumber,
  provenance: isText,
  box: numbersOf(4),
  area: isNumber,
  crowd: isBoolean,
  extra: isJsonFields,
}

const MASK: Checks = { width: isNumber, height: isNumber, counts: isText }

const REQUIRED: Readonly<Record<AnnotationDraft['type'], Checks>> = {
  label: {},
  box: { x: isNumber, y: isNumber, width: isNumber, height: isNumber },
  'rotated-box': {
    cx: isNumber,
    cy: isNumber,
    width: isNumber,
    height: isNumber,
    angle: isNumber,
  },
  quad: { points: isNumbers },
  polygon: { parts: isParts },
  polyline: { points: isNumbers },
  points: { points: isNumbers, visibility: isNumbers },
  ellipse: { cx: isNumber, cy: isNumber, rx: isNumber, ry: isNumber, angle: isNumber },
  mask: MASK,
  'panoptic-segment': { ...MASK, segmentId: isNumber },
  'cuboid-2d': { points: isNumbers },
  'cuboid-3d': { position: numbersOf(3), rotation: numbersOf(3), size: numbersOf(3) },
  caption: { text: isText },
  text: { text: isText, parts: isParts },
  reference: {
    role: (value) => value === 'depth' || value === 'high-resolution' || value === 'mask',
    path: isText,
  },
  vector: { values: isNumbers },
  tabular: { values: isAttributes },
  'temporal-segment': { startSeconds: isNumber, endSeconds: isNumber },
  relation: { subject: isText, predicate: isText, object: isText },
}

const OPTIONAL: Readonly<Partial<Record<AnnotationDraft['type'], Checks>>> = {
  polyline: { closed: isBoolean },
  caption: { language: isText },
  reference: { unit: isText },
}

const OPTIONAL_BY_TYPE = new Map<string, Checks>(Object.entries(OPTIONAL))

const TYPES: ReadonlyMap<
  unknown,
  { readonly required: Checks; readonly checks: ReadonlyMap<string, Check> }
> = new Map(
  Object.entries(REQUIRED).map(([type, required]) => [
    type,
    {
      required,
      checks: new Map(Object.entries({ ...COMMON, ...required, ...OPTIONAL_BY_TYPE.get(type) })),
    },
  ]),
)
