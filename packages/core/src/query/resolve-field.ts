import { querySyntax } from '../errors.ts'
import { nearNames } from './near-names.ts'
import type { QueryNode } from './query-ast.ts'
import { QUERY_FIELDS, type QueryField } from './query-fields.ts'

/** A field of a query, and the names that follow it. */
export interface ResolvedField {
  readonly field: QueryField
  readonly names: readonly string[]
}

/**
 * Returns what a written field means.
 *
 * @throws `DSV_QUERY_SYNTAX` when there is no such field, with the fields it may be a misspelling of
 */
export function resolveField(
  node: QueryNode & { readonly type: 'field' },
  text: string,
): ResolvedField {
  const { path, at } = node
  const written = path.join('.')
  const two = path.length > 1 ? QUERY_FIELDS.get(path.slice(0, 2).join('.')) : undefined
  const field = two ?? QUERY_FIELDS.get(path[0] ?? '')
  const names = path.slice(two === undefined ? 1 : 2)
  if (field === undefined) throw unknownField(written, text, at)
  if (field.names === 'none' && names.length > 0) throw unknownField(written, text, at)
  if (field.names === 'one' && names.length !== 1) {
    const problem = `expected one name after "${field.name}."`
    throw querySyntax(problem, text, at, 'Quote a name with dots: attributes."a.b".')
  }
  if (field.names === 'several' && names.length === 0) {
    throw querySyntax(`expected a name after "${field.name}."`, text, at)
  }
  return { field, names }
}

function unknownField(written: string, text: string, at: number): Error {
  const shown = written.length > 60 ? `${written.slice(0, 60)}…` : written
  const [near] = nearNames(written, QUERY_FIELDS.keys())
  const hint =
    near === undefined
      ? `The fields are ${[...QUERY_FIELDS.keys()].join(', ')}; write a text in quotes: ${JSON.stringify(shown)}.`
      : `Did you mean ${near}? A text is written in quotes: ${JSON.stringify(shown)}.`
  return querySyntax(`there is no field "${shown}"`, text, at, hint)
}
