import { describe, expect, it } from '@jest/globals'
import fc from 'fast-check'
import { Packr } from 'msgpackr'
import { decodeCanonical, encodeCanonical, isDsvError } from '@dsv/store'

const textArbitrary = fc.oneof(
  fc.string({ unit: 'binary', maxLength: 70 }),
  fc.string({ maxLength: 8 }),
  fc.constantFrom('\uffff', '\u{10000}', '\ue000', 'a'.repeat(31), 'a'.repeat(32), 'ß'.repeat(128)),
)
const numberArbitrary = fc.oneof(
  fc.integer(),
  fc.maxSafeInteger(),
  fc.double({ noNaN: true, noDefaultInfinity: true }),
  fc.constantFrom(...edgeNumbers()),
)
const valueArbitrary = fc.letrec((tie) => ({
  value: fc.oneof(
    { depthSize: 'small', withCrossShrink: true },
    fc.constantFrom(null, true, false),
    numberArbitrary,
    textArbitrary,
    fc.uint8Array({ maxLength: 40 }),
    fc.array(tie('value'), { maxLength: 20 }),
    fc
      .dictionary(
        textArbitrary.filter((key) => key !== '__proto__'),
        tie('value'),
        { maxKeys: 18 },
      )
      .map((map) => ({ ...map })),
  ),
})).value

describe('encodeCanonical', () => {
  it('is undone by decodeCanonical, but for -0', () => {
    fc.assert(
      fc.property(valueArbitrary, (value) => {
        expect(decodeCanonical(encodeCanonical(value))).toEqual(withoutNegativeZero(value))
      }),
      { numRuns: 1000 },
    )
  })

  it('gives the same bytes whatever the order of keys', () => {
    fc.assert(
      fc.property(fc.dictionary(textArbitrary, fc.nat()), (map) => {
        const entries = Object.entries(map).filter(([key]) => key !== '__proto__')
        const one = encodeCanonical(Object.fromEntries(entries))
        expect(encodeCanonical(Object.fromEntries(entries.toReversed()))).toEqual(one)
      }),
    )
  })

  it('gives what msgpackr gives for sorted maps, but for integers beyond 32 bits', () => {
    const packr = new Packr({ useRecords: false, variableMapSize: true })
    fc.assert(
      fc.property(valueArbitrary.filter(isWithin32Bits), (value) => {
        expect(Buffer.from(encodeCanonical(value))).toEqual(packr.pack(sortedDeep(value)))
      }),
      { numRuns: 500 },
    )
  })

  it.each([
    [0, '00'],
    [-0, '00'],
    [1.0, '01'],
    [127, '7f'],
    [128, 'cc80'],
    [256, 'cd0100'],
    [65_536, 'ce00010000'],
    [2 ** 32, 'cf0000000100000000'],
    [Number.MAX_SAFE_INTEGER, 'cf001fffffffffffff'],
    [2 ** 53, 'cb4340000000000000'],
    [-32, 'e0'],
    [-33, 'd0df'],
    [-128, 'd080'],
    [-129, 'd1ff7f'],
    [-32_769, 'd2ffff7fff'],
    [-(2 ** 31), 'd280000000'],
    [-(2 ** 31) - 1, 'd3ffffffff7fffffff'],
    [Number.MIN_SAFE_INTEGER, 'd3ffe0000000000001'],
    [1.5, 'cb3ff8000000000000'],
    ['', 'a0'],
    ['a'.repeat(32), `d920${'61'.repeat(32)}`],
    [new Uint8Array([1, 2]), 'c4020102'],
    [[null, true, false], '93c0c3c2'],
    [{ 9: 1, 10: 2 }, '82a2313002a13901'],
    [{ '\u{10000}': 1, '\uffff': 2 }, '82a3efbfbf02a4f090808001'],
  ])('encodes %p as %s', (value, hex) => {
    expect(Buffer.from(encodeCanonical(value)).toString('hex')).toBe(hex)
  })

  it.each([
    ['undefined', undefined],
    ['NaN', Number.NaN],
    ['Infinity', Number.POSITIVE_INFINITY],
    ['a BigInt', 1n],
    ['a date', new Date(0)],
    ['a map', new Map()],
    ['a set', new Set()],
    ['a function', () => 1],
    ['a symbol', Symbol('s')],
    ['a boxed string', Object('s')],
    [
      'an instance of a class',
      new (class Box {
        readonly size = 1
      })(),
    ],
    ['a lone surrogate', 'a\ud800'],
    ['a long string with a lone surrogate', `${'a'.repeat(100)}\udc00`],
    ['a key with a lone surrogate', { '\ud800': 1 }],
    ['an array with a hole', Object.assign([], { length: 1 })],
    ['a key __proto__', JSON.parse('{"__proto__":1}')],
    ['a float array', new Float64Array(1)],
    ['a clamped array', new Uint8ClampedArray(1)],
    ['too much depth', nested(65)],
  ])('refuses %s and names the place', (_, inner) => {
    for (const [value, place] of [
      [inner, ''],
      [{ a: [1, { b: inner }] }, '.a[1].b'],
    ] as const) {
      expect(() => encodeCanonical(value)).toThrow(
        expect.objectContaining({
          code: 'DSV_RECORD_INVALID',
          details: expect.objectContaining({ place: expect.stringContaining(place) }),
        }),
      )
    }
  })

  it('works again after a refusal, and does not share bytes between results', () => {
    expect(() => encodeCanonical([1, undefined])).toThrow('A record at [1]')
    const one = encodeCanonical([1])
    encodeCanonical([2])
    expect([...one]).toEqual([0x91, 1])
  })

  it('allows 64 levels', () => {
    expect(decodeCanonical(encodeCanonical(nested(64)))).toEqual(nested(64))
  })
})

