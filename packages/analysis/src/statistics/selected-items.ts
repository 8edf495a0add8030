import {
  type AnnotatedItem,
  type Annotation,
  compileQuery,
  type DatasetView,
  type Query,
} from '@dsv/core'

/** Which items and annotations are counted. */
export interface Selection {
  /** Only items that match a query; and where it speaks of annotations, only those that do. It sees all layers. */
  readonly where?: string
  readonly subset?: string
  /** Default: `ground_truth`. `all` stands for all there are. */
  readonly layers?: readonly string[]
}

/** An item, and what of it is counted. */
export interface SelectedItem {
  /** With the annotations of all layers that match. */
  readonly item: AnnotatedItem
  /** With those of the layers that are counted. */
  readonly counted: AnnotatedItem
}

/**
 * Goes over the items that are counted.
 *
 * @yields items in key order
 * @throws `DSV_QUERY_SYNTAX`
 */
export async function* selectedItems(
  view: DatasetView,
  { where, subset }: Selection,
  isCounted: (layer: string) => boolean,
  onWarning: (warning: string) => void = () => {},
): AsyncGenerator<SelectedItem, void, undefined> {
  const query = where === undefined ? undefined : compileQuery(where, view.schema)
  query?.warnings.forEach(onWarning)
  for (const name of subsetsOf(query, subset))
    for await (const found of view.items(name)) {
      if (query?.matchesItem(found) === false) continue
      const item =
        query === undefined || !query.needsAnnotations
          ? found
          : { ...found, layers: layersOf(query.matchingAnnotations(found)) }
      const layers = Object.entries(item.layers).filter(([layer]) => isCounted(layer))
      yield { item, counted: { ...item, layers: Object.fromEntries(layers) } }
    }
}

/** The subsets to read, in order; undefined stands for all. */
function subsetsOf(
  query: Query | undefined,
  subset: string | undefined,
): readonly (string | undefined)[] {
  const possible = query?.subsets
  if (subset === undefined) return possible?.toSorted() ?? [undefined]
  return possible === undefined || possible.includes(subset) ? [subset] : []
}

function layersOf(
  matching: readonly { readonly layer: string; readonly annotation: Annotation }[],
): Readonly<Record<string, readonly Annotation[]>> {
  const layers = new Map<string, Annotation[]>()
  for (const { layer, annotation } of matching) {
    const list = layers.get(layer)
    if (list === undefined) layers.set(layer, [annotation])
    else list.push(annotation)
  }
  return Object.fromEntries(layers)
}
