import type { Annotation, BoxNumbers } from '@dsv/core'

const FIELDS: readonly string[] = [
  'x',
  'y',
  'width',
  'height',
  'cx',
  'cy',
  'rx',
  'ry',
  'angle',
  'points',
  'visibility',
  'parts',
  'position',
  'rotation',
  'size',
  'startSeconds',
  'endSeconds',
]
const TEXTS: readonly string[] = [
  'counts',
  'text',
  'language',
  'path',
  'role',
  'subject',
  'predicate',
  'object',
  'segmentId',
  'closed',
]

/** Returns whether all numbers that say where an annotation is, its score and its vector are finite. */
export function hasOnlyFiniteNumbers(annotation: Annotation): boolean {
  const fields = new Set([...FIELDS, 'box', 'area', 'score', 'zOrder', 'values'])
  if (annotation.type === 'tabular') fields.delete('values')
  return Object.entries(annotation).every(([name, value]) => !fields.has(name) || isFinite(value))
}

/** Returns text that is the same for annotations of one type, category and geometry alone. */
export function statementKey(annotation: Annotation): string {
  const said = [...FIELDS, ...TEXTS, 'values']
  const fields = new Map<string, unknown>(Object.entries(annotation))
  return JSON.stringify([
    annotation.type,
    annotation.category,
    said.map((name) => fields.get(name)),
  ])
}

/** Returns the box that an annotation is, or that its source states beside it. */
export function boxOf(annotation: Annotation): BoxNumbers | undefined {
  if (annotation.type !== 'box') return annotation.box
  const { x, y, width, height } = annotation
  return [x, y, width, height]
}

/** Geometry is lists of numbers, of lists of numbers, and so on; hostile input may nest more. */
function isFinite(value: unknown, depth = 0): boolean {
  if (typeof value === 'number') return Number.isFinite(value)
  if (Array.isArray(value)) return depth < 5 && value.every((each) => isFinite(each, depth + 1))
  return true
}
