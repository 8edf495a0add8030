import type { Annotation, AttributeValue, BoxNumbers } from '../model/annotation.ts'
import type { AnnotatedItem } from '../model/item.ts'
import type { Json } from '../model/json.ts'

/** What an expression can be: null also stands for everything that is not there. */
export type QueryValue = AttributeValue | Json

/** Where an expression is evaluated: on an item, and on one of its annotations. */
export interface QueryScope {
  item: AnnotatedItem
  annotation: Annotation | undefined
  layer: string
  /** The bounds of the annotation, once they were asked for; null when it has none. */
  bounds: BoxNumbers | null | undefined
  /** The values of the aggregates on this item, once they are known. */
  aggregates: QueryValue[]
}

/** Computes the value of an expression. */
export type Evaluate = (scope: QueryScope) => QueryValue

/** Tells whether a condition holds. */
export type Test = (scope: QueryScope) => boolean

/** Moves a scope to an annotation. */
export function enterAnnotation(scope: QueryScope, layer: string, annotation: Annotation): void {
  scope.layer = layer
  scope.annotation = annotation
  scope.bounds = undefined
}
