import type { Annotation } from '../model/annotation.ts'
import type { AnnotatedItem } from '../model/item.ts'
import type { Schema } from '../model/schema.ts'
import { compileCondition } from './compile-condition.ts'
import { parseQuery } from './parse-query.ts'
import { pinnedValues } from './pinned-values.ts'
import type { QueryNode } from './query-ast.ts'
import { dependsOnAnnotation, type QueryCompiler, queryCompiler } from './query-compiler.ts'
import { enterAnnotation, type QueryScope, type Test } from './query-scope.ts'

/** What has to be read to answer a query. */
export interface QueryUses {
  /** The fields of items that occur: `subset`, `media.width`, `item.attributes.weather`. */
  readonly items: readonly string[]
  /** The fields of annotations that occur, inside functions too. */
  readonly annotations: readonly string[]
  /** The only layers that `matchesItem` looks at; undefined for all. */
  readonly layers: readonly string[] | undefined
}

/** An annotation, and the layer it is in. */
export interface LayeredAnnotation {
  readonly layer: string
  readonly annotation: Annotation
}

/** A compiled query; it holds no state, and costs no parsing again. */
export interface Query {
  readonly text: string
  readonly uses: QueryUses
  /** False when items alone decide, so that their annotations need not be read. */
  readonly needsAnnotations: boolean
  /** The only subsets in which items can match; undefined for all. */
  readonly subsets: readonly string[] | undefined
  /** What is probably a mistake: a category that the schema does not have. Sentences for people. */
  readonly warnings: readonly string[]
  /** Returns whether an item matches. */
  readonly matchesItem: (item: AnnotatedItem) => boolean
  /**
   * Returns the annotations with which the item matches, in the order of the item; all of them when
   * the query says nothing about single annotations and the item matches.
   */
  readonly matchingAnnotations: (item: AnnotatedItem) => readonly LayeredAnnotation[]
}

/**
 * Compiles a query; `docs/query-language.md` describes the language.
 *
 * The query is asked of each pair of an item and one of its annotations, and an item matches when one
 * of its pairs does. An item without annotations matches when the query holds whatever an annotation
 * might say. `exists`, `count` and their like look at all annotations of the item by themselves.
 *
 * @param schema gives the display names of categories; without it categories are known by key only,
 *   and there are no warnings.
 * @throws `DSV_QUERY_SYNTAX`
 */
export function compileQuery(text: string, schema?: Schema): Query {
  const root = parseQuery(text)
  const compiler = queryCompiler(text, schema)
  const test = compileCondition(compiler, root)
  const isOfAnnotations = dependsOnAnnotation(root)
  const layers = isOfAnnotations ? [pinnedValues(root, 'layer')] : []
  const subsets = pinnedValues(root, 'subset')
  return {
    text,
    uses: {
      items: [...compiler.itemFields],
      annotations: [...compiler.annotationFields],
      layers: union([...layers, ...compiler.aggregateLayers]),
    },
    needsAnnotations: isOfAnnotations || compiler.aggregateLayers.length > 0,
    subsets: subsets === undefined ? undefined : [...subsets],
    warnings: [...compiler.warnings],
    matchesItem: isOfAnnotations
      ? pairMatcher(test, certainty(compiler, root))
      : (item) => test(scopeOf(item)),
    matchingAnnotations: (item) => matchingPairs(item, test, isOfAnnotations),
  }
}

/** Three values: undefined where it depends on what an annotation says. */
type Certainty = (scope: QueryScope) => boolean | undefined

function pairMatcher(test: Test, certainlyHolds: Certainty): (item: AnnotatedItem) => boolean {
  return (item) => {
    const scope = scopeOf(item)
    let isBare = true
    for (const [layer, annotations] of Object.entries(item.layers)) {
      for (const annotation of annotations) {
        isBare = false
        enterAnnotation(scope, layer, annotation)
        if (test(scope)) return true
      }
    }
    return isBare && certainlyHolds(scope) === true
  }
}

function matchingPairs(
  item: AnnotatedItem,
  test: Test,
  isOfAnnotations: boolean,
): readonly LayeredAnnotation[] {
  const scope = scopeOf(item)
  if (!isOfAnnotations && !test(scope)) return []
  const found: LayeredAnnotation[] = []
  for (const [layer, annotations] of Object.entries(item.layers)) {
    for (const annotation of annotations) {
      enterAnnotation(scope, layer, annotation)
      if (!isOfAnnotations || test(scope)) found.push({ layer, annotation })
    }
  }
  return found
}

function certainty(compiler: QueryCompiler, node: QueryNode): Certainty {
  if (!dependsOnAnnotation(node)) return compileCondition(compiler, node)
  if (node.type === 'not') {
    const operand = certainty(compiler, node.operand)
    return (scope) => {
      const holds = operand(scope)
      return holds === undefined ? undefined : !holds
    }
  }
  if (node.type !== 'and' && node.type !== 'or') return () => undefined
  const decisive = node.type === 'or'
  const operands = node.operands.map((operand) => certainty(compiler, operand))
  return (scope) => {
    let result: boolean | undefined = !decisive
    for (const operand of operands) {
      const holds = operand(scope)
      if (holds === decisive) return decisive
      if (holds === undefined) result = undefined
    }
    return result
  }
}

function scopeOf(item: AnnotatedItem): QueryScope {
  return { item, annotation: undefined, layer: '', bounds: undefined, aggregates: [] }
}

function union(sets: readonly (ReadonlySet<string> | undefined)[]): readonly string[] | undefined {
  const all = new Set<string>()
  for (const set of sets) {
    if (set === undefined) return undefined
    for (const value of set) all.add(value)
  }
  return [...all]
}
