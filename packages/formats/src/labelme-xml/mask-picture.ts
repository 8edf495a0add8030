import { countsToBitmap, type Mask } from '@dsv/core'
import { encodePng } from '../media/png.ts'

/** Encodes a mask as LabelMe does, in colour: red where there is something, black elsewhere. */
export function encodeMaskPicture({ width, height, counts }: Mask): Uint8Array {
  const bitmap = countsToBitmap(counts, width * height)
  const data = new Uint8Array(bitmap.length * 3)
  for (let y = 0, at = 0; y < height; y += 1) {
    for (let x = 0; x < width; x += 1, at += 3) if (bitmap[x * height + y] === 1) data[at] = 255
  }
  return encodePng({ width, height, bitDepth: 8, colorType: 2, data })
}
