import { getEntry } from '@dsv/store'
import { fileNotFound, itemUnknown } from '../errors.ts'
import type { AnnotatedItem, ItemKey } from '../model/item.ts'
import { decodeFile, encodePath } from '../record/file-record.ts'
import { annotatedItemAt } from '../repository/dataset-view.ts'
import type { Repository } from '../repository/repository.ts'
import { datasetOf, onlyDatasetPath, snapshotAt, STAGE } from './snapshot-at.ts'

/**
 * Reads the bytes of a file in a snapshot; of a symbolic link its target.
 *
 * @param at - A revision, or `stage` (the default)
 * @yields the bytes in pieces; the last one when the whole is checked
 * @throws `DSV_REVISION_UNKNOWN`, `DSV_FILE_NOT_FOUND`, `DSV_OBJECT_CORRUPT`
 */
export async function* catFile(
  repository: Repository,
  { at = STAGE, path }: { readonly at?: string; readonly path: string },
): AsyncGenerator<Uint8Array, void, undefined> {
  const { objects } = repository.store
  const { files } = await snapshotAt(repository, at)
  const entry = await getEntry(objects, files, encodePath(path))
  const file = entry && decodeFile(entry)
  if (file === undefined || file.type === 'empty-folder') throw fileNotFound(path)
  if (file.type === 'symlink') yield new TextEncoder().encode(file.target)
  else yield* objects.streamBlob(file.blob)
}

/**
 * Returns an item of a snapshot with all that is said about it.
 *
 * @throws `DSV_REVISION_UNKNOWN`, `DSV_DATASET_UNKNOWN`, `DSV_DATASET_UNNAMED`, `DSV_ITEM_UNKNOWN`
 */
export async function readItem(
  repository: Repository,
  {
    at = STAGE,
    dataset,
    key,
  }: { readonly at?: string; readonly dataset?: string; readonly key: ItemKey },
): Promise<AnnotatedItem> {
  const { objects } = repository.store
  const snapshot = await snapshotAt(repository, at)
  const path = onlyDatasetPath(snapshot, dataset)
  const item = await annotatedItemAt(objects, await datasetOf(objects, snapshot, path), key)
  if (item === undefined) throw itemUnknown(path, key)
  return item
}
