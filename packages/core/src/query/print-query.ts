import type { LiteralValue, QueryNode } from './query-ast.ts'

/** How tightly a node binds; an operand that binds less tightly needs parentheses. */
const BINDING = {
  or: 1,
  and: 2,
  not: 3,
  comparison: 4,
  text: 4,
  in: 4,
  match: 4,
  null: 4,
  arithmetic: 5,
  negate: 7,
  aggregate: 8,
  literal: 8,
  field: 8,
} as const satisfies Record<QueryNode['type'], number>

/**
 * Returns a query in its one canonical spelling; parsing it gives the same tree again (apart from
 * the offsets).
 */
export function printQuery(node: QueryNode): string {
  switch (node.type) {
    case 'literal':
      return printLiteral(node.value)
    case 'field':
      return node.path.map((part, index) => (index === 0 ? part : printPart(part))).join('.')
    case 'and':
    case 'or':
      return node.operands
        .map((operand) => above(operand, BINDING[node.type]))
        .join(` ${node.type} `)
    case 'not':
      return `not ${above(node.operand, BINDING.not - 1)}`
    case 'negate':
      return node.operand.type === 'literal'
        ? `-(${printQuery(node.operand)})`
        : `-${above(node.operand, BINDING.negate - 1)}`
    case 'arithmetic':
      return printArithmetic(node)
    case 'comparison':
    case 'text':
      return `${above(node.left, 4)} ${node.operator} ${above(node.right, 4)}`
    case 'in': {
      const values = node.values.map(printLiteral).join(', ')
      return `${above(node.operand, 4)} ${node.negated ? 'not in' : 'in'} (${values})`
    }
    case 'match': {
      const pattern = printPattern(node.pattern, node.flags)
      return `${above(node.operand, 4)} ${node.negated ? '!~' : '~'} ${pattern}`
    }
    case 'null':
      return `${above(node.operand, 4)} is ${node.negated ? 'not ' : ''}null`
    case 'aggregate':
      break
  }
  return printAggregate(node)
}

function above(node: QueryNode, binding: number): string {
  const text = printQuery(node)
  return bindingOf(node) > binding ? text : `(${text})`
}

function bindingOf(node: QueryNode): number {
  const isProduct = node.type === 'arithmetic' && isProductStep(node.rest[0]?.operator)
  return isProduct ? BINDING.arithmetic + 1 : BINDING[node.type]
}

function isProductStep(operator: string | undefined): boolean {
  return operator === '*' || operator === '/'
}

function printArithmetic(node: QueryNode & { readonly type: 'arithmetic' }): string {
  const binding = bindingOf(node)
  const steps = node.rest.map((step) => ` ${step.operator} ${above(step.operand, binding)}`)
  return above(node.first, binding) + steps.join('')
}

function printAggregate(node: QueryNode & { readonly type: 'aggregate' }): string {
  const value = node.value === undefined ? '' : printQuery(node.value)
  const where = node.where === undefined ? '' : printQuery(node.where)
  const separator = value !== '' && where !== '' ? ' where ' : ''
  return `${node.name}(${value}${separator}${where})`
}

function printLiteral(value: LiteralValue): string {
  if (typeof value === 'number') return Object.is(value, -0) ? '-0' : String(value)
  return typeof value === 'string' ? printString(value) : String(value)
}

function printString(value: string): string {
  const escaped = value.replaceAll(/["\\\n\r\t]/gu, (character) => {
    if (character === '\n') return '\\n'
    if (character === '\r') return '\\r'
    return character === '\t' ? '\\t' : `\\${character}`
  })
  return `"${escaped}"`
}

/** A pattern that slashes cannot hold (an unpaired bracket, a bare slash) is printed as a text. */
function printPattern(pattern: string, flags: string): string {
  const fits = /^(?:\\[^]|\[(?:\\[^]|[^\]\\])*\]|[^/[\\])*$/u.test(pattern)
  return fits || flags !== '' ? `/${pattern}/${flags}` : printString(pattern)
}

function printPart(part: string): string {
  return /^[\p{L}_][\p{L}\p{N}_]*$/u.test(part) ? part : printString(part)
}
