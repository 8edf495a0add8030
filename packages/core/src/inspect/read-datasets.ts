import type { ObjectId, ObjectReader, ObjectStore } from '@dsv/store'
import type { DatasetView } from '../format/format-adapter.ts'
import type { Media } from '../model/item.ts'
import type { Snapshot } from '../record/commit-record.ts'
import { datasetView } from '../repository/dataset-view.ts'
import { writeContext } from '../repository/render-dataset.ts'
import type { Repository } from '../repository/repository.ts'
import { datasetPaths, snapshotAt, STAGE, storedDataset } from './snapshot-at.ts'

/** Which datasets are read, and where from. */
export interface ReadDatasetsRequest {
  /** A revision, or `stage` (the default). */
  readonly at?: string
  /** Paths; default: all there are. */
  readonly datasets?: readonly string[]
}

/** A dataset of a version. */
export interface StoredDataset {
  readonly path: string
  /** Names its content: the same in every version that has it unchanged. */
  readonly id: ObjectId
  readonly format: string
  readonly items: number
  readonly view: DatasetView
}

/** Datasets, and the pixels of their items. */
export interface StoredDatasets {
  readonly datasets: readonly StoredDataset[]
  /** Reads the bytes of a media file. @throws `DSV_MEDIA_MISSING`, `DSV_OBJECT_NOT_FOUND` */
  readonly readMedia: (media: Media) => Promise<Uint8Array>
}

/**
 * Opens datasets of a version for reading; nothing of their items is read yet.
 *
 * @throws `DSV_REVISION_UNKNOWN`, `DSV_DATASET_UNKNOWN`
 */
export async function readDatasets(
  repository: Repository,
  { at = STAGE, datasets = [] }: ReadDatasetsRequest = {},
): Promise<StoredDatasets> {
  const { objects } = repository.store
  const snapshot = await snapshotAt(repository, at)
  const paths =
    datasets.length === 0
      ? datasetPaths(snapshot, undefined)
      : [...new Set(datasets.flatMap((path) => datasetPaths(snapshot, path)))]
  return openDatasets(repository, objects, snapshot, paths)
}

/** Opens datasets of a snapshot. @throws `DSV_DATASET_UNKNOWN` */
export async function openDatasets(
  repository: Repository,
  reader: ObjectReader & Pick<ObjectStore, 'getBlob'>,
  snapshot: Snapshot,
  paths: readonly string[],
): Promise<StoredDatasets> {
  const datasets: StoredDataset[] = []
  for (const path of paths) {
    const { id, record } = await storedDataset(reader, snapshot, path)
    const view = await datasetView(reader, record)
    datasets.push({ path, id, format: record.format, items: record.items.count, view })
  }
  const context = writeContext(repository, reader, () => {})
  return {
    datasets,
    readMedia: async (media) => context.readMedia(media),
  }
}
