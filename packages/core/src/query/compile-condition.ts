import { querySyntax } from '../errors.ts'
import { aggregateValue } from './aggregate-value.ts'
import { compilePattern } from './compile-pattern.ts'
import { pinnedValues } from './pinned-values.ts'
import type { LiteralValue, QueryNode } from './query-ast.ts'
import {
  checkAttribute,
  checkCategory,
  checkKinds,
  isCategory,
  kindOf,
  type QueryCompiler,
} from './query-compiler.ts'
import type { Evaluate, QueryScope, QueryValue, Test } from './query-scope.ts'
import { resolveField } from './resolve-field.ts'
import { calculate, isAtMost, isBelow, TEXT_TESTS } from './value-operations.ts'

/**
 * Compiles a condition to a closure.
 *
 * @throws `DSV_QUERY_SYNTAX` when the node is no condition, or a field is unknown
 */
export function compileCondition(compiler: QueryCompiler, node: QueryNode): Test {
  switch (node.type) {
    case 'and':
      return allOf(node.operands.map((operand) => compileCondition(compiler, operand)))
    case 'or':
      return anyOf(node.operands.map((operand) => compileCondition(compiler, operand)))
    case 'not': {
      const holds = compileCondition(compiler, node.operand)
      return (scope) => !holds(scope)
    }
    case 'comparison':
      return compileComparison(compiler, node)
    case 'text':
      return compileText(compiler, node)
    case 'in':
      return negatedIf(node.negated, compileIn(compiler, node))
    case 'match':
      return negatedIf(node.negated, compileMatch(compiler, node))
    case 'null': {
      const value = compileValue(compiler, node.operand)
      return negatedIf(node.negated, (scope) => value(scope) === null)
    }
    case 'literal':
    case 'field':
    case 'negate':
    case 'arithmetic':
    case 'aggregate':
      break
  }
  return compileTruth(compiler, node)
}

/** A value that stands alone holds when it is true; one that can never be true is a mistake. */
function compileTruth(compiler: QueryCompiler, node: QueryNode): Test {
  const value = compileValue(compiler, node)
  const kind = kindOf(node)
  const canHold = kind === 'boolean' || (kind === 'any' && node.type !== 'literal')
  if (canHold) return (scope) => value(scope) === true
  const written = node.type === 'field' ? `"${node.path.join('.')}"` : 'this'
  const found = node.type === 'literal' && node.value === null ? 'null' : `a ${kind}`
  throw querySyntax(
    `expected a condition, but ${written} is ${found}`,
    compiler.text,
    node.at,
    'Compare it with something: "=", "<", "in", "is not null".',
  )
}

function compileComparison(
  compiler: QueryCompiler,
  node: QueryNode & { readonly type: 'comparison' },
): Test {
  const { left, right, operator } = node
  checkKinds(compiler, left, right)
  if (operator === '=' || operator === '!=') {
    return negatedIf(operator === '!=', compileEquality(compiler, left, right))
  }
  const a = compileValue(compiler, left)
  const b = compileValue(compiler, right)
  switch (operator) {
    case '<':
      return (scope) => isBelow(a(scope), b(scope))
    case '>':
      return (scope) => isBelow(b(scope), a(scope))
    case '<=':
      return (scope) => isAtMost(a(scope), b(scope))
    case '>=':
      break
  }
  return (scope) => isAtMost(b(scope), a(scope))
}

function compileEquality(compiler: QueryCompiler, left: QueryNode, right: QueryNode): Test {
  if (isCategory(left)) return compileIsCategory(compiler, left, right)
  if (isCategory(right)) return compileIsCategory(compiler, right, left)
  const a = compileValue(compiler, left)
  const b = compileValue(compiler, right)
  if (right.type === 'literal') {
    const { value } = right
    return (scope) => a(scope) === value
  }
  return (scope) => a(scope) === b(scope)
}

function compileIsCategory(compiler: QueryCompiler, field: QueryNode, other: QueryNode): Test {
  const name = compileValue(compiler, field)
  const value = compileValue(compiler, other)
  if (other.type === 'literal') return isOneOfCategories(compiler, [other.value])
  return (scope) => {
    const wanted = value(scope)
    return wanted === name(scope) || (wanted !== null && wanted === scope.annotation?.category)
  }
}

function isOneOfCategories(compiler: QueryCompiler, values: readonly LiteralValue[]): Test {
  const names = values.filter((value) => typeof value === 'string')
  for (const name of names) checkCategory(compiler, name)
  const keys = new Set(names.flatMap((name) => [...compiler.index.keysCalled(name)]))
  const isNone = values.includes(null)
  return (scope) => {
    const key = scope.annotation?.category
    return key === undefined ? isNone : keys.has(key)
  }
}

