import type { AnnotatedItem, Annotation } from '@dsv/core'
import type { QueryNode } from '../../src/query/query-ast.ts'

interface Pair {
  readonly item: AnnotatedItem
  readonly layer?: string
  readonly annotation?: Annotation
}

const UNKNOWN = Symbol('unknown')

/** Answers a query as its documentation says, with no thought of speed. */
export function naiveMatches(node: QueryNode, item: AnnotatedItem): boolean {
  const pairs = pairsOf(item)
  if (pairs.length === 0 || !mentionsAnnotation(node)) return certain(node, item) === true
  return pairs.some((pair) => value(node, pair) === true)
}

function pairsOf(item: AnnotatedItem): readonly Pair[] {
  return Object.entries(item.layers).flatMap(([layer, annotations]) =>
    annotations.map((annotation) => ({ item, layer, annotation })),
  )
}

function certain(node: QueryNode, item: AnnotatedItem): unknown {
  if (node.type === 'not') {
    const operand = certain(node.operand, item)
    return operand === UNKNOWN ? UNKNOWN : operand !== true
  }
  if (node.type === 'and' || node.type === 'or') {
    const all = node.operands.map((operand) => certain(operand, item))
    const decisive = node.type === 'or'
    if (all.some((one) => one !== UNKNOWN && (one === true) === decisive)) return decisive
    return all.includes(UNKNOWN) ? UNKNOWN : !decisive
  }
  return mentionsAnnotation(node) ? UNKNOWN : value(node, { item })
}

function mentionsAnnotation(node: QueryNode): boolean {
  if (node.type === 'aggregate') return false
  if (node.type === 'field') {
    return !['subset', 'id', 'tags', 'media', 'item'].includes(node.path[0] ?? '')
  }
  return Object.values(node)
    .flat()
    .map((part: unknown) => (isStep(part) ? part.operand : part))
    .some((part) => isNode(part) && mentionsAnnotation(part))
}

function isNode(part: unknown): part is QueryNode {
  return typeof part === 'object' && part !== null && 'type' in part
}

function isStep(part: unknown): part is { operand: unknown } {
  return typeof part === 'object' && part !== null && 'operand' in part && !('type' in part)
}

function value(node: QueryNode, pair: Pair): unknown {
  switch (node.type) {
    case 'literal':
      return node.value
    case 'field':
      return fieldValue(node.path, pair) ?? null
    case 'and':
      return node.operands.every((operand) => value(operand, pair) === true)
    case 'or':
      return node.operands.some((operand) => value(operand, pair) === true)
    case 'not':
      return value(node.operand, pair) !== true
    case 'negate':
      return calculated('-', 0, value(node.operand, pair))
    case 'arithmetic':
      return node.rest.reduce(
        (sum: unknown, step) => calculated(step.operator, sum, value(step.operand, pair)),
        value(node.first, pair),
      )
    case 'comparison':
      return compared(node.operator, value(node.left, pair), value(node.right, pair))
    case 'in': {
      const wanted = value(node.operand, pair)
      return node.values.some((one) => one === wanted) !== node.negated
    }
    case 'null':
      return (value(node.operand, pair) === null) !== node.negated
    case 'match': {
      const text = value(node.operand, pair)
      const isText = typeof text === 'string' || typeof text === 'number'
      return (isText && new RegExp(node.pattern, 'u').test(String(text))) !== node.negated
    }
    case 'text':
      return textHolds(node.operator, value(node.left, pair), value(node.right, pair))
    case 'aggregate':
      break
  }
  return aggregate(node, pair.item)
}

function fieldValue(path: readonly string[], { item, layer, annotation }: Pair): unknown {
  const name = path.join('.')
  if (name === 'subset' || name === 'id' || name === 'tags') return item[name]
  if (annotation === undefined || annotation.type !== 'box') return null
  if (name === 'layer') return layer
  if (name === 'area') return annotation.width * annotation.height
  if (path[0] === 'attributes') return annotation.attributes?.[path[1] ?? '']
  if (name === 'x' || name === 'score' || name === 'category' || name === 'occluded') {
    return annotation[name]
  }
  return null
}

function calculated(operator: string, a: unknown, b: unknown): unknown {
  if (typeof a !== 'number' || typeof b !== 'number') return null
  const result = { '+': a + b, '-': a - b, '*': a * b, '/': a / b }[operator]
  return Number.isFinite(result) ? result : null
}

function compared(operator: string, a: unknown, b: unknown): boolean {
  if (operator === '=') return a === b
  if (operator === '!=') return a !== b
  if (typeof a === 'number' && typeof b === 'number') return ordered(operator, a - b)
  if (typeof a !== 'string' || typeof b !== 'string') return false
  return ordered(operator, a < b ? -1 : a > b ? 1 : 0)
}

function ordered(operator: string, difference: number): boolean {
  if (operator === '<') return difference < 0
  if (operator === '<=') return difference <= 0
  return operator === '>' ? difference > 0 : difference >= 0
}

function textHolds(operator: string, a: unknown, b: unknown): boolean {
  if (operator === 'has') return Array.isArray(a) && a.includes(b)
  if (typeof a !== 'string' || typeof b !== 'string') return false
  if (operator === 'contains') return a.includes(b)
  return operator === 'starts with' ? a.startsWith(b) : a.endsWith(b)
}

function aggregate(node: QueryNode & { type: 'aggregate' }, item: AnnotatedItem): unknown {
  const { where, value: of } = node
  const chosen = pairsOf(item).filter((pair) => where === undefined || value(where, pair) === true)
  if (node.name === 'exists') return chosen.length > 0
  if (node.name === 'count' || of === undefined) return chosen.length
  const numbers = chosen.map((pair) => value(of, pair)).filter((one) => typeof one === 'number')
  if (node.name === 'min') return numbers.length === 0 ? null : Math.min(...numbers)
  if (node.name === 'max') return numbers.length === 0 ? null : Math.max(...numbers)
  const sum = numbers.reduce((a, b) => a + b, 0)
  if (node.name === 'sum') return sum
  return numbers.length === 0 ? null : sum / numbers.length
}
