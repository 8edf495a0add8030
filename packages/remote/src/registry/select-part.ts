import {
  decodeDataset,
  renderSelection,
  type Repository,
  selectItems,
  type SnapshotPart,
} from '@dsv/core'
import type { WriteSession } from '@dsv/store'
import { importSelectionInvalid } from '../errors.ts'

/**
 * Stores the items of the dataset of a part that match a query; the others are left for `gc`.
 *
 * @param path - What errors call it
 * @throws `DSV_IMPORT_SELECTION_INVALID`, `DSV_QUERY_SYNTAX`
 */
export async function selectPart(
  repository: Repository,
  session: WriteSession,
  { datasets }: SnapshotPart,
  { path, where }: { readonly path: string; readonly where: string },
): Promise<SnapshotPart> {
  const datasetId = datasets.get('')
  if (datasetId === undefined) throw importSelectionInvalid(path)
  const dataset = decodeDataset(await session.getObject('dataset', datasetId))
  return renderSelection(
    repository,
    session,
    await selectItems(session, session, dataset, { where }),
  )
}