function compileIn(compiler: QueryCompiler, node: QueryNode & { readonly type: 'in' }): Test {
  const value = compileValue(compiler, node.operand)
  if (isCategory(node.operand)) return isOneOfCategories(compiler, node.values)
  const values: ReadonlySet<QueryValue> = new Set(node.values)
  return (scope) => values.has(value(scope))
}

function compileText(compiler: QueryCompiler, node: QueryNode & { readonly type: 'text' }): Test {
  const left = compileValue(compiler, node.left)
  const right = compileValue(compiler, node.right)
  const kind = kindOf(node.left)
  const expected = node.operator === 'has' ? 'list' : 'text'
  if (kind !== 'any' && kind !== expected) {
    throw querySyntax(
      `expected a ${expected} before "${node.operator}", found a ${kind}`,
      compiler.text,
      node.left.at,
    )
  }
  const holds = TEXT_TESTS[node.operator]
  return (scope) => holds(left(scope), right(scope))
}

function compileMatch(compiler: QueryCompiler, node: QueryNode & { readonly type: 'match' }): Test {
  const value = compileValue(compiler, node.operand)
  const matches = compilePattern(node.pattern, node.flags, (problem, offset) => {
    throw querySyntax(problem, compiler.text, node.patternAt + offset)
  })
  return (scope: QueryScope) => {
    const text = value(scope)
    if (typeof text === 'string') return matches(text)
    return typeof text === 'number' && matches(String(text))
  }
}

/** Compiles what has a value; a condition is true or false. @throws `DSV_QUERY_SYNTAX` */
export function compileValue(compiler: QueryCompiler, node: QueryNode): Evaluate {
  switch (node.type) {
    case 'literal': {
      const { value } = node
      return () => value
    }
    case 'field':
      return compileField(compiler, node)
    case 'negate': {
      const operand = compileNumber(compiler, node.operand)
      return (scope) => {
        const value = operand(scope)
        return typeof value === 'number' ? -value : null
      }
    }
    case 'arithmetic':
      return compileArithmetic(compiler, node)
    case 'aggregate':
      return compileAggregate(compiler, node)
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
  return compileCondition(compiler, node)
}

/** Compiles an expression that can be a number. */
function compileNumber(compiler: QueryCompiler, node: QueryNode): Evaluate {
  const kind = kindOf(node)
  const value = compileValue(compiler, node)
  if (kind === 'number' || kind === 'any') return value
  throw querySyntax(`expected a number, found a ${kind}`, compiler.text, node.at)
}

function compileField(
  compiler: QueryCompiler,
  node: QueryNode & { readonly type: 'field' },
): Evaluate {
  const { field, names } = resolveField(node, compiler.text)
  const used = field.about === 'item' ? compiler.itemFields : compiler.annotationFields
  used.add([field.name, ...names].join('.'))
  const [name] = names
  if (field.name === 'attributes' && name !== undefined) checkAttribute(compiler, name)
  const { index } = compiler
  return (scope) => field.read(scope, names, index)
}

function compileArithmetic(
  compiler: QueryCompiler,
  node: QueryNode & { readonly type: 'arithmetic' },
): Evaluate {
  const first = compileNumber(compiler, node.first)
  const rest = node.rest.map((step) => ({
    operator: step.operator,
    operand: compileNumber(compiler, step.operand),
  }))
  return (scope) => {
    let result = first(scope)
    for (const { operator, operand } of rest) {
      result = calculate(operator, result, operand(scope))
    }
    return result
  }
}

function compileAggregate(
  compiler: QueryCompiler,
  node: QueryNode & { readonly type: 'aggregate' },
): Evaluate {
  const slot = compiler.aggregateLayers.length
  compiler.aggregateLayers.push(pinnedValues(node.where, 'layer'))
  const where = node.where === undefined ? () => true : compileCondition(compiler, node.where)
  const value = node.value === undefined ? () => 1 : compileNumber(compiler, node.value)
  return aggregateValue(node.name, slot, where, value)
}

function allOf(tests: readonly Test[]): Test {
  return (scope) => {
    for (const test of tests) if (!test(scope)) return false
    return true
  }
}

function anyOf(tests: readonly Test[]): Test {
  return (scope) => {
    for (const test of tests) if (test(scope)) return true
    return false
  }
}

function negatedIf(negated: boolean, test: Test): Test {
  return negated ? (scope) => !test(scope) : test
}
