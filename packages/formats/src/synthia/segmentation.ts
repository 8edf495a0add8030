import { type AnnotationDraft, formatSyntax, maskGeometry } from '@dsv/core'
import { decodePng, pngChannels } from '../media/png.ts'
import {
  decodeLabelPlane,
  type LabelPlane,
  MAX_PLANE_PIXELS,
  planeMasks,
} from '../shared/label-plane.ts'
import type { LabelMasks } from '../shared/read-label-masks.ts'
import { skipOrThrow } from '../shared/skip-or-throw.ts'
import { decodeText } from '../shared/text-reader.ts'

/** Values are the place of a class times this, and the object. */
const OBJECTS = 65_536

/**
 * Reads a segmentation: a text of class numbers, an image of class colours, or one whose red channel is
 * the class and whose green channel the object (0 for none). Each class, or object, is a mask.
 *
 * @throws `DSV_FORMAT_SYNTAX`
 */
export function readSegmentation(
  bytes: Uint8Array,
  file: string,
  labels: LabelMasks,
): readonly AnnotationDraft[] {
  const plane = file.endsWith('.txt')
    ? textPlane(bytes, file, labels)
    : pngPlane(bytes, file, labels)
  return [...planeMasks(plane)].map(([value, mask]) => {
    const category = labels.categories[Math.floor(value / OBJECTS)]?.key
    const object = value % OBJECTS
    return {
      ...maskGeometry(mask),
      ...(category !== undefined && { category }),
      ...(object > 0 && { sourceId: object }),
    }
  })
}

function textPlane(bytes: Uint8Array, file: string, labels: LabelMasks): LabelPlane {
  const lines = decodeText(bytes, file)
    .split(/\r?\n/u)
    .map((line) => line.trim())
    .filter((line) => line !== '')
  const height = lines.length
  const width = lines[0]?.split(/\s+/u).length ?? 0
  if (width * height === 0) throw formatSyntax(file, 'is empty')
  if (width * height > MAX_PLANE_PIXELS) throw formatSyntax(file, 'is too large for a mask')
  const values = new Int32Array(width * height)
  for (const [y, line] of lines.entries()) {
    const numbers = line.split(/\s+/u)
    if (numbers.length !== width) {
      throw formatSyntax(file, `row ${y + 1} has ${numbers.length} numbers, the first ${width}`)
    }
    for (const [x, text] of numbers.entries()) {
      const position = labels.ofIndex(text === '' ? Number.NaN : Number(text))
      if (position === undefined) {
        throw formatSyntax(
          file,
          `row ${y + 1}, column ${x + 1}: there is no class ${text.slice(0, 50)}`,
        )
      }
      values[x * height + y] = position * OBJECTS
    }
  }
  return { width, height, values }
}

function pngPlane(bytes: Uint8Array, file: string, labels: LabelMasks): LabelPlane {
  const scaled = (position: number | undefined): number | undefined =>
    position === undefined || position < 0 ? position : position * OBJECTS
  const isDeep = bytes[24] === 16
  const problems: unknown[] = []
  try {
    if (!isDeep) {
      return decodeLabelPlane(bytes, file, {
        ofIndex: (index) => scaled(labels.ofIndex(index)),
        ofColor: (color) => scaled(labels.ofColor(color)),
      })
    }
  } catch (error) {
    skipOrThrow(error, file, { onError: 'skip', onProblem: () => problems.push(error) })
  }
  const plane = redPlane(bytes, file, labels)
  if (plane !== undefined) return plane
  throw problems[0] ?? formatSyntax(file, 'has a class number that no label has')
}

/** Undefined when a red value is no class. */
function redPlane(bytes: Uint8Array, file: string, labels: LabelMasks): LabelPlane | undefined {
  const { width, height, colorType, data } = decodePng(bytes, {
    file,
    maxSizeBytes: MAX_PLANE_PIXELS * 8,
  })
  const channels = pngChannels(colorType)
  if (width * height > MAX_PLANE_PIXELS) throw formatSyntax(file, 'is too large for a mask')
  const values = new Int32Array(width * height)
  for (let pixel = 0; pixel < values.length; pixel++) {
    const position = labels.ofIndex(data[pixel * channels] ?? 0)
    if (position === undefined) return undefined
    const object = channels >= 3 ? (data[pixel * channels + 1] ?? 0) : 0
    const [x, y] = [pixel % width, Math.floor(pixel / width)]
    values[x * height + y] = position * OBJECTS + object
  }
  return { width, height, values }
}
