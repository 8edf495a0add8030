import { formatSyntax } from '@dsv/core'
import type { MetaRow } from './meta-table.ts'

/** The size of one image. */
interface ImageSize {
  readonly width: number
  readonly height: number
}

const MAX_PIXELS = 2 ** 28
/** The size that Datumaro takes for granted. */
const USUAL_SIDE = 28

/**
 * Yields the size of each image: that of the header, or its own where the table of sizes has one.
 *
 * Datumaro writes the number of pixels where the number of images belongs; that is understood.
 *
 * @throws `DSV_FORMAT_SYNTAX` where header and labels do not agree
 */
export function* imageSizes(
  head: Buffer,
  labels: number | undefined,
  rows: readonly MetaRow[] | undefined,
  path: string,
): Generator<ImageSize> {
  const [claimed, height, width] = [
    head.readUInt32BE(4),
    head.readUInt32BE(8),
    head.readUInt32BE(12),
  ]
  if (rows !== undefined && rows.every(({ size }) => size !== undefined)) {
    for (const { size } of rows) if (size !== undefined) yield size
    return
  }
  if (width * height > MAX_PIXELS || (claimed > 0 && width * height === 0)) {
    throw formatSyntax(path, `says that its images are ${width}×${height} pixels`)
  }
  const isPixels =
    labels !== undefined &&
    width === USUAL_SIDE &&
    height === USUAL_SIDE &&
    claimed === labels * width * height
  const count = isPixels ? labels : claimed
  if (labels !== undefined && labels !== count) {
    throw formatSyntax(path, `says that it has ${count} images, but there are ${labels} labels`)
  }
  for (let index = 0; index < count; index++) yield { width, height }
}
