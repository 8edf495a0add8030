import { countEntries, scanTree } from '@dsv/store'
import type { AnnotationType } from '../model/annotation.ts'
import { decodeAnnotations } from '../record/annotation-record.ts'
import type { DatasetRecord } from '../record/dataset-record.ts'
import { subsetRange } from '../record/item-key.ts'
import { subsetsOf } from '../repository/dataset-view.ts'
import type { Repository } from '../repository/repository.ts'
import { datasetOf, datasetPaths, snapshotAt, STAGE } from './snapshot-at.ts'

/** A dataset in a few numbers. */
export interface ListedDataset {
  readonly path: string
  readonly format: string
  readonly origin: DatasetRecord['origin']
  readonly items: number
  readonly subsets: readonly { readonly name: string; readonly items: number }[]
  readonly categories: number
  readonly layers: readonly ListedLayer[]
}

/** What a layer holds. */
export interface ListedLayer {
  readonly name: string
  /** Items that it says something of. */
  readonly items: number
  /** Only when asked for, because every annotation has to be read. */
  readonly annotations?: AnnotationTotals
}

/** Annotations in numbers; lists are sorted by count, then by name. */
export interface AnnotationTotals {
  readonly total: number
  readonly byType: readonly { readonly type: AnnotationType; readonly count: number }[]
  /** By display name; null stands for annotations without a category. */
  readonly byCategory: readonly { readonly category: string | null; readonly count: number }[]
}

/** Which datasets are listed. */
export interface ListDatasetsRequest {
  /** A revision, or `stage` (the default). */
  readonly at?: string
  readonly dataset?: string
  /** Counts annotations by layer, type and category: reads all of them. */
  readonly annotations?: boolean
}

/**
 * Lists the datasets of a snapshot by path.
 *
 * @throws `DSV_REVISION_UNKNOWN`, `DSV_DATASET_UNKNOWN`
 */
export async function listDatasets(
  repository: Repository,
  { at = STAGE, dataset, annotations = false }: ListDatasetsRequest = {},
): Promise<readonly ListedDataset[]> {
  const snapshot = await snapshotAt(repository, at)
  const listed: ListedDataset[] = []
  for (const path of datasetPaths(snapshot, dataset)) {
    const record = await datasetOf(repository.store.objects, snapshot, path)
    listed.push(await describeDataset(repository, path, record, annotations))
  }
  return listed
}

async function describeDataset(
  repository: Repository,
  path: string,
  dataset: DatasetRecord,
  isCounted: boolean,
): Promise<ListedDataset> {
  const { objects } = repository.store
  const subsets = []
  for (const name of await subsetsOf(objects, dataset.items))
    subsets.push({ name, items: await countEntries(objects, dataset.items, subsetRange(name)) })
  const layers: ListedLayer[] = []
  for (const name of [...dataset.layers.keys()].toSorted()) {
    const items = dataset.layers.get(name)?.count ?? 0
    const annotations = isCounted ? await countLayer(repository, dataset, name) : undefined
    layers.push({ name, items, ...(annotations !== undefined && { annotations }) })
  }
  const { format, origin, schema } = dataset
  const [items, categories] = [dataset.items.count, schema.categories.length]
  return { path, format, origin, items, subsets, categories, layers }
}

async function countLayer(
  { store: { objects }, environment }: Repository,
  { schema, layers }: DatasetRecord,
  layer: string,
): Promise<AnnotationTotals> {
  const byType = new Map<AnnotationType, number>()
  const byCategory = new Map<string | null, number>()
  let total = 0
  const tree = layers.get(layer)
  if (tree !== undefined)
    for await (const entry of scanTree(objects, tree)) {
      environment.signal.throwIfAborted()
      for (const { type, category = null } of decodeAnnotations(entry)) {
        total += 1
        byType.set(type, (byType.get(type) ?? 0) + 1)
        byCategory.set(category, (byCategory.get(category) ?? 0) + 1)
      }
    }
  const names = new Map(schema.categories.map(({ key, name }) => [key, name]))
  return {
    total,
    byType: byCount(byType).map(([type, count]) => ({ type, count })),
    byCategory: byCount(byCategory).map(([key, count]) => ({
      category: key === null ? null : (names.get(key) ?? key),
      count,
    })),
  }
}

function byCount<Key extends string | null>(counts: ReadonlyMap<Key, number>): [Key, number][] {
  return [...counts].toSorted(([a, m], [b, n]) => n - m || ((a ?? '') < (b ?? '') ? -1 : 1))
}
