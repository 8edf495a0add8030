import { describe, expect, it } from '@jest/globals'
import { hashBlob } from '@dsv/store'
import fc from 'fast-check'

import { cutIntoChunks } from '../../src/object/chunker.ts'

const sizes = { min: 256, average: 1024, max: 4096 }

function noise(length: number): Buffer {
  const bytes = Buffer.alloc(length)
  let state = 12345
  for (let index = 0; index < length; index += 1) {
    state = (Math.imul(state, 1664525) + 1013904223) | 0
    bytes[index] = state >>> 24
  }
  return bytes
}

async function* inPieces(bytes: Buffer, size: number): AsyncGenerator<Buffer> {
  for (let at = 0; at < bytes.length; at += size) yield bytes.subarray(at, at + size)
}

async function cut(bytes: Buffer, pieceSize = 10_000): Promise<Buffer[]> {
  const chunks: Buffer[] = []
  for await (const chunk of cutIntoChunks(inPieces(bytes, pieceSize), sizes)) {
    chunks.push(Buffer.from(chunk))
  }
  return chunks
}

describe('cutIntoChunks', () => {
  const bytes = noise(300_000)

  it('loses nothing and keeps to the sizes, however the bytes come', async () => {
    const expected = await cut(bytes)
    expect(Buffer.concat(expected).equals(bytes)).toBe(true)
    for (const chunk of expected.slice(0, -1)) {
      expect(chunk.length).toBeGreaterThanOrEqual(sizes.min)
      expect(chunk.length).toBeLessThanOrEqual(sizes.max)
    }
    const average = bytes.length / expected.length
    expect(average).toBeGreaterThan(800)
    expect(average).toBeLessThan(1300)
    await fc.assert(
      fc.asyncProperty(fc.integer({ min: 1, max: 20_000 }), async (pieceSize) => {
        const chunks = await cut(bytes, pieceSize)
        expect(chunks.map((chunk) => chunk.length)).toEqual(expected.map((chunk) => chunk.length))
      }),
      { numRuns: 10 },
    )
  })

  it('cuts where every release must cut', async () => {
    const lengths = (await cut(noise(8000))).map((chunk) => chunk.length)
    expect(lengths).toEqual([4096, 532, 1481, 727, 1164])
  })

  it('keeps all but a few chunks when bytes are put in', async () => {
    const before = new Set((await cut(bytes)).map(hashBlob))
    await fc.assert(
      fc.asyncProperty(
        fc.nat(bytes.length),
        fc.uint8Array({ minLength: 1, maxLength: 300 }),
        async (at, inserted) => {
          const edited = Buffer.concat([bytes.subarray(0, at), inserted, bytes.subarray(at)])
          const added = (await cut(edited)).filter((chunk) => !before.has(hashBlob(chunk)))
          expect(added.length).toBeLessThanOrEqual(12)
        },
      ),
      { numRuns: 20 },
    )
  })

  it('cuts uniform bytes at the largest size', async () => {
    expect((await cut(Buffer.alloc(10_000))).map((chunk) => chunk.length)).toEqual([
      4096, 4096, 1808,
    ])
  })

  it('cuts what shrinks finer than what does not, however the bytes come', async () => {
    const text = Buffer.from(noise(1_500_000).toString('hex'))
    const lengths = async (content: Buffer, pieceSize: number): Promise<number[]> => {
      const found: number[] = []
      for await (const { length } of cutIntoChunks(inPieces(content, pieceSize))) found.push(length)
      return found
    }
    const ofText = await lengths(text, 1_000_000)
    expect(text.length / ofText.length).toBeLessThan(100_000)
    expect(Math.max(...ofText)).toBeLessThanOrEqual(262_144)
    expect(await lengths(text, 70_001)).toEqual(ofText)
    expect(3_000_000 / (await lengths(noise(3_000_000), 1_000_000)).length).toBeGreaterThan(500_000)
  })
})
