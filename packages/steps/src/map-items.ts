import type { AnnotatedItem, Annotation, DatasetView } from '@dsv/core'

/** Returns the items that `change` makes of those of a dataset; undefined leaves one out. */
export async function* mapItems(
  view: Pick<DatasetView, 'items'>,
  change: (item: AnnotatedItem) => AnnotatedItem | undefined | Promise<AnnotatedItem | undefined>,
): AsyncGenerator<AnnotatedItem, void, undefined> {
  for await (const item of view.items()) {
    const changed = await change(item)
    if (changed !== undefined) yield changed
  }
}

/** Returns the item with the annotations that `change` makes of those of each layer; undefined leaves one out. */
export function mapAnnotations(
  item: AnnotatedItem,
  change: (annotation: Annotation, layer: string) => Annotation | undefined,
): AnnotatedItem {
  const layers: Record<string, readonly Annotation[]> = {}
  for (const [layer, annotations] of Object.entries(item.layers))
    layers[layer] = annotations.flatMap((annotation) => change(annotation, layer) ?? [])
  return { ...item, layers }
}
