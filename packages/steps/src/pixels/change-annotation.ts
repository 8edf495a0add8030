import {
  type Annotation,
  areaOf,
  type BoxNumbers,
  boundsOf,
  clipGeometry,
  type Geometry,
  type ImageExtent,
  isEqual,
  moveGeometry,
  scaleGeometry,
} from '@dsv/core'
import { withGeometry } from '../geometry/with-geometry.ts'

/** A rectangle of whole pixels. */
export interface Region extends ImageExtent {
  readonly x: number
  readonly y: number
}

/** What is told of while annotations follow their picture. */
export type NoteAnnotation = (what: string) => void

/** Returns the annotation on the picture stretched to another size. */
export function scaledAnnotation(
  annotation: Annotation,
  from: ImageExtent,
  to: ImageExtent,
  note: NoteAnnotation,
): Annotation {
  const { box, area, ...rest } = annotation
  const geometry = scaleGeometry(rest, from, to)
  if (geometry.type !== rest.type) note(`${rest.type} became ${geometry.type}`)
  if (rest.type === 'reference') note('reference: its file stays as it is')
  const [x, y] = [to.width / from.width, to.height / from.height]
  return {
    ...withGeometry(rest, geometry, { keepsBox: false }),
    ...(box !== undefined && { box: [box[0] * x, box[1] * y, box[2] * x, box[3] * y] }),
    ...(area !== undefined && { area: area * x * y }),
  }
}

/** Returns the annotation on a picture in which this one lies at `dx, dy`. */
export function movedAnnotation(
  annotation: Annotation,
  dx: number,
  dy: number,
  to: ImageExtent,
): Annotation {
  const { box, ...rest } = annotation
  const geometry = moveGeometry(rest, dx, dy, to)
  return {
    ...withGeometry(rest, geometry, { keepsBox: false }),
    ...(rest.area !== undefined && { area: rest.area }),
    ...(box !== undefined && { box: [box[0] + dx, box[1] + dy, box[2], box[3]] }),
  }
}

/**
 * Returns what of an annotation lies in a region of its picture, in the coordinates of the region; several pieces where a line is cut.
 * What has no place on the picture (a label, a caption) belongs to every region. A shape of which less than `minKept` of its area is left
 * is left out, as is one of which nothing is.
 *
 * What is whole keeps the area that the source stated; of what is cut, it is that of the piece.
 */
export function croppedAnnotation(
  annotation: Annotation,
  region: Region,
  minKept: number,
  note: NoteAnnotation,
): readonly Annotation[] {
  if (annotation.type === 'reference') {
    note('reference left out')
    return []
  }
  const { box, area, ...rest } = annotation
  const moved = moveGeometry(rest, -region.x, -region.y, region)
  const pieces = clipGeometry(moved, region)
  const before = areaOf(rest)
  const after = pieces.reduce((sum, piece) => sum + areaOf(piece), 0)
  // Floats that were moved or clipped differ in their last digits.
  if (before > 0 && after < minKept * before - 1e-9 * before) return []
  const isWhole =
    pieces.length === 1 && isEqual(pieces[0], moved) && after >= before - 1e-9 * before
  return pieces.map((piece) => {
    if (piece.type !== rest.type) note(`${rest.type} became ${piece.type}`)
    const stated = isWhole ? area : area === undefined ? undefined : areaOf(piece) || undefined
    const clipped = box && croppedBox(box, region)
    return {
      ...withGeometry(rest, piece, { keepsBox: false }),
      ...(stated !== undefined && { area: stated }),
      ...(clipped !== undefined && { box: clipped }),
    }
  })
}

function croppedBox([x, y, width, height]: BoxNumbers, region: Region): BoxNumbers | undefined {
  const box: Geometry = { type: 'box', x: x - region.x, y: y - region.y, width, height }
  const [piece] = clipGeometry(box, region)
  return piece && boundsOf(piece)
}
