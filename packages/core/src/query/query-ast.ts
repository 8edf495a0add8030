/** A value that a query can spell. */
export type LiteralValue = string | number | boolean | null

/** The operators that compare two values. */
export type ComparisonOperator = '=' | '!=' | '<' | '<=' | '>' | '>='

/** The operators between two texts, or a list and a value. */
export type TextOperator = 'has' | 'starts with' | 'ends with' | 'contains'

/** The functions that look at all annotations of an item. */
export type AggregateName = 'exists' | 'count' | 'sum' | 'min' | 'max' | 'avg'

/** One of the operands after the first of a sum or a product. */
export interface ArithmeticStep {
  readonly operator: '+' | '-' | '*' | '/'
  readonly operand: QueryNode
}

/**
 * A parsed query. `at` is the offset in UTF-16 units where the node begins; it says nothing about
 * the meaning. Chains (`a and b and c`, `1 + 2 - 3`) are one node, so that the depth of the tree is
 * that of the parentheses.
 */
export type QueryNode =
  | { readonly type: 'literal'; readonly value: LiteralValue; readonly at: number }
  | { readonly type: 'field'; readonly path: readonly string[]; readonly at: number }
  | {
      readonly type: 'and' | 'or'
      readonly operands: readonly QueryNode[]
      readonly at: number
    }
  | { readonly type: 'not' | 'negate'; readonly operand: QueryNode; readonly at: number }
  | {
      readonly type: 'arithmetic'
      readonly first: QueryNode
      /** All of `+ -`, or all of `* /`; never empty. */
      readonly rest: readonly ArithmeticStep[]
      readonly at: number
    }
  | {
      readonly type: 'comparison'
      readonly operator: ComparisonOperator
      readonly left: QueryNode
      readonly right: QueryNode
      readonly at: number
    }
  | {
      readonly type: 'text'
      readonly operator: TextOperator
      readonly left: QueryNode
      readonly right: QueryNode
      readonly at: number
    }
  | {
      readonly type: 'in'
      readonly operand: QueryNode
      readonly values: readonly LiteralValue[]
      readonly negated: boolean
      readonly at: number
    }
  | {
      readonly type: 'match'
      readonly operand: QueryNode
      readonly pattern: string
      readonly flags: string
      readonly negated: boolean
      readonly at: number
      /** Where the first character of the pattern is. */
      readonly patternAt: number
    }
  | {
      readonly type: 'null'
      readonly operand: QueryNode
      readonly negated: boolean
      readonly at: number
    }
  | {
      readonly type: 'aggregate'
      readonly name: AggregateName
      /** What is summed; absent for `exists` and `count`. */
      readonly value?: QueryNode
      /** Which annotations count; absent for all. */
      readonly where?: QueryNode
      readonly at: number
    }
