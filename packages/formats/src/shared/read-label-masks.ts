import { type AnnotationDraft, type Category, maskGeometry } from '@dsv/core'
import { colorNumber } from './label-colors.ts'
import { decodeLabelPlane, type PixelMeaning, planeMasks } from './label-plane.ts'

/** How the pixels of semantic masks are read: values are places in the list of categories. */
export interface LabelMasks extends PixelMeaning {
  readonly categories: readonly Category[]
}

/**
 * Returns how masks show these categories: by colour, or by index. `indexOf` gives the index of the n-th
 * category, by default n. Black that no category has is no label.
 */
export function labelMasks(
  categories: readonly Category[],
  indexOf: (position: number) => number = (position) => position,
): LabelMasks {
  const byColor = new Map<number, number>()
  const byIndex = new Map<number, number>()
  for (const [position, { color }] of categories.entries()) {
    byIndex.set(indexOf(position), position)
    const number = color === undefined ? undefined : colorNumber(color)
    if (number !== undefined && !byColor.has(number)) byColor.set(number, position)
  }
  if (!byColor.has(0)) byColor.set(0, -1)
  return {
    categories,
    ofIndex: (index) => byIndex.get(index),
    ofColor: (color) => byColor.get(color),
  }
}

/** Reads an image of labels: one mask for each category in it. @throws `DSV_FORMAT_SYNTAX` */
export function readLabelMasks(
  bytes: Uint8Array,
  file: string,
  labels: LabelMasks,
): readonly AnnotationDraft[] {
  const masks = planeMasks(decodeLabelPlane(bytes, file, labels))
  return [...masks].map(([position, mask]) => {
    const category = labels.categories[position]?.key
    return { ...maskGeometry(mask), ...(category !== undefined && { category }) }
  })
}
