import { describe, expect, it } from '@jest/globals'
import fc from 'fast-check'
import { type AnnotatedItem, compileQuery } from '@dsv/core'
import { isDsvError } from '@dsv/store'
import { parseQuery } from '../../src/query/parse-query.ts'
import { printQuery } from '../../src/query/print-query.ts'
import type { QueryNode } from '../../src/query/query-ast.ts'
import { naiveMatches } from './naive-query.ts'
import { box, item } from './query-samples.ts'

const at = 0
const literal = fc
  .oneof(
    fc.constantFrom<string | number | boolean | null>(0, 1, 2, -1, 0.5, true, false, null),
    fc.constantFrom('car', 'dog', 'train', 'it\'s "x"\\\n', ''),
    fc.double({ noNaN: true, noDefaultInfinity: true }),
    fc.string(),
  )
  .map((value): QueryNode => ({ type: 'literal', value, at }))
const PATHS = 'x score category subset id layer occluded tags area media.width attributes.color'
const field = fc
  .constantFrom(...PATHS.split(' '), 'attributes.a b', 'item.attributes.not')
  .map((path) => path.split('.'))
  .map((path): QueryNode => ({ type: 'field', path, at }))

const nodes = fc.letrec<{ value: QueryNode; number: QueryNode; condition: QueryNode }>((tie) => {
  const value = tie('value')
  const condition = tie('condition')
  const number = tie('number')
  const steps = (...operators: ('+' | '-' | '*' | '/')[]) =>
    fc.array(fc.record({ operator: fc.constantFrom(...operators), operand: number }), {
      minLength: 1,
      maxLength: 3,
    })
  const arithmetic = fc
    .tuple(number, fc.oneof(steps('+', '-'), steps('*', '/')))
    .map(([first, rest]): QueryNode => ({ type: 'arithmetic', first, rest, at }))
  const total = fc
    .tuple(fc.constantFrom('sum', 'min', 'max', 'avg'), number, fc.option(condition))
    .map(([name, of, where]): QueryNode => {
      const node = { type: 'aggregate', name, value: of, at } as const
      return where === null ? node : { ...node, where }
    })
  const count = fc
    .tuple(fc.constantFrom('count', 'exists'), fc.option(condition))
    .map(([name, where]): QueryNode => {
      const node = { type: 'aggregate', name, at } as const
      return where === null ? node : { ...node, where }
    })
  const numberLeaf = fc.oneof(
    fc
      .constantFrom<QueryNode & { type: 'field' }>(
        ...[['x'], ['score'], ['area'], ['attributes', 'color']].map(
          (path) => ({ type: 'field', path, at }) as const,
        ),
      )
      .map((node): QueryNode => node),
    fc.integer({ min: -3, max: 9 }).map((n): QueryNode => ({ type: 'literal', value: n, at })),
  )
  return {
    number: fc.oneof(
      { depthSize: 'small' },
      numberLeaf,
      arithmetic,
      number.map((operand): QueryNode => ({ type: 'negate', operand, at })),
      total,
    ),
    value: fc.oneof({ depthSize: 'small' }, literal, field, number, condition),
    condition: fc.oneof(
      { depthSize: 'small' },
      fc
        .tuple(fc.constantFrom('=', '!=', '<', '<=', '>', '>='), value, value)
        .map(([operator, left, right]): QueryNode => ({
          type: 'comparison',
          operator,
          left,
          right,
          at,
        })),
      fc
        .tuple(fc.constantFrom('and', 'or'), fc.array(condition, { minLength: 2, maxLength: 3 }))
        .map(([type, operands]): QueryNode => ({ type, operands, at })),
      condition.map((operand): QueryNode => ({ type: 'not', operand, at })),
      fc
        .tuple(value, fc.boolean(), fc.array(literal, { minLength: 1, maxLength: 3 }))
        .map(([operand, negated, values]): QueryNode => ({
          type: 'in',
          operand,
          negated,
          values: values.map((node) => (node.type === 'literal' ? node.value : null)),
          at,
        })),
      fc
        .tuple(value, fc.boolean())
        .map(([operand, negated]): QueryNode => ({ type: 'null', operand, negated, at })),
      fc
        .tuple(field, fc.boolean(), fc.constantFrom('^a', 'r$', 'a/b', '[/]', '[', '"'))
        .map(([operand, negated, pattern]): QueryNode => ({
          type: 'match',
          operand,
          negated,
          pattern,
          flags: '',
          at,
          patternAt: at,
        })),
      fc
        .tuple(fc.constantFrom('has', 'contains', 'starts with', 'ends with'), literal)
        .map(([operator, right]): QueryNode => ({
          type: 'text',
          operator,
          left: { type: 'field', path: ['attributes', 'color'], at },
          right,
          at,
        })),
      count.filter((node) => node.type === 'aggregate' && node.name === 'exists'),
      fc.tuple(count, fc.integer({ min: 0, max: 3 })).map(([left, n]): QueryNode => ({
        type: 'comparison',
        operator: '>',
        left,
        right: { type: 'literal', value: n, at },
        at,
      })),
      fc.constant<QueryNode>({ type: 'field', path: ['occluded'], at }),
    ),
  }
})

