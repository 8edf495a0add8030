import { isDsvError } from '@dsv/core'
import { memoryFile } from '@dsv/formats'
import { describe, expect, it } from '@jest/globals'
import * as fc from 'fast-check'
import { indexCsv } from '../../src/shared/csv-index.ts'
import { csvBlocks } from '../../src/shared/csv-reader.ts'
import { csvRow } from '../../src/shared/csv-text.ts'
import { memoryFolder } from '../memory-folder.ts'

async function rowsOf(text: string | Uint8Array): Promise<readonly (readonly string[])[]> {
  const rows: (readonly string[])[] = []
  for await (const block of csvBlocks(memoryFile(Buffer.from(text)), 'a.csv')) {
    rows.push(...block.rows)
  }
  return rows
}

const field = fc.oneof(
  fc.string(),
  fc.constantFrom('', 'a', '"', ',', '\n', '\r\n', ' x ', '\ufeff', 'ä'),
)
const table = fc.array(fc.array(field, { minLength: 1, maxLength: 4 }), { maxLength: 8 })

describe('csvBlocks', () => {
  it('reads what csvRow wrote', async () => {
    await fc.assert(
      fc.asyncProperty(table, async (rows) => {
        expect(await rowsOf(rows.map((row) => csvRow(row)).join(''))).toEqual(rows)
      }),
    )
  })

  it('reads rows across its blocks, with the place of each', async () => {
    const rows = Array.from({ length: 60_000 }, (_, at) => [
      `${at}`,
      at % 7 === 0 ? 'a,"\nb' : 'plain text',
    ])
    const bytes = Buffer.from(rows.map((row) => csvRow(row)).join('\n'))
    let count = 0
    for await (const { rows: read, offsets } of csvBlocks(memoryFile(bytes), 'a.csv')) {
      const first = bytes.toString('utf8', offsets[0], offsets[1])
      expect(first.trim()).toBe(csvRow(rows[count] ?? []).trim())
      expect(read).toEqual(rows.slice(count, count + read.length))
      count += read.length
    }
    expect(count).toBe(rows.length)
  })

  it('takes any bytes, or refuses them', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.uint8Array(),
        fc.constantFrom('', '"', 'a"b,', '"a" b\n'),
        async (a, b) => {
          try {
            await rowsOf(Buffer.concat([a, Buffer.from(b)]))
          } catch (error) {
            if (!isDsvError(error, 'DSV_FORMAT_SYNTAX')) throw error
          }
        },
      ),
    )
  })

  it('leaves out a byte-order mark and empty lines', async () => {
    expect(await rowsOf('\ufeffa,b\r\n\r\n1,"2"\r\n')).toEqual([
      ['a', 'b'],
      ['1', '2'],
    ])
  })

  it('does not look for the end of a quote for ever', async () => {
    await expect(rowsOf(`a\n"${'x'.repeat(18 * 2 ** 20)}\n`)).rejects.toThrow(/row 2 has no end/)
  })
})

describe('indexCsv', () => {
  it('gives the rows of each key, wherever they are', async () => {
    const rows = fc.array(fc.tuple(fc.constantFrom('a', 'b', 'c,', '"'), fc.integer()), {
      minLength: 1,
    })
    await fc.assert(
      fc.asyncProperty(rows, async (pairs) => {
        const text = [['key', 'value'], ...pairs].map((row) => csvRow(row.map(String))).join('')
        const signal = new AbortController().signal
        const options = { keyColumn: () => 0 }
        const index = await indexCsv(memoryFolder([['a.csv', text]]), 'a.csv', options, signal)
        for (const key of ['a', 'b', 'c,', '"', 'none']) {
          const own = pairs.filter(([each]) => each === key).map((row) => row.map(String))
          expect(await index.rowsOf(key)).toEqual(own)
        }
        expect([...index.keys]).toEqual([...new Set(pairs.map(([key]) => key))])
      }),
    )
  })
})
