import type { QueryNode } from './query-ast.ts'

/**
 * Returns the only values that a field of text can have where a condition holds, or undefined when
 * the condition does not limit it. Conditions inside aggregates are not looked at.
 */
export function pinnedValues(
  node: QueryNode | undefined,
  field: string,
): ReadonlySet<string> | undefined {
  if (node === undefined) return undefined
  if (node.type === 'and') {
    return node.operands
      .map((operand) => pinnedValues(operand, field))
      .reduce((all, pinned) => (all && pinned ? intersection(all, pinned) : (all ?? pinned)))
  }
  if (node.type === 'or') {
    const sides = node.operands.map((operand) => pinnedValues(operand, field))
    return sides.reduce((all, pinned) => all && pinned && new Set([...all, ...pinned]))
  }
  if (node.type === 'comparison' && node.operator === '=') {
    if (isField(node.left, field)) return literalText(node.right)
    return isField(node.right, field) ? literalText(node.left) : undefined
  }
  if (node.type === 'in' && !node.negated && isField(node.operand, field)) {
    const texts = node.values.filter((value) => typeof value === 'string')
    return new Set(texts)
  }
  return undefined
}

function isField(node: QueryNode, field: string): boolean {
  return node.type === 'field' && node.path.join('.') === field
}

function literalText(node: QueryNode): ReadonlySet<string> | undefined {
  return node.type === 'literal' && typeof node.value === 'string'
    ? new Set([node.value])
    : undefined
}

function intersection(a: ReadonlySet<string>, b: ReadonlySet<string>): ReadonlySet<string> {
  return new Set([...a].filter((value) => b.has(value)))
}
