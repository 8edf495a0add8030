import { nearNames } from '@dsv/core'
import { valueAt } from '../parameters/value-at.ts'
import type { Budget } from './budget.ts'
import { failAt, type Place, within } from './pipeline-document.ts'
import { renderText } from './render-text.ts'
import { parseExpression, parseTemplate, withoutEscapes } from './template.ts'
import { renderArguments, type ParsingRules } from './render-arguments.ts'
import { isList, isMap, kindOf, type Value, type ValueMap } from './value.ts'

/** Where names in templates come from. */
export interface Scope {
  /** `item` and `key` of a `foreach` or `matrix`; they count first. */
  readonly loop: ValueMap
  readonly variables: ValueMap
  readonly budget: Budget
  readonly rules: ParsingRules
}

/** What a template alone in its text may stand for beside a text, number, boolean or nothing. */
export type Allowed = 'scalars' | 'arguments' | 'anything'

/**
 * Returns a value with all templates in its texts and keys filled in. A text that is one expression becomes what it
 * stands for, with its type.
 *
 * @param allowed - What an expression may stand for; `arguments` are a mapping that is written as options of a command
 * @throws `DSV_PIPELINE_INVALID`
 */
export function fillTemplates(value: Value, scope: Scope, place: Place, allowed: Allowed): Value {
  if (typeof value === 'string') return fillText(value, scope, place, allowed)
  scope.budget.spend(1, place)
  if (isList(value))
    return value.map((each, index) => fillTemplates(each, scope, within(place, index), allowed))
  if (!isMap(value)) return value
  const filled = new Map<string, Value>()
  for (const [key, each] of value) {
    const at = within(place, key)
    const name = fillText(key, scope, at, 'scalars')
    filled.set(renderText(name), fillTemplates(each, scope, at, allowed))
  }
  return filled
}

/** Checks that a value holds no templates. @throws `DSV_PIPELINE_INVALID` */
export function checkNoTemplates(value: Value, place: Place): void {
  if (typeof value === 'string' && parseTemplate(value).expressions.length > 0)
    throw failAt(place, 'holds ${…}, which cannot stand here')
  if (isList(value))
    for (const [index, each] of value.entries()) checkNoTemplates(each, within(place, index))
  if (isMap(value))
    for (const [key, each] of value) {
      checkNoTemplates(key, within(place, key))
      checkNoTemplates(each, within(place, key))
    }
}

function fillText(text: string, scope: Scope, place: Place, allowed: Allowed): Value {
  scope.budget.spend(text.length + 1, place)
  const { texts, expressions } = parseTemplate(text)
  const [only] = expressions
  if (only === undefined) return withoutEscapes(text)
  if (expressions.length === 1 && texts.every((each) => each === '')) {
    const value = select(only, scope, place)
    if (allowed === 'anything' || !(isList(value) || isMap(value))) return value
    return renderInText(value, only, scope, place, allowed)
  }
  const parts = [texts[0] ?? '']
  for (const [index, expression] of expressions.entries()) {
    const value = select(expression, scope, place)
    const rendered = renderInText(value, expression, scope, place, allowed)
    scope.budget.spend(rendered.length, place)
    parts.push(rendered, texts[index + 1] ?? '')
  }
  return withoutEscapes(parts.join(''))
}

function renderInText(
  value: Value,
  expression: string,
  { rules }: Scope,
  place: Place,
  allowed: Allowed,
): string {
  if (!isList(value) && !isMap(value)) return renderText(value)
  if (allowed !== 'arguments' || !isMap(value))
    throw failAt(place, `has \${${expression}}, which is ${kindOf(value)}, where a text is needed`)
  return renderArguments(value, rules, (problem) =>
    failAt(place, `has \${${expression}}, ${problem}`),
  )
}

function select(expression: string, { loop, variables }: Scope, place: Place): Value {
  const keys = parseExpression(expression)
  if (keys === undefined) throw failAt(place, `has \${${expression}}, which is no name of a value`)
  const [first = ''] = keys
  const names = loop.has(first) ? loop : variables
  const value = valueAt(names, keys)
  if (value !== undefined) return value
  const near = nearExpression(names, keys) ?? nearExpression(loop, keys)
  const guess = near === undefined ? '' : `Is \${${near}} meant? `
  throw failAt(
    place,
    `has \${${expression}}, but there is no such value`,
    `${guess}Values come from params.yaml beside the file and from \`vars\`.`,
  )
}

/** Returns what may be meant, as far as the first key that is not there. */
function nearExpression(names: ValueMap, keys: readonly string[]): string | undefined {
  const missing = keys.findIndex(
    (_, index) => valueAt(names, keys.slice(0, index + 1)) === undefined,
  )
  const above = valueAt(names, keys.slice(0, missing))
  const [near] = isMap(above) ? nearNames(keys[missing] ?? '', above.keys()) : []
  return near && [...keys.slice(0, missing), near].join('.')
}
