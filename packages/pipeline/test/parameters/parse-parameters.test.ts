import { describe, expect, it } from '@jest/globals'
import { isDsvError } from '@dsv/store'
import fc from 'fast-check'
import { parseParameters } from '../../src/parameters/parse-parameters.ts'
import { asJson, type Value } from '../../src/read/value.ts'

function parse(file: string, text: string): Value {
  return parseParameters(new TextEncoder().encode(text), file)
}

function entries(file: string, text: string): unknown {
  const value = parse(file, text)
  return value instanceof Map ? Object.fromEntries(value) : value
}

describe('parseParameters', () => {
  it('tells integers from other numbers in every kind of file', () => {
    const expected = { whole: 1n, round: 1, negative: -5n, large: 12_345_678_901_234_567_890n }
    const numbers = [1, '1.0', -5, '12345678901234567890']
    const lines = (sign: string): string =>
      Object.keys(expected)
        .map((key, index) => `${key}${sign}${numbers[index]}`)
        .join('\n')
    expect(entries('p.yaml', lines(': '))).toEqual(expected)
    expect(entries('p.py', lines(' = '))).toEqual(expected)
    expect(
      entries(
        'p.json',
        `{${lines(': ')
          .replace(/^(\w+)/gm, '"$1"')
          .replaceAll('\n', ',')}}`,
      ),
    ).toEqual(expected)
    // 64 bits are the most that TOML has.
    const toml = lines(' = ').replace(/large.*/, 'large = 9007199254740993')
    expect(entries('p.toml', toml)).toEqual({ ...expected, large: 9_007_199_254_740_993n })
  })

  it('reads YAML 1.2, as DVC does', () => {
    const text = `
a: yes
b: 0o17
c: 0x1F
d: 012
e: 1e3
f: .inf
g: 1_000
h: ~
i: "1"
j: +5
k: .5
l: 2020-01-02
m: TRUE
n: -0x1_F
o: 0b1_01
p: 0x_
q: 1.5.2
`
    expect(entries('p.yaml', text)).toEqual({
      a: 'yes',
      b: 15n,
      c: 31n,
      d: 12n,
      e: 1000,
      f: Infinity,
      g: 1000n,
      h: null,
      i: '1',
      j: 5n,
      k: 0.5,
      l: '2020-01-02',
      m: true,
      n: -31n,
      o: 5n,
      p: '0x_',
      q: '1.5.2',
    })
  })

  it('reads JSON with the numbers that Python writes beyond it', () => {
    expect(
      entries('p.JSON', '{"a": [NaN, -Infinity, 1e2], "b\\"1": "x 1 NaN \\\\", "__proto__": 3}'),
    ).toEqual(
      Object.fromEntries([
        ['a', [Number.NaN, -Infinity, 100]],
        ['b"1', 'x 1 NaN \\'],
        ['__proto__', 3n],
      ]),
    )
  })

  it('reads the literals that a Python file assigns, and runs nothing', () => {
    const text = `"""Settings."""
import os  # a comment
FLAG = True; NOTHING: None = None
COUNT: int = 5
RATE = -1.5e-3
TEXT = 'one' "two" r'\\d' '\\x41\\n'
LONG = """a
b"""
JOINED = (1,
  2)
PAIR = 3, 'x'
ALONE = (4)
SET = {1, 2}
EMPTY = set()
NESTED = {'a': {'b': [1, 0x1f, 1_000]}, 2: None,}
COMPUTED = 1 + 2
CALLED = os.getcwd()
FORMATTED = f'{COUNT}'
BYTES = b'x'
a = b = 1
x, y = 1, 2
COUNT += 1
if FLAG:
    HIDDEN = 1
class Model(Base, metaclass=Meta[1:2]):
    DEPTH = 3
    class Inner: WIDTH = 4
    def __init__(self, size: int = 3) -> None:
        self.size = 7
        self.sum = size + 1
        local = 1
    def other(self):
        self.not_seen = 1
LAST = "end" \\
  "ing"
`
    expect(asJson(parse('p.py', text))).toEqual({
      FLAG: true,
      NOTHING: null,
      COUNT: 5,
      RATE: -0.0015,
      TEXT: 'onetwo\\dA\n',
      LONG: 'a\nb',
      JOINED: [1, 2],
      PAIR: [3, 'x'],
      ALONE: 4,
      SET: [1, 2],
      EMPTY: [],
      NESTED: { a: { b: [1, 31, 1000] }, 2: null },
      Model: { DEPTH: 3, Inner: { WIDTH: 4 }, size: 7 },
      LAST: 'ending',
    })
  })

  it.each([
    ['p.yaml', 'a: 1\nb: [', 'p.yaml, line 2: is no valid YAML'],
    ['p.json', '{"a": 1,\n "b": }', 'p.json, line 2: is no valid JSON'],
    ['p.json', '{"a": "', 'is no valid JSON'],
    ['p.toml', 'a = 1\na = 2', 'p.toml, line 2: is no valid TOML'],
    ['p.py', 'a = 1\nb = """x', 'p.py, line 2: has a text that does not end'],
    ['p.py', 'a = (1', 'p.py, line 1: has a bracket that does not end'],
    ['p.py', 'a = 1\n)', 'p.py, line 2: has a ) without its ('],
    ['p.json', '['.repeat(1_000_000), 'p.json'],
    ['p.toml', `a = ${'['.repeat(100_000)}`, 'p.toml'],
    ['p.json', `"${'\\"'.repeat(1_000_000)}`, 'p.json'],
  ])('says what is wrong with %s %.20j', (file, text, message) => {
    expect(() => parse(file, text)).toThrow(
      expect.objectContaining({
        code: 'DSV_PIPELINE_FILE_UNREADABLE',
        message: expect.stringContaining(message),
      }),
    )
  })

  it('takes bounded time for nested brackets of Python', () => {
    for (const bracket of ['(', '[', '{', '-'])
      expect(() => parse('p.py', `a = ${bracket.repeat(50_000)}`)).not.toThrow(RangeError)
  })

  it.each(['p.yaml', 'p.json', 'p.toml', 'p.py'])('reads an empty %s as nothing', (file) => {
    expect(entries(file, '')).toEqual({})
  })

  it('reads back what JSON.stringify writes', () => {
    fc.assert(
      fc.property(fc.json(), (text) => {
        fc.pre(typeof JSON.parse(text) === 'object')
        expect(JSON.stringify(asJson(parse('p.json', text)))).toBe(
          JSON.stringify(
            JSON.parse(text, (_, value: unknown) => (Object.is(value, -0) ? 0 : value)),
          ),
        )
      }),
    )
  })

  it('throws our errors or returns, whatever a file holds', () => {
    const python = fc.array(fc.constantFrom(...PYTHON_PARTS)).map((parts) => parts.join(''))
    const file = fc.constantFrom('p.py', 'p.yaml', 'p.json', 'p.toml')
    fc.assert(
      fc.property(file, fc.oneof(python, fc.string()), (name, text) => {
        try {
          parse(name, text)
        } catch (error) {
          if (!isDsvError(error, 'DSV_PIPELINE_FILE_UNREADABLE')) throw error
        }
      }),
      { numRuns: 1000 },
    )
  })
})

const PYTHON_PARTS =
  'a|=| |\n|1|\'|"|"""|(|)|[|]|{|}|,|:|\\|#|class A:|def __init__(self):|self.|    |\t|-|.|;|None|\r\n'.split(
    '|',
  )