describe('decodeCanonical', () => {
  it('accepts only what encodeCanonical gives', () => {
    fc.assert(
      fc.property(valueArbitrary, fc.nat(), fc.nat({ max: 255 }), (value, place, byte) => {
        const bytes = encodeCanonical(value)
        bytes[place % bytes.length] = byte
        expect(decodedAndEncoded(bytes)).toEqual(bytes)
        const cut = bytes.subarray(0, place % bytes.length)
        expect(decodedAndEncoded(cut)).toEqual(cut)
      }),
      { numRuns: 3000 },
    )
  })

  it('answers any bytes with an error or a value', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 24 }), (bytes) => {
        expect(decodedAndEncoded(bytes)).toEqual(bytes)
      }),
      { numRuns: 5000 },
    )
  })

  it.each([
    ['nothing', ''],
    ['bytes behind the value', '0101'],
    ['a cut string', 'a2'],
    ['an array of four billion', 'ddffffffff'],
    ['a map of four billion', 'dfffffffff01'],
    ['a byte string of four gigabytes', 'c6ffffffff00'],
    ['keys out of order', '82a16201a16101'],
    ['the same key twice', '82a16101a16102'],
    ['a number as key', '810101'],
    ['a key __proto__', '81a95f5f70726f746f5f5f01'],
    ['an extension', 'd40001'],
    ['a date', 'd6ff00000000'],
    ['a record of msgpackr', 'd4724091a161'],
    ['float32', 'ca3fc00000'],
    ['an integer as float64', 'cb3ff0000000000000'],
    ['-0', 'cb8000000000000000'],
    ['NaN', 'cb7ff8000000000000'],
    ['a long form of 1', 'cc01'],
    ['a long form of -1', 'd0ff'],
    ['an integer beyond 2^53', 'cf0020000000000000'],
    ['a long string header', 'd90161'],
    ['a long map header', 'de000181a16101'],
    ['a string that is not UTF-8', 'a1ff'],
    ['a surrogate in UTF-8', 'a3eda080'],
    ['too much depth', '91'.repeat(65) + '01'],
    ['endless depth', '91'.repeat(100_000)],
  ])('refuses %s', (_, hex) => {
    expect(() => decodeCanonical(Buffer.from(hex, 'hex'))).toThrow(
      expect.objectContaining({ code: 'DSV_RECORD_CORRUPT' }),
    )
  })

  it('gives plain values that do not refer to the source', () => {
    const source = Buffer.from(encodeCanonical({ constructor: 1, toString: [new Uint8Array([7])] }))
    const value = decodeCanonical(source)
    source.fill(0)
    expect(value).toStrictEqual({ constructor: 1, toString: [new Uint8Array([7])] })
    expect(Object.getPrototypeOf(value)).toBe(Object.prototype)
  })
})

function edgeNumbers(): number[] {
  return [0, 5, 7, 8, 15, 16, 31, 32, 52, 53, 60, 64, 1023].flatMap((power) =>
    [-1, 0, 1].flatMap((more) => [2 ** power + more, -(2 ** power) + more]),
  )
}

function nested(depth: number): unknown {
  return depth === 0 ? 1 : [nested(depth - 1)]
}

function withoutNegativeZero(value: unknown): unknown {
  return mapDeep(value, (item) => (Object.is(item, -0) ? 0 : item))
}

function sortedDeep(value: unknown): unknown {
  return mapDeep(value, (item) =>
    isMap(item)
      ? new Map(
          Object.entries(item).toSorted(([a], [b]) =>
            Buffer.compare(Buffer.from(a), Buffer.from(b)),
          ),
        )
      : Object.is(item, -0)
        ? 0
        : item,
  )
}

function mapDeep(value: unknown, change: (item: unknown) => unknown): unknown {
  if (Array.isArray(value)) return value.map((item) => mapDeep(item, change))
  if (!isMap(value)) return change(value)
  const entries = Object.entries(value).map(([key, item]) => [key, mapDeep(item, change)])
  return change(Object.fromEntries(entries))
}

function isMap(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !(value instanceof Uint8Array)
}

function isWithin32Bits(value: unknown): boolean {
  let isWithin = true
  mapDeep(value, (item) => {
    if (Number.isSafeInteger(item))
      isWithin &&= Number(item) < 2 ** 32 && Number(item) >= -(2 ** 31)
    return item
  })
  return isWithin
}

/** Encodes again what was decoded; bytes that are refused come back as they are. */
function decodedAndEncoded(bytes: Uint8Array): Uint8Array {
  try {
    return encodeCanonical(decodeCanonical(bytes))
  } catch (error) {
    if (isDsvError(error, 'DSV_RECORD_CORRUPT')) return bytes
    throw error
  }
}
