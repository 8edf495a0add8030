import type { Annotation } from '../model/annotation.ts'
import type { AnnotatedItem } from '../model/item.ts'
import type { Schema } from '../model/schema.ts'
import { compileValue } from './compile-condition.ts'
import { parseQuery } from './parse-query.ts'
import { dependsOnAnnotation, queryCompiler } from './query-compiler.ts'
import { enterAnnotation, type QueryScope, type QueryValue } from './query-scope.ts'

/** Any expression of the language of queries: a field, arithmetic, a function, a condition. */
export interface Expression {
  readonly text: string
  /** Whether its value is one of the item, or one of each annotation. */
  readonly about: 'item' | 'annotation'
  /** What is probably a mistake. Sentences for people. */
  readonly warnings: readonly string[]
  /** Goes to an item. What it returns gives the value there, or at one of its annotations. */
  readonly at: (item: AnnotatedItem) => (layer?: string, annotation?: Annotation) => QueryValue
}

/**
 * Compiles an expression whose values are wanted: `subset`, `width / height`, `count(category = "car")`,
 * `attributes.color`. What is not there is null.
 *
 * @param schema - As for `compileQuery`
 * @throws `DSV_QUERY_SYNTAX`
 */
export function compileExpression(text: string, schema?: Schema): Expression {
  const root = parseQuery(text)
  const compiler = queryCompiler(text, schema)
  const value = compileValue(compiler, root)
  return {
    text,
    about: dependsOnAnnotation(root) ? 'annotation' : 'item',
    warnings: [...compiler.warnings],
    at: (item) => {
      const scope: QueryScope = {
        item,
        annotation: undefined,
        layer: '',
        bounds: undefined,
        aggregates: [],
      }
      return (layer, annotation) => {
        if (annotation !== undefined) enterAnnotation(scope, layer ?? '', annotation)
        return value(scope)
      }
    },
  }
}
