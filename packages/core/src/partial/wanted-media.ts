import type { ObjectId, ObjectReader } from '@dsv/store'
import { localConfigFile } from '../config/config.ts'
import { matchingItems } from '../inspect/list.ts'
import { compileQuery } from '../query/compile-query.ts'
import { type DatasetRecord, decodeDataset } from '../record/dataset-record.ts'
import { datasetView } from '../repository/dataset-view.ts'
import type { Repository } from '../repository/repository.ts'
import { isBelow, joinPath } from '../working-tree/path-range.ts'
import { isAllMedia, type MediaFilter, readPartialClone } from './media-filter.ts'

/** Says of the path of a media file whether it belongs into the working tree. */
export type WantsMedia = (path: string) => boolean

/**
 * Returns which media files belong into the working tree of a clone when the snapshot has these
 * datasets. Items are read only where the filter speaks of items.
 *
 * @throws `DSV_CONFIG_INVALID`, `DSV_QUERY_SYNTAX`
 */
export async function wantedMedia(
  repository: Repository,
  reader: ObjectReader,
  datasets: ReadonlyMap<string, ObjectId>,
): Promise<WantsMedia> {
  if (!repository.isPartial) return () => true
  const filter = readPartialClone(localConfigFile(repository.folder))
  if (isAllMedia(filter)) return () => true
  if (filter.media === 'none') return () => false
  const isInPaths = (path: string): boolean =>
    filter.paths.length === 0 || filter.paths.some((each) => isBelow(path, each))
  if (filter.subsets.length === 0 && filter.where === undefined) return isInPaths
  const chosen = new Set<string>()
  for (const [path, id] of datasets) {
    if (!mayHold(path, filter)) continue
    const dataset = decodeDataset(await reader.getObject('dataset', id))
    for await (const each of mediaOfItems(reader, dataset, filter)) {
      repository.environment.signal.throwIfAborted()
      chosen.add(joinPath(path, each))
    }
  }
  return (path) => chosen.has(path) && isInPaths(path)
}

/** Whether a dataset and the folders of the filter have anything in common. */
function mayHold(dataset: string, { paths }: MediaFilter): boolean {
  return (
    paths.length === 0 || paths.some((each) => isBelow(each, dataset) || isBelow(dataset, each))
  )
}

async function* mediaOfItems(
  reader: ObjectReader,
  dataset: DatasetRecord,
  { subsets, where }: MediaFilter,
): AsyncGenerator<string> {
  const query = where === undefined ? undefined : compileQuery(where, dataset.schema)
  const view = await datasetView(reader, dataset)
  for (const subset of subsets.length === 0 ? [undefined] : subsets)
    for await (const { media } of matchingItems(view, query, subset))
      for (const { path } of media) yield path
}