const annotation = fc
  .record({
    category: fc.constantFrom('car', 'dog', undefined),
    x: fc.integer({ min: 0, max: 3 }),
    score: fc.constantFrom(0, 0.5, 1, undefined),
    occluded: fc.constantFrom(true, false, undefined),
    color: fc.constantFrom<string | number | readonly string[] | undefined>(
      'car',
      1,
      ['car'],
      undefined,
    ),
  })
  .map(({ category, x, score, occluded, color }) =>
    box('u', category, [x, 0, 2, 2], {
      ...(score === undefined ? {} : { score }),
      ...(occluded === undefined ? {} : { occluded }),
      ...(color === undefined ? {} : { attributes: { color } }),
    }),
  )
const items: fc.Arbitrary<AnnotatedItem> = fc
  .record({
    id: fc.constantFrom('car', 'a', ''),
    subset: fc.constantFrom('train', 'val'),
    tags: fc.constantFrom(['car'], []),
    ground: fc.array(annotation, { maxLength: 3 }),
    predicted: fc.array(annotation, { maxLength: 2 }),
  })
  .map(({ id, subset, tags, ground, predicted }) =>
    item(id, [], { subset, tags, layers: { car: ground, dog: predicted } }),
  )

function withoutOffsets(value: unknown): unknown {
  return JSON.parse(
    JSON.stringify(value, (key, member: unknown) => {
      if (key === 'at' || key === 'patternAt') return undefined
      return Object.is(member, -0) ? '-0' : member
    }),
  )
}

describe('the language of queries', () => {
  it('parses what it prints to the same tree', () => {
    fc.assert(
      fc.property(fc.oneof(nodes.condition, nodes.value), (node) => {
        expect(withoutOffsets(parseQuery(printQuery(node)))).toEqual(withoutOffsets(node))
      }),
      { numRuns: 1000 },
    )
  })

  it('agrees with an interpreter that follows the rules one by one', () => {
    let matched = 0
    fc.assert(
      fc.property(nodes.condition, items, (node, of) => {
        const text = printQuery(node)
        let query
        try {
          query = compileQuery(text)
        } catch (error) {
          if (isDsvError(error, 'DSV_QUERY_SYNTAX')) return
          throw error
        }
        const expected = naiveMatches(node, of)
        if (expected) matched += 1
        expect(query.matchesItem(of)).toBe(expected)
        expect(!expected || (query.subsets ?? [of.subset]).includes(of.subset)).toBe(true)
        const { layers } = query.uses
        if (layers === undefined) return
        const kept = Object.entries(of.layers).filter(([layer]) => layers.includes(layer))
        expect(query.matchesItem({ ...of, layers: Object.fromEntries(kept) })).toBe(expected)
      }),
      { numRuns: 3000 },
    )
    expect(matched).toBeGreaterThan(300)
  })

  it('compiles any text or says what is wrong with it', () => {
    const words = fc.constantFrom(
      ...'and or not in is null ( ) , = < ~ ! - / . category score exists'.split(' '),
      ...'count sum where "a" \' 5 /a/ has \\ starts with'.split(' '),
    )
    const text = fc.oneof(
      fc.string({ unit: 'binary' }),
      fc.array(words, { maxLength: 12 }).map((all) => all.join(' ')),
    )
    fc.assert(
      fc.property(text, (query) => {
        expect(outcomeOf(query)).toMatch(/^(?:compiled|DSV_QUERY_SYNTAX)$/u)
      }),
      { numRuns: 3000 },
    )
  })
})

function outcomeOf(text: string): string {
  try {
    compileQuery(text)
    return 'compiled'
  } catch (error) {
    return isDsvError(error) ? error.code : String(error)
  }
}
