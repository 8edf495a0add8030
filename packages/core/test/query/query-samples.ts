import type { AnnotatedItem, Annotation, AnnotationCommon, Schema } from '@dsv/core'

export const SCHEMA: Schema = {
  categories: [
    { key: 'car', name: 'car', supercategory: 'vehicle' },
    { key: 'van', name: 'delivery van', supercategory: 'vehicle', parent: 'car' },
    { key: 'dog', name: 'dog', supercategory: 'animal' },
    { key: 'person', name: 'person' },
  ],
  attributes: [],
  info: {},
}

export function box(
  uid: string,
  category: string | undefined,
  [x, y, width, height]: readonly [number, number, number, number],
  more: AnnotationCommon = {},
): Annotation {
  const common = category === undefined ? { uid } : { uid, category }
  return { ...common, type: 'box', x, y, width, height, ...more }
}

export function item(
  id: string,
  annotations: readonly Annotation[] = [],
  more: Partial<AnnotatedItem> = {},
): AnnotatedItem {
  return { id, subset: 'train', media: [], layers: { ground_truth: annotations }, ...more }
}
