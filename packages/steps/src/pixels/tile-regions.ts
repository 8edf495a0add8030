import type { ImageExtent } from '@dsv/core'
import { optionInvalid } from '../errors.ts'
import type { Region } from './change-annotation.ts'

/** The regions that an image is cut into, row by row. */
export type Tiling = (image: ImageExtent) => readonly Region[]

/** What says how to cut. */
export interface TilingOptions {
  readonly grid: string | undefined
  readonly size: string | undefined
  readonly overlap: number | undefined
}

/** No image is cut into more tiles. */
export const MAX_TILES: number = 2 ** 16

/**
 * Returns how images are cut.
 *
 * A `grid` of rows × columns cuts at `⌊k · width / columns⌋`; each tile then grows on each side by half of `overlap` of its size, rounded up,
 * as far as the image goes. Tiles of a `size` follow one another by the size less `overlap` of it, rounded down; the last of a row or column is moved
 * back so that it ends with the image, and an image that is smaller is one tile.
 *
 * @throws `DSV_OPTION_INVALID`
 */
export function parseTiling(step: string, { grid, size, overlap = 0 }: TilingOptions): Tiling {
  if (!(overlap >= 0 && overlap < 1))
    throw optionInvalid(step, 'overlap', 'is not a fraction from 0 to less than 1')
  if ((grid === undefined) === (size === undefined))
    throw optionInvalid(step, 'grid', 'or a size is needed, and not both', 'Give one of them.')
  if (grid !== undefined) {
    const [rows, columns] = parsePair(step, 'grid', grid, 'rows x columns, 2x3 for one')
    if (rows * columns > MAX_TILES)
      throw optionInvalid(step, 'grid', `has more than ${MAX_TILES} tiles`)
    return ({ width, height }) =>
      crossed(gridSpans(width, columns, overlap), gridSpans(height, rows, overlap))
  }
  const [across, down] = parsePair(step, 'size', size ?? '', 'width x height, 640x640 for one')
  return ({ width, height }) =>
    crossed(sizeSpans(width, across, overlap), sizeSpans(height, down, overlap))
}

function parsePair(
  step: string,
  option: string,
  text: string,
  advice: string,
): readonly [number, number] {
  const [, first, second] = /^\s*(\d{1,6})\s*[x×,]\s*(\d{1,6})\s*$/u.exec(text) ?? []
  if (first === undefined || second === undefined || Number(first) < 1 || Number(second) < 1)
    throw optionInvalid(step, option, `is ${JSON.stringify(text.slice(0, 50))}`, `Give ${advice}.`)
  return [Number(first), Number(second)]
}

/** From which pixel on, and how many. */
type Span = readonly [start: number, length: number]

function crossed(columns: readonly Span[], rows: readonly Span[]): readonly Region[] {
  return rows.flatMap(([y, height]) => columns.map(([x, width]) => ({ x, y, width, height })))
}

function gridSpans(side: number, count: number, overlap: number): readonly Span[] {
  // Where there are more tiles than pixels, some would have none.
  const parts = Math.min(count, side)
  return Array.from({ length: parts }, (_, part) => {
    const [from, to] = [Math.floor((part * side) / parts), Math.floor(((part + 1) * side) / parts)]
    const more = Math.ceil(((to - from) * overlap) / 2)
    const start = Math.max(0, from - more)
    return [start, Math.min(side, to + more) - start]
  })
}

function sizeSpans(side: number, length: number, overlap: number): readonly Span[] {
  if (length >= side) return [[0, side]]
  const stride = Math.max(1, length - Math.floor(length * overlap))
  const count = Math.ceil((side - length) / stride) + 1
  return Array.from({ length: Math.min(count, MAX_TILES + 1) }, (_, part) => [
    Math.min(part * stride, side - length),
    length,
  ])
}
