/** Tells whether a character, given as a code point, belongs. */
export type CharacterTest = (code: number) => boolean

/** What has to hold between two characters. */
export type Assertion = 'start' | 'end' | 'boundary' | 'no-boundary'

/** A parsed regular expression. */
export type PatternNode =
  | { readonly type: 'character'; readonly test: CharacterTest }
  | { readonly type: 'assertion'; readonly assertion: Assertion }
  | { readonly type: 'sequence' | 'choice'; readonly parts: readonly PatternNode[] }
  | {
      readonly type: 'repeat'
      readonly part: PatternNode
      readonly min: number
      /** Infinity for no limit. */
      readonly max: number
    }

/** Throws the error of whoever asked; `offset` is that of the character within the pattern. */
export type FailPattern = (problem: string, offset: number) => never

interface Cursor {
  readonly pattern: string
  readonly ignoreCase: boolean
  readonly dotAll: boolean
  readonly fail: FailPattern
  at: number
}

const BRACES = /\{(\d{1,4})(?:(,)(\d{1,4})?)?\}/uy
const CONTROLS: ReadonlyMap<string, number> = new Map([
  ['n', 10],
  ['r', 13],
  ['t', 9],
  ['f', 12],
  ['v', 11],
  ['0', 0],
])
const UNSUPPORTED: readonly (readonly [RegExp, string])[] = [
  [/\(\?<?[=!]/uy, 'patterns cannot look ahead or behind'],
  [/\(\?(?!:|<[A-Za-z_]\w*>)/uy, 'this kind of group is not supported'],
]

/**
 * Parses the part of JavaScript's regular expressions that can be matched in linear time: characters,
 * `.`, classes, groups, choices, repetitions, `^ $ \b \B`; no look-around and no references back.
 */
export function parsePattern(pattern: string, flags: string, fail: FailPattern): PatternNode {
  const cursor: Cursor = {
    pattern,
    ignoreCase: flags.includes('i'),
    dotAll: flags.includes('s'),
    fail,
    at: 0,
  }
  const node = parseChoice(cursor)
  if (cursor.at < pattern.length) fail('this ")" closes nothing in the pattern', cursor.at)
  return node
}

/** Returns whether a character belongs to a word, as `\w` and `\b` see it. */
export function isWordCharacter(code: number): boolean {
  return (
    (code >= 97 && code <= 122) ||
    (code >= 65 && code <= 90) ||
    (code >= 48 && code <= 57) ||
    code === 95
  )
}

/** Returns whether a character ends a line. */
export function isLineEnd(code: number): boolean {
  return code === 10 || code === 13 || code === 0x20_28 || code === 0x20_29
}

function parseChoice(cursor: Cursor): PatternNode {
  const parts = [parseSequence(cursor)]
  while (cursor.pattern[cursor.at] === '|') {
    cursor.at += 1
    parts.push(parseSequence(cursor))
  }
  return { type: 'choice', parts }
}

function parseSequence(cursor: Cursor): PatternNode {
  const parts: PatternNode[] = []
  for (;;) {
    const next = cursor.pattern[cursor.at]
    if (next === undefined || next === '|' || next === ')') return { type: 'sequence', parts }
    const start = cursor.at
    const part = parseAtom(cursor, next)
    parts.push(parseRepeat(cursor, part, start))
  }
}

function parseRepeat(cursor: Cursor, part: PatternNode, start: number): PatternNode {
  const range = takeRange(cursor)
  if (range === undefined) return part
  if (part.type === 'assertion') cursor.fail('nothing to repeat in the pattern', start)
  if (cursor.pattern[cursor.at] === '?') cursor.at += 1
  if (takeRange(cursor) !== undefined) {
    cursor.fail('a repetition cannot be repeated without a group', cursor.at - 1)
  }
  return { type: 'repeat', part, ...range }
}

function takeRange(cursor: Cursor): { readonly min: number; readonly max: number } | undefined {
  const { at } = cursor
  const sign = cursor.pattern[at]
  if (sign === '*' || sign === '+' || sign === '?') {
    cursor.at += 1
    return { min: sign === '+' ? 1 : 0, max: sign === '?' ? 1 : Number.POSITIVE_INFINITY }
  }
  if (sign !== '{') return undefined
  BRACES.lastIndex = at
  const found = BRACES.exec(cursor.pattern)
  if (found === null) return cursor.fail('expected {n}, {n,} or {n,m} in the pattern', at)
  cursor.at += found[0].length
  const min = Number(found[1])
  const max = found[2] === undefined ? min : Number(found[3] ?? Number.POSITIVE_INFINITY)
  if (max < min) cursor.fail('the limits of this repetition are out of order', at)
  return { min, max }
}

function parseAtom(cursor: Cursor, first: string): PatternNode {
  const { at } = cursor
  if (first === '(') return parseGroup(cursor)
  if (first === '[') return { type: 'character', test: parseClass(cursor) }
  if (first === '\\') return parseEscape(cursor)
  if (takeRange(cursor) !== undefined) cursor.fail('nothing to repeat in the pattern', at)
  const code = cursor.pattern.codePointAt(at) ?? 0
  cursor.at += code > 0xff_ff ? 2 : 1
  if (first === '^') return { type: 'assertion', assertion: 'start' }
  if (first === '$') return { type: 'assertion', assertion: 'end' }
  if (first !== '.') return character(cursor, (other) => other === code)
  return { type: 'character', test: cursor.dotAll ? () => true : (other) => !isLineEnd(other) }
}

function parseGroup(cursor: Cursor): PatternNode {
  const start = cursor.at
  for (const [pattern, problem] of UNSUPPORTED) {
    pattern.lastIndex = start
    if (pattern.test(cursor.pattern)) cursor.fail(problem, start)
  }
  cursor.at += 1
  if (cursor.pattern[cursor.at] === '?') {
    cursor.at =
      cursor.pattern[start + 2] === ':' ? start + 3 : cursor.pattern.indexOf('>', start) + 1
  }
  const node = parseChoice(cursor)
  if (cursor.pattern[cursor.at] !== ')') cursor.fail('this group is never closed', start)
  cursor.at += 1
  return node
}

function parseEscape(cursor: Cursor): PatternNode {
  const letter = cursor.pattern[cursor.at + 1]
  if (letter === 'b' || letter === 'B') {
    cursor.at += 2
    return { type: 'assertion', assertion: letter === 'b' ? 'boundary' : 'no-boundary' }
  }
  const escape = takeEscape(cursor)
  if (typeof escape === 'function') return { type: 'character', test: escape }
  return character(cursor, (other) => other === escape)
}

function parseClass(cursor: Cursor): CharacterTest {
  const start = cursor.at
  cursor.at += 1
  const negated = cursor.pattern[cursor.at] === '^'
  if (negated) cursor.at += 1
  const tests: CharacterTest[] = []
  while (cursor.pattern[cursor.at] !== ']') {
    if (cursor.at >= cursor.pattern.length) cursor.fail('this [ is never closed', start)
    tests.push(parseClassRange(cursor))
  }
  cursor.at += 1
  const listed: CharacterTest = (code) => tests.some((test) => test(code))
  const holds = cursor.ignoreCase ? inAnyCase(listed) : listed
  return negated ? (code) => !holds(code) : holds
}

function parseClassRange(cursor: Cursor): CharacterTest {
  const { at } = cursor
  const from = takeClassMember(cursor)
  const isRange = cursor.pattern[cursor.at] === '-' && cursor.pattern[cursor.at + 1] !== ']'
  if (!isRange || cursor.at + 1 >= cursor.pattern.length) {
    return typeof from === 'function' ? from : (code) => code === from
  }
  cursor.at += 1
  const to = takeClassMember(cursor)
  if (typeof from === 'function' || typeof to === 'function') {
    return cursor.fail('a range goes from one character to another', at)
  }
  if (to < from) cursor.fail('the ends of this range are out of order', at)
  return (code) => code >= from && code <= to
}

function takeClassMember(cursor: Cursor): number | CharacterTest {
  if (cursor.pattern[cursor.at] === '\\') {
    if (cursor.pattern[cursor.at + 1] !== 'b') return takeEscape(cursor)
    cursor.at += 2
    return 8
  }
  const code = cursor.pattern.codePointAt(cursor.at) ?? 0
  cursor.at += code > 0xff_ff ? 2 : 1
  return code
}

function takeEscape(cursor: Cursor): number | CharacterTest {
  const { at } = cursor
  const letter = cursor.pattern[at + 1]
  if (letter === undefined) return cursor.fail('the pattern ends with a backslash', at)
  const code = takeCode(cursor, letter)
  if (code !== undefined) return code
  cursor.at += 2
  const test = classOf(letter)
  if (test !== undefined) return test
  const control = CONTROLS.get(letter)
  if (control !== undefined) return control
  if (/[1-9k]/u.test(letter)) return cursor.fail('patterns cannot refer back to a group', at)
  if (/[A-Za-z]/u.test(letter)) return cursor.fail(`\\${letter} is not supported in patterns`, at)
  cursor.at = at + 1
  const literal = cursor.pattern.codePointAt(cursor.at) ?? 0
  cursor.at += literal > 0xff_ff ? 2 : 1
  return literal
}

function takeCode(cursor: Cursor, letter: string): number | undefined {
  if (letter !== 'x' && letter !== 'u') return undefined
  const spelling =
    letter === 'x' ? /\\x([0-9a-fA-F]{2})/uy : /\\u(?:([0-9a-fA-F]{4})|\{([0-9a-fA-F]{1,6})\})/uy
  spelling.lastIndex = cursor.at
  const found = spelling.exec(cursor.pattern)
  const code = Number.parseInt(found?.[1] ?? found?.[2] ?? '', 16)
  if (found === null || code > 0x10_ff_ff) {
    return cursor.fail(`expected hexadecimal digits after \\${letter}`, cursor.at)
  }
  cursor.at += found[0].length
  return code
}

function classOf(letter: string): CharacterTest | undefined {
  const positive = CLASSES.get(letter.toLowerCase())
  if (positive === undefined || letter === letter.toLowerCase()) return positive
  return (code) => !positive(code)
}

const CLASSES: ReadonlyMap<string, CharacterTest> = new Map([
  ['d', (code: number): boolean => code >= 48 && code <= 57],
  ['w', isWordCharacter],
  ['s', (code: number): boolean => /\s/u.test(String.fromCodePoint(code))],
])

function character(cursor: Cursor, test: CharacterTest): PatternNode {
  return { type: 'character', test: cursor.ignoreCase ? inAnyCase(test) : test }
}

function inAnyCase(test: CharacterTest): CharacterTest {
  return (code) => test(code) || test(mapped(code, 'lower')) || test(mapped(code, 'upper'))
}

function mapped(code: number, to: 'lower' | 'upper'): number {
  if (code < 128) {
    if (to === 'lower') return code >= 65 && code <= 90 ? code + 32 : code
    return code >= 97 && code <= 122 ? code - 32 : code
  }
  const text = String.fromCodePoint(code)
  const other = to === 'lower' ? text.toLowerCase() : text.toUpperCase()
  const mappedCode = other.codePointAt(0) ?? code
  return other.length === (mappedCode > 0xff_ff ? 2 : 1) ? mappedCode : code
}
