import type { GreyPixels } from './decode-grey.ts'

/** 64 bits in two halves, so that a million of them fit in typed arrays. */
export interface PerceptualHash {
  readonly high: number
  readonly low: number
}

/** The image is averaged to this many cells each way. */
const CELLS = 32
/** Frequencies 0…7 each way make the bits. */
const BITS = 8
/** Grey levels between the brightest and the darkest cell, below which an image shows nothing to compare. */
const MIN_CONTRAST = 4

/**
 * Returns 64 bits that differ little between pictures that look alike: whether each of the 8 × 8 lowest frequencies of the
 * discrete cosine transform of 32 × 32 cells is above their median. The image is averaged into the cells exactly, and nothing
 * depends on the machine.
 *
 * @returns undefined for an image without contrast: all of them would look alike
 * @see {@link https://www.phash.org/docs/pubs/thesis_zauner.pdf | Zauner 2010, 3.2.1}; with the frequencies that are constant
 *   in one direction, which make it steadier on drawings and smooth pictures
 */
export function perceptualHash(image: GreyPixels): PerceptualHash | undefined {
  const cells = averagedCells(image)
  let [darkest, brightest] = [Infinity, -Infinity]
  for (const cell of cells) {
    if (cell < darkest) darkest = cell
    if (cell > brightest) brightest = cell
  }
  if (!(brightest - darkest >= MIN_CONTRAST)) return undefined
  const frequencies = lowFrequencies(cells)
  const sorted = frequencies.toSorted()
  const median = ((sorted[31] ?? 0) + (sorted[32] ?? 0)) / 2
  let [high, low] = [0, 0]
  for (const [index, frequency] of frequencies.entries()) {
    const bit = frequency > median ? 1 : 0
    if (index < 32) high = (high << 1) | bit
    else low = (low << 1) | bit
  }
  return { high: high >>> 0, low: low >>> 0 }
}

/** Returns in how many of 64 bits two hashes differ. */
export function hashDistance(a: PerceptualHash, b: PerceptualHash): number {
  return bitCount(a.high ^ b.high) + bitCount(a.low ^ b.low)
}

/** Returns how many bits of a 32-bit number are set. */
export function bitCount(bits: number): number {
  let value = bits - ((bits >>> 1) & 0x55555555)
  value = (value & 0x33333333) + ((value >>> 2) & 0x33333333)
  return (((value + (value >>> 4)) & 0x0f0f0f0f) * 0x01010101) >>> 24
}

/** Mean grey of each cell, row by row; a pixel on a border counts to both sides by its share. */
function averagedCells({ width, height, data }: GreyPixels): Float64Array {
  const cells = new Float64Array(CELLS * CELLS)
  const sums = new Float64Array(width + 1)
  for (let y = 0; y < height; y++) {
    const row = y * width
    for (let x = 0; x < width; x++) sums[x + 1] = (sums[x] ?? 0) + (data[row + x] ?? 0)
    const from = Math.floor((y * CELLS) / height)
    const to = Math.min(CELLS - 1, Math.ceil(((y + 1) * CELLS) / height) - 1)
    for (let cellY = from; cellY <= to; cellY++) {
      const top = Math.max(y, (cellY * height) / CELLS)
      const share = Math.min(y + 1, ((cellY + 1) * height) / CELLS) - top
      for (let cellX = 0; cellX < CELLS; cellX++) {
        const inRow =
          sumUpTo(sums, ((cellX + 1) * width) / CELLS) - sumUpTo(sums, (cellX * width) / CELLS)
        cells[cellY * CELLS + cellX] = (cells[cellY * CELLS + cellX] ?? 0) + share * inRow
      }
    }
  }
  const area = (width * height) / (CELLS * CELLS)
  return cells.map((sum) => sum / area)
}

function sumUpTo(sums: Float64Array, x: number): number {
  const whole = Math.floor(x)
  const before = sums[whole] ?? 0
  return x === whole ? before : before + (x - whole) * ((sums[whole + 1] ?? before) - before)
}

/** Frequencies 0…7 across and down, row by row. */
function lowFrequencies(cells: Float64Array): Float64Array {
  const across = new Float64Array(CELLS * BITS)
  for (let y = 0; y < CELLS; y++)
    for (let frequency = 0; frequency < BITS; frequency++) {
      let sum = 0
      for (let x = 0; x < CELLS; x++)
        sum += (cells[y * CELLS + x] ?? 0) * (COSINES[frequency * CELLS + x] ?? 0)
      across[y * BITS + frequency] = sum
    }
  const frequencies = new Float64Array(BITS * BITS)
  for (let down = 0; down < BITS; down++)
    for (let frequency = 0; frequency < BITS; frequency++) {
      let sum = 0
      for (let y = 0; y < CELLS; y++)
        sum += (across[y * BITS + frequency] ?? 0) * (COSINES[down * CELLS + y] ?? 0)
      frequencies[down * BITS + frequency] = sum
    }
  return frequencies
}

const COSINES = Float64Array.from({ length: BITS * CELLS }, (_, index) => {
  const frequency = Math.floor(index / CELLS)
  return Math.cos((Math.PI * frequency * (2 * (index % CELLS) + 1)) / (2 * CELLS))
})
