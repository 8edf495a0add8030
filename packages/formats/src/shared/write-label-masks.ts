import type { AnnotatedItem, AnnotationDraft, Media, WriteContext } from '@dsv/core'
import { drawLabelPlane } from './draw-label-plane.ts'
import { colorNumber, type Rgb } from './label-colors.ts'
import { encodeLabelPlane, UNLABELLED } from './label-plane.ts'
import { type Holdings, reportAnnotationLosses } from './report-losses.ts'

/** How semantic masks are written. */
export interface LabelMaskStyle {
  /** Colours by category, each different. */
  readonly colors: ReadonlyMap<string, Rgb>
  readonly holds: Holdings
}

/**
 * Draws the masks of an item in the colours of their categories; undefined when there are none. Pixels
 * without label are black, and reported where black is the colour of a category.
 */
export function labelMaskPng(
  item: AnnotatedItem,
  medium: Media | undefined,
  { colors, holds }: LabelMaskStyle,
  { layer, onLoss }: Pick<WriteContext, 'layer' | 'onLoss'>,
): Uint8Array | undefined {
  const where = `${item.subset}/${item.id}`
  const numberOf = ({ category }: AnnotationDraft): number | undefined => {
    const color = colors.get(category ?? '')
    return color === undefined ? undefined : colorNumber(color)
  }
  const drawing = drawLabelPlane(item.layers[layer] ?? [], {
    size: sizeOf(medium),
    valueOf: numberOf,
    holdsUnlabelled: ![...colors.values()].some((color) => colorNumber(color) === 0),
    report: (what) => onLoss({ what, where }),
  })
  if (drawing === undefined) return undefined
  for (const mask of drawing.drawn.values()) reportAnnotationLosses(mask, holds, where, onLoss)
  return encodeLabelPlane(drawing.plane, (value) => (value === UNLABELLED ? 0 : value), 'rgb8')
}

/** Returns the size of an image as `[width, height]` in pixels; undefined when it is not known. */
export function sizeOf(
  medium: Pick<Media, 'width' | 'height'> | undefined,
): readonly [number, number] | undefined {
  const { width, height } = medium ?? {}
  return width === undefined || height === undefined ? undefined : [width, height]
}
