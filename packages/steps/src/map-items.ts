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

/**
 * Returns the item with the annotations that `change` makes of those of each layer; undefined leaves one out, and
 * the relations it is part of with it.
 */
export function mapAnnotations(
  item: AnnotatedItem,
  change: (annotation: Annotation, layer: string) => Annotation | undefined,
): AnnotatedItem {
  return mapLayers(item, (annotations, layer) =>
    annotations.flatMap((annotation) => change(annotation, layer) ?? []),
  )
}

/** The same, where `change` sees all annotations of a layer at once. */
export function mapLayers(
  item: AnnotatedItem,
  change: (annotations: readonly Annotation[], layer: string) => readonly Annotation[],
): AnnotatedItem {
  const layers: Record<string, readonly Annotation[]> = {}
  for (const [layer, annotations] of Object.entries(item.layers))
    layers[layer] = withoutLooseRelations(annotations, change(annotations, layer))
  return { ...item, layers }
}

/** Relations that lost one of their ends go too. */
function withoutLooseRelations(
  before: readonly Annotation[],
  after: readonly Annotation[],
): readonly Annotation[] {
  if (!after.some(({ type }) => type === 'relation')) return after
  const left = new Set(after.map(({ uid }) => uid))
  const gone = new Set(before.map(({ uid }) => uid).filter((uid) => !left.has(uid)))
  if (gone.size === 0) return after
  return after.filter(
    (each) => each.type !== 'relation' || !(gone.has(each.subject) || gone.has(each.object)),
  )
}
