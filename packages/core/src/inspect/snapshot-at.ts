import type { ObjectId, ObjectReader } from '@dsv/store'
import { datasetUnknown, datasetUnnamed } from '../errors.ts'
import { nearNames } from '../query/near-names.ts'
import type { Snapshot } from '../record/commit-record.ts'
import { type DatasetRecord, decodeDataset } from '../record/dataset-record.ts'
import type { Repository } from '../repository/repository.ts'
import { resolveCommit } from '../repository/revisions.ts'
import { snapshotOf } from '../repository/snapshot-of.ts'

/** The name of the stage where a revision may stand; a branch of that name is `heads/stage`. */
export const STAGE = 'stage'

/** Returns the snapshot of a revision, or of the stage. @throws `DSV_REVISION_UNKNOWN` */
export async function snapshotAt(repository: Repository, at: string): Promise<Snapshot> {
  if (at === STAGE) return (await repository.state()).work.stage
  return snapshotOf(repository, await resolveCommit(repository, at))
}

/** Reads a dataset of a snapshot. @throws `DSV_DATASET_UNKNOWN` */
export async function datasetOf(
  reader: ObjectReader,
  snapshot: Snapshot,
  path: string,
): Promise<DatasetRecord> {
  return (await storedDataset(reader, snapshot, path)).record
}

/** Reads a dataset of a snapshot, with its id. @throws `DSV_DATASET_UNKNOWN` */
export async function storedDataset(
  reader: ObjectReader,
  snapshot: Snapshot,
  path: string,
): Promise<{ readonly id: ObjectId; readonly record: DatasetRecord }> {
  const id = snapshot.datasets.get(path)
  if (id === undefined) throw unknownDataset(snapshot, path)
  return { id, record: decodeDataset(await reader.getObject('dataset', id)) }
}

/**
 * Returns the paths of the datasets that are meant: the named one, or all.
 *
 * @throws `DSV_DATASET_UNKNOWN`
 */
export function datasetPaths(snapshot: Snapshot, path: string | undefined): readonly string[] {
  if (path === undefined) return [...snapshot.datasets.keys()].toSorted()
  if (!snapshot.datasets.has(path)) throw unknownDataset(snapshot, path)
  return [path]
}

/**
 * Returns the path of the dataset that is meant: the named one, or the only one there is.
 *
 * @throws `DSV_DATASET_UNKNOWN`, `DSV_DATASET_UNNAMED`
 */
export function onlyDatasetPath(snapshot: Snapshot, path: string | undefined): string {
  const [only, ...others] = datasetPaths(snapshot, path)
  if (only === undefined || others.length > 0) throw datasetUnnamed([...snapshot.datasets.keys()])
  return only
}

function unknownDataset(snapshot: Snapshot, path: string): Error {
  const known = [...snapshot.datasets.keys()].toSorted()
  return datasetUnknown(path, known, nearNames(path, known))
}
