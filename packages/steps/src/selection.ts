import { type AnnotatedItem, type Annotation, compileQuery, type Schema } from '@dsv/core'
import type { StepContext } from './step.ts'

/** What a query selects; all where there is no query. */
export interface Selection {
  readonly hasItem: (item: AnnotatedItem) => boolean
  /** Returns those of the annotations of an item that are selected. */
  readonly annotationsOf: (item: AnnotatedItem) => ReadonlySet<Annotation>
}

/** Returns the selection of a query. @throws `DSV_QUERY_SYNTAX` */
export function selectionOf(
  where: string | undefined,
  schema: Schema,
  { onNote }: Pick<StepContext, 'onNote'>,
): Selection {
  if (where === undefined)
    return {
      hasItem: () => true,
      annotationsOf: (item) => new Set(Object.values(item.layers).flat()),
    }
  const query = compileQuery(where, schema)
  for (const warning of query.warnings) onNote({ what: warning, where })
  return {
    hasItem: query.matchesItem,
    annotationsOf: (item) =>
      new Set(query.matchingAnnotations(item).map(({ annotation }) => annotation)),
  }
}
