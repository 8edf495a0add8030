import {
  type AnnotatedItem,
  type Annotation,
  GROUND_TRUTH,
  type ItemKey,
  imageSize,
} from '@dsv/core'
import type { ImageSize } from './region-of.ts'

/** One image with what is there and what was found. */
export interface EvaluatedItem extends ItemKey {
  /** Decides between detections of equal score: lower comes first. COCO's id of the image, or as images come. */
  readonly order?: number
  /** Needed where polygons are compared as masks. */
  readonly size?: ImageSize
  readonly truth: readonly Annotation[]
  readonly found: readonly Annotation[]
  /** What it was made of, for slices. */
  readonly source?: AnnotatedItem
}

/**
 * Returns an item with two of its layers, the first as truth.
 *
 * @param found - A layer, or what was found elsewhere
 */
export function evaluatedItem(
  item: AnnotatedItem,
  found: string | readonly Annotation[],
  truth: string = GROUND_TRUTH,
): EvaluatedItem {
  const { subset, id, layers } = item
  const order = cocoImageId(item)
  const size = imageSize(item)
  return {
    subset,
    id,
    ...(order !== undefined && { order }),
    ...(size !== undefined && { size }),
    truth: own(layers, truth) ?? [],
    found: typeof found === 'string' ? (own(layers, found) ?? []) : found,
    source: item,
  }
}

/** Returns the id that COCO knows an image by, where that is a number. */
export function cocoImageId({ extra }: Pick<AnnotatedItem, 'extra'>): number | undefined {
  const coco = extra?.['coco']
  if (typeof coco !== 'object' || coco === null || !('id' in coco)) return undefined
  return typeof coco.id === 'number' && Number.isFinite(coco.id) ? coco.id : undefined
}

function own<Value>(values: Readonly<Record<string, Value>>, key: string): Value | undefined {
  return Object.hasOwn(values, key) ? values[key] : undefined
}
