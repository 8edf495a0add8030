import { type AnnotatedItem, compileExpression, compileQuery, type Schema } from '@dsv/core'
import type { CustomFigures } from './statistics.ts'
import { valueTally } from './value-tally.ts'

/** What is counted at the wish of the caller. */
export interface CustomRequest {
  /** Queries by name: how many items and annotations match. */
  readonly counts?: Readonly<Record<string, string>>
  /** Expressions of the language of queries, whose values are counted. */
  readonly groups?: readonly string[]
}

/** Wishes that are counted as items come. */
export interface CustomTally {
  /** Returns what takes the items of a dataset. @throws `DSV_QUERY_SYNTAX` */
  of(schema: Schema, onWarning: (warning: string) => void): (item: AnnotatedItem) => void
  figures(): CustomFigures
}

/** Counts what queries match, and the values of expressions: at most 1,000 different ones of each. */
export function customTally({ counts = {}, groups = [] }: CustomRequest): CustomTally {
  const counted = Object.entries(counts).map(([name, query]) => ({
    name,
    query,
    items: 0,
    annotations: 0,
  }))
  const grouped = groups.map((expression) => ({ expression, tally: valueTally() }))
  return {
    of: (schema, onWarning) => {
      const queries = counted.map((sum) => ({ sum, query: compileQuery(sum.query, schema) }))
      const expressions = grouped.map(({ expression, tally }) => ({
        tally,
        expression: compileExpression(expression, schema),
      }))
      for (const { query } of queries) query.warnings.forEach(onWarning)
      for (const { expression } of expressions) expression.warnings.forEach(onWarning)
      return (item) => {
        for (const { sum, query } of queries) {
          if (query.matchesItem(item)) sum.items++
          sum.annotations += query.matchingAnnotations(item).length
        }
        for (const { tally, expression } of expressions) {
          const value = expression.at(item)
          if (expression.about === 'item') tally.add(value())
          else
            for (const [layer, annotations] of Object.entries(item.layers))
              for (const annotation of annotations) tally.add(value(layer, annotation))
        }
      }
    },
    figures: () => ({
      counts: counted,
      groups: grouped.map(({ expression, tally }) => ({
        expression,
        about: compileExpression(expression).about,
        ...tally.summary(),
      })),
    }),
  }
}
