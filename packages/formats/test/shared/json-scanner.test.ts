import { memoryFile } from '@dsv/formats'
import { describe, expect, it } from '@jest/globals'
import * as fc from 'fast-check'
import { isDsvError } from '@dsv/store'
import { scalarAt } from '../../src/shared/json-bytes.ts'
import { scanJson } from '../../src/shared/json-scanner.ts'

/** Puts a document together again from what the scanner tells. */
async function scanned(text: string | Uint8Array, windowBytes: number): Promise<unknown> {
  const result: [string, unknown][] = []
  const lists = new Map<string, unknown[]>()
  const bytes = typeof text === 'string' ? Buffer.from(text) : text
  await scanJson(
    memoryFile(bytes),
    'a.json',
    {
      windowBytes,
      list: (key) => {
        const list: unknown[] = []
        lists.set(key, list)
        result.push([key, list])
      },
      member: (key, value) => result.push([key, JSON.parse(value)]),
      element: ({ key, buffer, start, end, offset }) => {
        expect(bytes.subarray(offset, offset + end - start)).toEqual(buffer.subarray(start, end))
        lists.get(key)?.push(JSON.parse(buffer.toString('utf8', start, end)))
      },
    },
    new AbortController().signal,
  )
  return lists.has('') && result.length === 1 ? lists.get('') : Object.fromEntries(result)
}

/** Puts a map together again from its members. */
async function scannedMap(text: string, windowBytes: number): Promise<unknown> {
  const result: [string, unknown][] = []
  await scanJson(
    memoryFile(Buffer.from(text)),
    'a.json',
    {
      windowBytes,
      isMap: (key) => key === '',
      element: ({ name, index, buffer, start, end }) => {
        expect(index).toBe(result.length)
        result.push([name, JSON.parse(buffer.toString('utf8', start, end))])
      },
    },
    new AbortController().signal,
  )
  return Object.fromEntries(result)
}

const objects = fc
  .dictionary(fc.string(), fc.oneof(fc.array(fc.jsonValue()), fc.jsonValue()), {
    noNullPrototype: true,
  })
  .filter((value) => !('' in value) && !Object.hasOwn(value, '__proto__'))
const windows = fc.integer({ min: 1, max: 40 })
const indents = fc.constantFrom(undefined, 2, '\t', '\r\n')

describe('scanJson', () => {
  it('finds the members of a map', async () => {
    await fc.assert(
      fc.asyncProperty(objects, windows, indents, async (value, windowBytes, indent) => {
        const text = JSON.stringify(value, undefined, indent)
        expect(JSON.stringify(await scannedMap(text, windowBytes))).toBe(JSON.stringify(value))
      }),
      { numRuns: 50 },
    )
  })

  it('finds what JSON.parse finds, however small the window is', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.oneof(objects, fc.array(fc.jsonValue())),
        windows,
        indents,
        async (value, window, indent) => {
          const text = JSON.stringify(value, null, indent)
          expect(await scanned(text, window)).toEqual(JSON.parse(text))
        },
      ),
      { numRuns: 300 },
    )
  })

  it('accepts what JSON.parse accepts, and no more, in damaged files', async () => {
    const damaged = fc.tuple(
      objects,
      fc.nat(),
      fc.constantFrom('', ',', ']', '}', '[', '"', ':', '1'),
    )
    await fc.assert(
      fc.asyncProperty(damaged, windows, async ([value, at, put], window) => {
        const text = JSON.stringify(value)
        const place = at % (text.length + 1)
        const bad = text.slice(0, place) + put + text.slice(place + 1)
        const expected = attempt(() => JSON.parse(bad) as unknown)
        const actual = await scanned(bad, window).then(
          () => true,
          (error: unknown) => {
            if (!isDsvError(error) && !(error instanceof SyntaxError)) throw error
            return false
          },
        )
        expect(actual).toBe(expected)
      }),
      { numRuns: 500 },
    )
  })

  it('tells where watched members are, and only those of the element itself', async () => {
    const text = '[{"a":{"id":1},"b":"id","id" : 7},{"id":"x"},{"c":[{"id":2}]}]'
    const found: unknown[] = []
    await scanJson(
      memoryFile(Buffer.from(text)),
      'a.json',
      {
        watch: ['id'],
        element: ({ buffer, watched }) => {
          const place = watched[0] ?? -1
          found.push(place < 0 ? undefined : scalarAt(buffer, place))
        },
      },
      new AbortController().signal,
    )
    expect(found).toEqual([7, 'x', undefined])
  })

  it('skips a byte-order mark and refuses UTF-16', async () => {
    expect(await scanned('\ufeff{"a":1}', 4)).toEqual({ a: 1 })
    await expect(scanned(Buffer.from('\ufeff{}', 'utf16le'), 64)).rejects.toThrow(
      'a.json: should be UTF-8, but is UTF-16.',
    )
  })

  it('names the line where a file ends too early', async () => {
    await expect(scanned('{"images":[\n{"id":1},\n{"id":', 8)).rejects.toThrow(
      'a.json: ends in the middle of this value (line 3, byte 22).',
    )
  })
})

function attempt(parse: () => unknown): boolean {
  try {
    const value = parse()
    return typeof value === 'object' && value !== null
  } catch {
    return false
  }
}
