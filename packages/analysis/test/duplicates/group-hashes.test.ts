import { groupHashes, hashDistance, type PerceptualHash, perceptualHash } from '@dsv/analysis'
import { describe, expect, it } from '@jest/globals'
import fc from 'fast-check'

const { signal } = new AbortController()

/** Hashes close to a few that they are made from by flipping bits. */
const hashes: fc.Arbitrary<PerceptualHash[]> = fc.array(
  fc
    .tuple(
      fc.constantFrom([0, 0], [0xffffffff, 0], [0x0f0f0f0f, 0x12345678]),
      fc.array(fc.integer({ min: 0, max: 63 }), { maxLength: 9 }),
    )
    .map(([[high = 0, low = 0], flips]) => {
      const bits: number[] = [high, low]
      for (const flip of flips)
        bits[flip >> 5] = ((bits[flip >> 5] ?? 0) ^ (1 << (flip & 31))) >>> 0
      return { high: bits[0] ?? 0, low: bits[1] ?? 0 }
    }),
  { maxLength: 25 },
)

/** Groups as comparing all with all finds them. */
function slowGroups(list: readonly PerceptualHash[], distance: number): number[] {
  const groups = list.map((_, index) => index)
  for (const [a, first] of list.entries())
    for (const [b, second] of list.entries()) {
      if (hashDistance(first, second) > distance) continue
      const [from, to] = [groups[a] ?? a, groups[b] ?? b]
      for (const [index, group] of groups.entries())
        if (group === from || group === to) groups[index] = Math.min(from, to)
    }
  return groups
}

describe('groupHashes', () => {
  it('finds the groups that comparing all with all finds', async () => {
    await fc.assert(
      fc.asyncProperty(hashes, fc.integer({ min: 0, max: 15 }), async (list, distance) => {
        const high = Uint32Array.from(list, (hash) => hash.high)
        const low = Uint32Array.from(list, (hash) => hash.low)
        const found = await groupHashes({ high, low }, distance, signal)
        expect([...found]).toEqual(slowGroups(list, distance))
      }),
    )
  })
})

describe('groupHashes, at its limit', () => {
  it.each([0, 1, 2, 3, 4, 7, 8, 11, 12, 15])(
    'finds hashes that differ in %d bits, as evenly as can be',
    async (distance) => {
      const flips = [0, 0]
      for (let bit = 0; bit < distance; bit++) {
        const at = (bit % 4) * 16 + Math.floor(bit / 4)
        flips[at >> 5] = ((flips[at >> 5] ?? 0) | (1 << (at & 31))) >>> 0
      }
      const [high = 0, low = 0] = flips
      const pair = { high: Uint32Array.of(0, high), low: Uint32Array.of(0, low) }
      expect([...(await groupHashes(pair, distance, signal))]).toEqual([0, 0])
      const nearer = Math.max(0, distance - 1)
      const apart = [...(await groupHashes(pair, nearer, signal))]
      expect(apart).toEqual(distance === 0 ? [0, 0] : [0, 1])
    },
  )
})

describe('perceptualHash', () => {
  const picture = (size: number, level: (x: number, y: number) => number): PerceptualHash => {
    const data = new Uint8Array(size * size)
    for (let y = 0; y < size; y++)
      for (let x = 0; x < size; x++) data[y * size + x] = level((x + 0.5) / size, (y + 0.5) / size)
    const hash = perceptualHash({ width: size, height: size, data })
    if (hash === undefined) throw new Error('no contrast')
    return hash
  }
  const scene =
    (cx: number, cy: number, gain = 1) =>
    (x: number, y: number): number =>
      gain * (40 + 60 * x + 100 * Math.exp(-20 * ((x - cx) ** 2 + (y - cy) ** 2)))

  it('is as good as the same for another size or brightness', () => {
    const whole = picture(200, scene(0.3, 0.6))
    expect(hashDistance(whole, picture(50, scene(0.3, 0.6)))).toBeLessThanOrEqual(3)
    expect(hashDistance(whole, picture(9, scene(0.3, 0.6)))).toBeLessThanOrEqual(20)
    expect(hashDistance(whole, picture(200, scene(0.3, 0.6, 0.7)))).toBeLessThanOrEqual(3)
  })

  it('tells apart where things are', () => {
    expect(
      hashDistance(picture(100, scene(0.3, 0.6)), picture(100, scene(0.6, 0.3))),
    ).toBeGreaterThan(15)
  })

  it('has nothing to say of an image without contrast', () => {
    expect(perceptualHash({ width: 40, height: 3, data: new Uint8Array(120).fill(7) })).toBe(
      undefined,
    )
  })
})
