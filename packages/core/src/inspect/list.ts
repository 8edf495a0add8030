import type { TreeEntry } from '@dsv/store'
import { scanTree } from '@dsv/store'
import type { DatasetView } from '../format/format-adapter.ts'
import type { AnnotatedItem } from '../model/item.ts'
import { compileQuery, type LayeredAnnotation, type Query } from '../query/compile-query.ts'
import type { DatasetRecord } from '../record/dataset-record.ts'
import { decodeItem } from '../record/item-record.ts'
import { subsetRange } from '../record/item-key.ts'
import { datasetView } from '../repository/dataset-view.ts'
import type { Repository } from '../repository/repository.ts'
import { datasetOf, datasetPaths, snapshotAt, STAGE } from './snapshot-at.ts'

/** Which items are listed. */
export interface ListRequest {
  /** A revision, or `stage` (the default). */
  readonly at?: string
  /** Default: all datasets, by path. */
  readonly dataset?: string
  /** A query that items have to match. */
  readonly where?: string
  readonly subset?: string
  /**
   * Reads the annotations of each item even where the query does not need them; default true. Without
   * them `layers` is empty, and listing is several times faster.
   */
  readonly annotations?: boolean
  /** Called with what is probably a mistake in the query, once for each dataset. */
  readonly onWarning?: (warning: string) => void
}

/** An item of a list. */
export interface ListedItem {
  /** Path of the dataset. */
  readonly dataset: string
  readonly item: AnnotatedItem
  /** The annotations with which the item matches; undefined without a query. */
  readonly matching: readonly LayeredAnnotation[] | undefined
}

/**
 * Lists items in key order. Only the subsets in which the query can hold are read; memory does not
 * grow with the dataset.
 *
 * @yields each item that matches
 * @throws `DSV_REVISION_UNKNOWN`, `DSV_DATASET_UNKNOWN`, `DSV_QUERY_SYNTAX`
 */
export async function* list(
  repository: Repository,
  request: ListRequest = {},
): AsyncGenerator<ListedItem, void, undefined> {
  const { objects } = repository.store
  const { signal } = repository.environment
  const snapshot = await snapshotAt(repository, request.at ?? STAGE)
  for (const path of datasetPaths(snapshot, request.dataset)) {
    const dataset = await datasetOf(objects, snapshot, path)
    const query =
      request.where === undefined ? undefined : compileQuery(request.where, dataset.schema)
    for (const warning of query?.warnings ?? []) request.onWarning?.(warning)
    const needsAnnotations = request.annotations !== false || query?.needsAnnotations === true
    const items = needsAnnotations
      ? matchingItems(await datasetView(objects, dataset), query, request.subset)
      : bareItems(repository, dataset, query, request.subset)
    for await (const item of items) {
      signal.throwIfAborted()
      yield { dataset: path, item, matching: query?.matchingAnnotations(item) }
    }
  }
}

/**
 * Reads the items of a dataset that match a query, from the subsets in which they can.
 *
 * @yields each item that matches; all without a query
 */
export async function* matchingItems(
  view: DatasetView,
  query: Query | undefined,
  subset?: string,
): AsyncGenerator<AnnotatedItem, void, undefined> {
  for (const name of subsetsToScan(query, subset))
    for await (const item of view.items(name))
      if (query === undefined || query.matchesItem(item)) yield item
}

async function* bareItems(
  repository: Repository,
  dataset: DatasetRecord,
  query: Query | undefined,
  subset: string | undefined,
): AsyncGenerator<AnnotatedItem, void, undefined> {
  const { objects } = repository.store
  for (const name of subsetsToScan(query, subset)) {
    const range = name === undefined ? {} : subsetRange(name)
    const entries: AsyncIterable<TreeEntry> = scanTree(objects, dataset.items, range)
    for await (const entry of entries) {
      const item = { ...decodeItem(entry), layers: {} }
      if (query === undefined || query.matchesItem(item)) yield item
    }
  }
}

/** The subsets to read, in order; undefined stands for all. */
function subsetsToScan(
  query: Query | undefined,
  subset: string | undefined,
): readonly (string | undefined)[] {
  const pinned = query?.subsets
  if (subset === undefined) return pinned?.toSorted() ?? [undefined]
  return pinned === undefined || pinned.includes(subset) ? [subset] : []
}
