import type { ArithmeticStep, TextOperator } from './query-ast.ts'
import type { QueryValue } from './query-scope.ts'

/** Returns whether `a < b`: two numbers, or two texts by UTF-16 units; anything else is not ordered. */
export function isBelow(a: QueryValue, b: QueryValue): boolean {
  if (typeof a === 'number') return typeof b === 'number' && a < b
  return typeof a === 'string' && typeof b === 'string' && a < b
}

/** Returns whether `a <= b`, under the rule of {@link isBelow}. */
export function isAtMost(a: QueryValue, b: QueryValue): boolean {
  if (typeof a === 'number') return typeof b === 'number' && a <= b
  return typeof a === 'string' && typeof b === 'string' && a <= b
}

/** What the operators between texts, and between a list and a value, ask. */
export const TEXT_TESTS: Readonly<Record<TextOperator, (a: QueryValue, b: QueryValue) => boolean>> =
  {
    has: (a, b) => Array.isArray(a) && a.includes(b),
    contains: (a, b) => typeof a === 'string' && typeof b === 'string' && a.includes(b),
    'starts with': (a, b) => typeof a === 'string' && typeof b === 'string' && a.startsWith(b),
    'ends with': (a, b) => typeof a === 'string' && typeof b === 'string' && a.endsWith(b),
  }

/**
 * Returns the result of one step of arithmetic. What is not a finite number is unknown: a division by
 * zero, an overflow, a missing operand.
 */
export function calculate(
  operator: ArithmeticStep['operator'],
  a: QueryValue,
  b: QueryValue,
): QueryValue {
  if (typeof a !== 'number' || typeof b !== 'number') return null
  const result =
    operator === '+' ? a + b : operator === '-' ? a - b : operator === '*' ? a * b : a / b
  return Number.isFinite(result) ? result : null
}
