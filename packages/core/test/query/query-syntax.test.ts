import { describe, expect, it } from '@jest/globals'
import { compileQuery } from '@dsv/core'
import { isDsvError } from '@dsv/store'

function problem(text: string): { message: string; view: string; hint: string } {
  try {
    compileQuery(text)
  } catch (error) {
    if (!isDsvError(error, 'DSV_QUERY_SYNTAX')) throw error
    return { message: error.message, view: String(error.details['view']), hint: error.hint ?? '' }
  }
  throw new Error(`${text} is a query.`)
}

describe('the errors of compileQuery', () => {
  it('point at the character', () => {
    expect(problem('category = ')).toMatchObject({
      message: 'Query: expected a value after "=" at character 12.',
      view: `category = \n${' '.repeat(11)}^`,
    })
  })

  it.each([
    ['', 'expected a condition at character 1'],
    ['category = "car', 'this text has no closing " at character 12'],
    ['(score > 1', 'this "(" is never closed at character 1'],
    ['score > 1)', 'this ")" closes nothing at character 10'],
    ['score > 1 score', 'expected "and", "or" or an operator, found "score" at character 11'],
    ['1 < score < 2', 'comparisons do not chain; join them with "and" at character 11'],
    ['score', 'expected a condition, but "score" is a number at character 1'],
    ['"car"', 'expected a condition, but this is a text at character 1'],
    ['score in 5', 'expected "(" after "in" at character 10'],
    [
      'score in (5, car)',
      'a list after "in" holds texts, numbers, true, false and null at character 14',
    ],
    ['score is 5', 'expected "null" after "is" at character 10'],
    ['score not 5', 'expected "in" after "not" at character 11'],
    ['id ~ 5', 'expected a pattern after "~" at character 6'],
    ['id ~ /a', 'this pattern has no closing / at character 6'],
    ['id ~ /a(b/', 'this group is never closed at character 8'],
    [
      'id ~ /a/gi',
      'the flags of a pattern are i, m, s and u, each once; found "gi" at character 9',
    ],
    ['id ~ /(?=a)/', 'patterns cannot look ahead or behind at character 7'],
    ['id ~ /(a)\\1/', 'patterns cannot refer back to a group at character 10'],
    [
      'id ~ "\\d"',
      'a backslash in a text stands before n, r, t, u with four digits, a quote or a backslash at character 7',
    ],
    [
      'size(x) > 1',
      'there is no function size; there are exists, count, sum, min, max, avg at character 1',
    ],
    ['id + 1 = 2', 'expected a number, found a text at character 1'],
    ['id has "a"', 'expected a list before "has", found a text at character 1'],
    ['attributes = 1', 'expected one name after "attributes." at character 1'],
    ['attributes. = 1', 'expected a name after "." at character 13'],
    ['score > 1e999', 'this number is too large at character 9'],
    ['score > 5px', 'expected a space between the number and "px" at character 10'],
    ['a § b', 'unexpected "§" at character 3'],
    ['"😀" = §', 'unexpected "§" at character 7'],
  ])('say about %j: %s', (text, message) => {
    expect(problem(text).message).toBe(`Query: ${message}.`)
  })

  it('offer the field that was meant', () => {
    expect(problem('categroy = "car"').message).toBe(
      'Query: there is no field "categroy" at character 1.',
    )
    expect(problem('categroy = "car"').hint).toContain('Did you mean category?')
    expect(problem('media.widht > 1').hint).toContain('Did you mean media.width?')
    expect(problem('subset = train').hint).toContain('"train"')
  })

  it('show a part of a long query', () => {
    const view = problem(`${'score > 1 and '.repeat(30)}score >`).view.split('\n')
    expect(view[0]?.startsWith('…')).toBe(true)
    expect(view[0]?.length).toBeLessThanOrEqual(82)
    expect(view[1]?.length).toBeLessThanOrEqual(82)
  })

  it.each([
    ['parentheses', `${'('.repeat(5000)}true${')'.repeat(5000)}`],
    ['negations', `${'not '.repeat(5000)}true`],
    ['minus signs', `score > ${'- '.repeat(5000)}score`],
    ['functions', `${'exists('.repeat(5000)}true${')'.repeat(5000)}`],
  ])('refuse %s that are nested too deep', (_, text) => {
    expect(problem(text).message).toContain('nested at most 100 deep')
  })

  it('refuse a query that is too long', () => {
    expect(problem(' '.repeat(100_001)).message).toContain('at most 100000 characters')
  })
})
