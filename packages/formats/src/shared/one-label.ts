import type { AnnotatedItem, WriteContext } from '@dsv/core'
import { type Holdings, reportAnnotationLosses } from './report-losses.ts'

/** Returns the index of the one label of an item that a format holds; reports everything else. */
export function oneLabel(
  item: AnnotatedItem,
  indexes: ReadonlyMap<string, number>,
  holds: Holdings,
  { layer, onLoss }: Pick<WriteContext, 'layer' | 'onLoss'>,
): number | undefined {
  const where = `${item.subset}/${item.id}`
  let label: number | undefined
  for (const annotation of item.layers[layer] ?? []) {
    const index = indexes.get(annotation.category ?? '')
    if (annotation.type !== 'label' || index === undefined || label !== undefined) {
      onLoss({ what: `annotation: ${annotation.type}`, where })
      continue
    }
    label = index
    reportAnnotationLosses(annotation, holds, where, onLoss)
  }
  return label
}
