import type { AggregateName } from './query-ast.ts'
import { enterAnnotation, type Evaluate, type QueryValue, type Test } from './query-scope.ts'

/**
 * Returns the closure of a function over all annotations of an item. Its value depends on the item
 * alone, so it is computed once for each item, however deep it is nested, and kept in `slot`.
 */
export function aggregateValue(
  name: AggregateName,
  slot: number,
  where: Test,
  value: Evaluate,
): Evaluate {
  const compute = name === 'exists' ? computeExists(where) : computeTotal(name, value, where)
  return (scope) => {
    const known = scope.aggregates[slot]
    if (known !== undefined) return known
    const { annotation, layer, bounds } = scope
    const result = compute(scope)
    scope.annotation = annotation
    scope.layer = layer
    scope.bounds = bounds
    scope.aggregates[slot] = result
    return result
  }
}

function computeExists(where: Test): Evaluate {
  return (scope) => {
    for (const [layer, annotations] of Object.entries(scope.item.layers)) {
      for (const annotation of annotations) {
        enterAnnotation(scope, layer, annotation)
        if (where(scope)) return true
      }
    }
    return false
  }
}

function computeTotal(name: AggregateName, value: Evaluate, where: Test): Evaluate {
  return (scope) => {
    const numbers: number[] = []
    for (const [layer, annotations] of Object.entries(scope.item.layers)) {
      for (const annotation of annotations) {
        enterAnnotation(scope, layer, annotation)
        if (!where(scope)) continue
        const number = value(scope)
        if (typeof number === 'number' && !Number.isNaN(number)) numbers.push(number)
      }
    }
    return total(name, numbers)
  }
}

function total(name: AggregateName, numbers: readonly number[]): QueryValue {
  if (name === 'count') return numbers.length
  if (name === 'min' || name === 'max') {
    const better = name === 'min' ? Math.min : Math.max
    return numbers.length === 0 ? null : numbers.reduce((a, b) => better(a, b))
  }
  const sum = numbers.reduce((a, b) => a + b, 0)
  const result = name === 'avg' ? sum / numbers.length : sum
  return Number.isFinite(result) ? result : null
}
