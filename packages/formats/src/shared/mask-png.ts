import {
  bitmapToCounts,
  countsToBitmap,
  formatSyntax,
  type Mask,
  MAX_BITMAP_PIXELS,
} from '@dsv/core'
import { decodePng, encodePng, pngChannels } from '../media/png.ts'

/** Encodes a mask as a grey PNG of 8 bits: 0 is background, `value` (default 1) foreground. */
export function encodeMaskPng({ width, height, counts }: Mask, value = 1): Uint8Array {
  const bitmap = countsToBitmap(counts, width * height)
  const data = new Uint8Array(bitmap.length)
  for (let y = 0, at = 0; y < height; y++) {
    for (let x = 0; x < width; x++) data[at++] = bitmap[x * height + y] === 0 ? 0 : value
  }
  return encodePng({ width, height, bitDepth: 8, colorType: 0, data })
}

/**
 * Reads a PNG as a mask: whatever is not zero in its first channel (any colour channel of RGB) is
 * foreground; an alpha channel says nothing.
 *
 * @throws `DSV_FORMAT_SYNTAX`
 */
export function decodeMaskPng(bytes: Uint8Array, file: string): Mask {
  const { width, height, colorType, data } = decodePng(bytes, {
    file,
    maxSizeBytes: MAX_BITMAP_PIXELS * 4,
  })
  if (width * height > MAX_BITMAP_PIXELS) throw formatSyntax(file, 'is too large for a mask')
  const channels = pngChannels(colorType)
  const colors = channels > 2 ? 3 : 1
  const columns = new Uint8Array(width * height)
  for (let y = 0, at = 0; y < height; y++) {
    for (let x = 0; x < width; x++, at += channels) {
      let sum = 0
      for (let channel = 0; channel < colors; channel++) sum += data[at + channel] ?? 0
      if (sum > 0) columns[x * height + y] = 1
    }
  }
  return { width, height, counts: bitmapToCounts(columns) }
}
