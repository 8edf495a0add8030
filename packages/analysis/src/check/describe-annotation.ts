import type { Annotation, Schema } from '@dsv/core'

/** Returns a short name of an annotation for people: `box "car"`. */
export type DescribeAnnotation = (annotation: Annotation) => string

/** Returns how annotations under a schema are called. */
export function annotationNames(schema: Schema): DescribeAnnotation {
  const nameOf = categoryNames(schema)
  return ({ type, category }) =>
    category === undefined ? `${type} without a category` : `${type} ${nameOf(category)}`
}

/** Returns how categories are called: their display name in quotes, else their key. */
export function categoryNames(schema: Schema): (key: string) => string {
  const names = new Map(schema.categories.map(({ key, name }) => [key, name]))
  return (key) => quoted(names.get(key) ?? key)
}

/** Returns text from a dataset in quotes, cut where it is long. */
export function quoted(text: string): string {
  return JSON.stringify(text.length > 80 ? `${text.slice(0, 80)}…` : text)
}

/** Returns a number for people: at most two decimals. */
export function rounded(value: number): string {
  return String(Math.round(value * 100) / 100)
}
