import type { Annotation, Category } from '@dsv/core'
import type { EvaluatedItem } from '@dsv/analysis'

/** Returns categories whose names are their keys. */
export function categories(...names: readonly string[]): readonly Category[] {
  return names.map((name) => ({ key: name, name }))
}

/** Returns a box. */
export function box(
  uid: string,
  category: string,
  [x, y, width, height]: readonly [number, number, number, number],
  rest: Partial<Annotation> = {},
): Annotation {
  return { uid, category, ...rest, type: 'box', x, y, width, height }
}

/** Returns a label. */
export function label(uid: string, category: string, score?: number): Annotation {
  return { uid, category, type: 'label', ...(score !== undefined && { score }) }
}

/** Returns a polygon that covers some pixels of a row of pixels, one pixel high. */
export function stretch(
  uid: string,
  category: string,
  [from, to]: readonly [number, number],
  rest: Partial<Annotation> = {},
): Annotation {
  const ring = [from, 0, to, 0, to, 1, from, 1]
  return { uid, category, ...rest, type: 'polygon', parts: [[ring]] }
}

/** Returns an item. */
export function item(
  id: string,
  truth: readonly Annotation[],
  found: readonly Annotation[],
  size?: EvaluatedItem['size'],
): EvaluatedItem {
  return {
    subset: 'val',
    id,
    truth,
    found,
    ...(size !== undefined && { size }),
    source: {
      subset: 'val',
      id,
      media: [],
      tags: [id],
      layers: { ground_truth: truth, found },
    },
  }
}
