import type { Schema } from '../model/schema.ts'
import { type CategoryIndex, categoryIndex } from './category-index.ts'
import { nearNames } from './near-names.ts'
import type { QueryNode } from './query-ast.ts'
import { type FieldKind, QUERY_FIELDS } from './query-fields.ts'

/** After so many warnings nobody reads on, and looking for near names costs time. */
const MAX_WARNINGS = 20

/** What is known and what was found out while a query is compiled. */
export interface QueryCompiler {
  readonly text: string
  readonly index: CategoryIndex
  /** Undefined when nothing is known of the dataset. */
  readonly schema: Schema | undefined
  readonly warnings: Set<string>
  readonly itemFields: Set<string>
  readonly annotationFields: Set<string>
  /** One entry for each aggregate: the layers it can look at, undefined for all. */
  readonly aggregateLayers: (ReadonlySet<string> | undefined)[]
}

/** Returns the state in which a compilation begins. */
export function queryCompiler(text: string, schema?: Schema): QueryCompiler {
  return {
    text,
    schema,
    index: categoryIndex(schema),
    warnings: new Set(),
    itemFields: new Set(),
    annotationFields: new Set(),
    aggregateLayers: [],
  }
}

/** Returns whether the value of a node depends on one annotation: aggregates do not. */
export function dependsOnAnnotation(node: QueryNode): boolean {
  switch (node.type) {
    case 'literal':
    case 'aggregate':
      return false
    case 'field':
      return fieldOf(node)?.about === 'annotation'
    case 'and':
    case 'or':
      return node.operands.some(dependsOnAnnotation)
    case 'arithmetic':
      return (
        dependsOnAnnotation(node.first) ||
        node.rest.some((step) => dependsOnAnnotation(step.operand))
      )
    case 'comparison':
    case 'text':
      return dependsOnAnnotation(node.left) || dependsOnAnnotation(node.right)
    case 'not':
    case 'negate':
    case 'in':
    case 'match':
    case 'null':
      break
  }
  return dependsOnAnnotation(node.operand)
}

/** Returns what the values of a node are, apart from null; null is of any kind. */
export function kindOf(node: QueryNode): FieldKind {
  switch (node.type) {
    case 'literal':
      return kindOfLiteral(node.value)
    case 'field':
      return fieldOf(node)?.kind ?? 'any'
    case 'arithmetic':
    case 'negate':
      return 'number'
    case 'aggregate':
      return node.name === 'exists' ? 'boolean' : 'number'
    case 'and':
    case 'or':
    case 'not':
    case 'comparison':
    case 'text':
    case 'in':
    case 'match':
    case 'null':
      break
  }
  return 'boolean'
}

/** Returns whether a node is the field `category` itself. */
export function isCategory(node: QueryNode): boolean {
  if (node.type !== 'field') return false
  const name = fieldOf(node)?.name
  return name === 'category' || name === 'label'
}

/** Warns of a category that the schema does not have. */
export function checkCategory(compiler: QueryCompiler, name: string): void {
  const { names } = compiler.index
  if (compiler.schema === undefined || names.has(name)) return
  if (compiler.warnings.size >= MAX_WARNINGS) return
  const [near] = nearNames(name, names)
  const question = near === undefined ? '' : `; did you mean "${near}"?`
  compiler.warnings.add(`There is no category "${name}"${question}`)
}

/** Warns of an attribute of annotations that the schema does not have, when it has any. */
export function checkAttribute(compiler: QueryCompiler, name: string): void {
  const known = compiler.index.attributes
  if (known.size === 0 || known.has(name) || compiler.warnings.size >= MAX_WARNINGS) return
  const [near] = nearNames(name, known)
  const question =
    near === undefined
      ? `; an attribute of the item is item.attributes.${name}`
      : `; did you mean "${near}"?`
  compiler.warnings.add(`Annotations have no attribute "${name}"${question}`)
}

/** Warns of a comparison that can never hold. */
export function checkKinds(compiler: QueryCompiler, left: QueryNode, right: QueryNode): void {
  const [a, b] = [kindOf(left), kindOf(right)]
  if (a === b || a === 'any' || b === 'any') return
  if (compiler.warnings.size >= MAX_WARNINGS) return
  const of = left.type === 'field' ? left.path.join('.') : 'the left side'
  compiler.warnings.add(`A ${a} is compared with a ${b}: ${of} is never equal to it`)
}

function kindOfLiteral(value: string | number | boolean | null): FieldKind {
  if (value === null) return 'any'
  if (typeof value === 'string') return 'text'
  return typeof value === 'number' ? 'number' : 'boolean'
}

function fieldOf(node: QueryNode & { readonly type: 'field' }) {
  const { path } = node
  return QUERY_FIELDS.get(path.slice(0, 2).join('.')) ?? QUERY_FIELDS.get(path[0] ?? '')
}
