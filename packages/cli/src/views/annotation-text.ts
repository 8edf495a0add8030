import type { Annotation, Geometry } from '@dsv/core'
import { countOf, numberText } from './quantities.ts'

/** Texts longer than this are cut. */
const MAX_TEXT = 60

/** Display names of categories by key. */
export type CategoryNames = ReadonlyMap<string, string>

/** Returns what an annotation is in two words: `box car`; a category that has no name by its key. */
export function annotationTitle(annotation: Annotation, names: CategoryNames): string {
  const { type, category } = annotation
  return category === undefined ? type : `${type} ${names.get(category) ?? category}`
}

/** Returns the shape of an annotation for people: `[10 20 30 40]`, `12 points`, `"a cat"`. */
export function shapeText(geometry: Geometry): string {
  switch (geometry.type) {
    case 'label':
      return ''
    case 'box':
      return numbers(geometry.x, geometry.y, geometry.width, geometry.height)
    case 'rotated-box': {
      const { cx, cy, width, height, angle } = geometry
      return `${numbers(cx, cy, width, height)} at ${degrees(angle)}`
    }
    case 'ellipse': {
      const { cx, cy, rx, ry, angle } = geometry
      return `${numbers(cx, cy, rx, ry)} at ${degrees(angle)}`
    }
    case 'quad':
    case 'cuboid-2d':
      return numbers(...geometry.points)
    case 'polygon':
      return polygonText(geometry.parts)
    case 'polyline':
    case 'points':
      return countOf(geometry.points.length / 2, 'point')
    case 'mask':
    case 'panoptic-segment':
      return `${geometry.width}×${geometry.height}, ${countOf(geometry.counts.length, 'byte')}`
    case 'cuboid-3d':
      return `at ${numbers(...geometry.position)} size ${numbers(...geometry.size)}`
    case 'caption':
    case 'text':
      return quotedText(geometry.text)
    case 'reference':
      return geometry.path
    case 'vector':
      return countOf(geometry.values.length, 'value')
    case 'tabular':
      return valueText(geometry.values)
    case 'temporal-segment':
      return `${numberText(geometry.startSeconds)}–${numberText(geometry.endSeconds)} s`
    case 'relation':
      return `${geometry.subject} ${geometry.predicate} ${geometry.object}`
  }
}

/** Returns any value of a record for people: short, on one line. */
export function valueText(value: unknown): string {
  if (value === undefined) return 'none'
  if (typeof value === 'number') return numberText(value)
  if (typeof value === 'string') return cut(oneLine(value))
  return cut(JSON.stringify(value))
}

function polygonText(parts: readonly (readonly (readonly number[])[])[]): string {
  const rings = parts.flat()
  const points = rings.reduce((sum, ring) => sum + ring.length / 2, 0)
  const holes = rings.length - parts.length
  return [
    countOf(points, 'point'),
    ...(parts.length > 1 ? [countOf(parts.length, 'part')] : []),
    ...(holes > 0 ? [countOf(holes, 'hole')] : []),
  ].join(', ')
}

function numbers(...values: readonly number[]): string {
  return `[${values.map(numberText).join(' ')}]`
}

function degrees(radians: number): string {
  return `${numberText((radians * 180) / Math.PI)}°`
}

function quotedText(text: string): string {
  return JSON.stringify(cut(text))
}

function cut(text: string): string {
  return text.length > MAX_TEXT ? `${text.slice(0, MAX_TEXT - 1)}…` : text
}

/** Names come from files of strangers: control characters would reach the terminal. */
export function oneLine(text: string): string {
  return text.replaceAll(
    /\p{Cc}/gu,
    (character) =>
      SHORT_ESCAPES.get(character) ??
      String.raw`\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`,
  )
}

const SHORT_ESCAPES: ReadonlyMap<string, string> = new Map([
  ['\n', String.raw`\n`],
  ['\r', String.raw`\r`],
  ['\t', String.raw`\t`],
])
