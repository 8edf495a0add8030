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

const STATED: readonly string[] = [...FIELDS, ...TEXTS, 'values']
const NUMBERS: ReadonlySet<string> = new Set([...FIELDS, 'values'])

/** Returns whether all numbers that say where an annotation is, its score and its vector are finite. */
export function hasOnlyFiniteNumbers(annotation: Annotation): boolean {
  const { area = 0, score = 0, zOrder = 0, box } = annotation
  if (![area, score, zOrder].every(Number.isFinite)) return false
  return (box === undefined || isFinite(box)) && isFiniteShape(annotation)
}

/** The frequent types are looked at without a list of their fields. */
function isFiniteShape(annotation: Annotation): boolean {
  if (annotation.type === 'box')
    return [annotation.x, annotation.y, annotation.width, annotation.height].every(Number.isFinite)
  if (annotation.type === 'polygon') return isFinite(annotation.parts)
  if (annotation.type === 'mask') return isFinite([annotation.width, annotation.height])
  if (UNPLACED.has(annotation.type)) return true
  return Object.entries(annotation).every(([name, value]) => !NUMBERS.has(name) || isFinite(value))
}

/** Types without numbers that say where something is; those of a row may be anything. */
const UNPLACED: ReadonlySet<string> = new Set(['label', 'caption', 'tabular'])

/** Returns whether two annotations have the same type, category and geometry. */
export function saySame(a: Annotation, b: Annotation): boolean {
  return a.type === b.type && a.category === b.category && statement(a) === statement(b)
}

/** Returns a few characters that are the same for annotations that say the same, and mostly differ for others. */
export function roughStatement(annotation: Annotation): string {
  const { type, category = '' } = annotation
  if (type === 'box') return `${category} ${annotation.x} ${annotation.y} ${annotation.width}`
  if (type === 'polygon') {
    const [[ring = []] = []] = annotation.parts
    return `${category} ${ring.length} ${ring[0]} ${ring[1]} ${ring[2]}`
  }
  if (type === 'points') return `${category} ${annotation.points[0]} ${annotation.points[1]}`
  if (type === 'mask')
    return `${category} ${annotation.counts.length} ${annotation.counts.slice(0, 20)}`
  return `${type} ${category}`
}

function statement(annotation: Annotation): string {
  const fields = new Map<string, unknown>(Object.entries(annotation))
  return JSON.stringify(STATED.map((name) => fields.get(name)))
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
  if (!Array.isArray(value)) return true
  if (depth > 4) return false
  for (const each of value)
    if (typeof each === 'number' ? !Number.isFinite(each) : !isFinite(each, depth + 1)) return false
  return true
}
