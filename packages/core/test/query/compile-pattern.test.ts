import { describe, expect, it } from '@jest/globals'
import fc from 'fast-check'
import { compilePattern } from '../../src/query/compile-pattern.ts'

class Refused extends Error {}

function fail(problem: string): never {
  throw new Refused(problem)
}

/** Patterns over few letters, so that they match now and then. */
const atoms = fc.constantFrom(
  ...'a b _ . \\d \\w \\s \\W [ab] [^a] [a-c_] [^\\d] \\. A \\x41 \\u0062'.split(' '),
  ...'\\b \\B ^ $ é [\\-a] 😀'.split(' '),
)
const patterns = fc.letrec((tie) => ({
  pattern: fc.oneof(
    { depthSize: 'small', withCrossShrink: true },
    atoms,
    tie('group'),
    tie('list'),
  ),
  group: fc
    .tuple(
      fc.constantFrom('(', '(?:', '(?<n>'),
      tie('pattern'),
      tie('pattern'),
      fc.constantFrom('', '*', '+', '?', '{2}', '{1,}', '{0,2}', '*?', '{0}'),
    )
    .map(([open, a, b, repeat]) => `(?:${open}${String(a)}|${String(b)})${repeat})`),
  list: fc.array(tie('pattern'), { maxLength: 3 }).map((parts) => parts.join('')),
}))
const texts = fc.string({
  unit: fc.constantFrom('a', 'b', 'A', '_', '1', ' ', '.', '\n', 'é', 'É', '😀', '-'),
  maxLength: 8,
})

describe('compilePattern', () => {
  it('agrees with the regular expressions of JavaScript', () => {
    fc.assert(
      fc.property(
        patterns.pattern.map(String),
        fc.constantFrom('', 'i', 'm', 's', 'ims'),
        texts,
        (pattern, flags, text) => {
          fc.pre(!isRejectedByName(pattern))
          // V8 looks for \B between the two halves of a character, against the standard.
          fc.pre(!(pattern.includes('\\B') && text.includes('😀')))
          const expected = new RegExp(pattern, `u${flags}`).test(text)
          expect(compilePattern(pattern, flags, fail)(text)).toBe(expected)
        },
      ),
      { numRuns: 1500 },
    )
  })

  it('compiles any text or fails', () => {
    const anything = fc.string({
      unit: fc.constantFrom(
        ...'a b ( ) { } [ ] * + ? | \\ ^ $ . - , 0 1 9 d u x : < = !'.split(' '),
      ),
    })
    fc.assert(
      fc.property(anything, (pattern) => {
        let outcome: unknown
        try {
          outcome = compilePattern(pattern, '', fail)('aab(019')
        } catch (error) {
          outcome = error
        }
        expect(typeof outcome === 'boolean' || outcome instanceof Refused).toBe(true)
      }),
      { numRuns: 2000 },
    )
  })

  it.each(['(a+)+c', '(a|a)*c', '(a|aa)+c', '(.*a){12}c', 'a*a*a*a*a*a*c', '((a?){9}){9}c'])(
    'matches %s against a long text in linear time',
    (pattern) => {
      expect(compilePattern(pattern, '', fail)(`${'a'.repeat(5000)}b`)).toBe(false)
    },
  )

  it.each(['(a{999}){999}', '((){9999}){9999}', '(((){999}){999}){999}', 'a'.repeat(1001)])(
    'refuses %s',
    (pattern) => {
      expect(() => compilePattern(pattern, '', fail)).toThrow(/too large|at most/u)
    },
  )

  it('looks at the beginning of a text that is too long', () => {
    expect(compilePattern('b', '', fail)(`${'a'.repeat(20_000)}b`)).toBe(false)
    expect(compilePattern('^a', '', fail)('a'.repeat(20_000))).toBe(true)
  })
})

/** JavaScript wants every name of a group once. */
function isRejectedByName(pattern: string): boolean {
  return pattern.split('(?<n>').length > 2
}
