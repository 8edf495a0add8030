import { EMPTY_TREE, type WriteSession } from '@dsv/store'
import { type LossSummary, lossCounter } from '../inspect/loss-counter.ts'
import { type DatasetRecord, encodeDataset } from '../record/dataset-record.ts'
import { type DatasetContent, storeItems } from '../stage/store-items.ts'
import { readBack } from './read-back.ts'
import { renderDataset } from './render-dataset.ts'
import type { Repository } from './repository.ts'
import type { SnapshotPart } from './snapshot-part.ts'
import { newDataset } from './transform.ts'

/** A dataset that is stored and that nobody sees yet. */
export interface BuiltDataset {
  /** The folder of the dataset: its files, and the dataset at the empty path. */
  readonly part: SnapshotPart
  readonly record: DatasetRecord
  /** What its files do not show; it stays in the dataset. */
  readonly losses: readonly LossSummary[]
}

/**
 * Stores content as a new dataset with its files. The same content and format give the same bytes.
 *
 * @throws `DSV_FORMAT_UNKNOWN`, `DSV_ITEM_DUPLICATE`, and what the items throw
 */
export async function buildDataset(
  repository: Repository,
  session: WriteSession,
  format: string,
  content: DatasetContent,
): Promise<BuiltDataset> {
  const { name } = await repository.environment.formats.describe(format)
  const dataset = await storeItems(repository, session, newDataset(name), content)
  const as = { format: name, variant: undefined }
  const rendering = await renderDataset(repository, session, EMPTY_TREE, { path: '', dataset, as })
  const before: DatasetRecord = { ...rendering.dataset, origin: 'read' }
  const { files } = rendering
  const record = await readBack(repository, session, files, { path: '', before })
  const losses = lossCounter()
  for (const loss of rendering.losses) losses.add(loss)
  const id = await session.putObject('dataset', encodeDataset(record))
  return { part: { files, datasets: new Map([['', id]]) }, record, losses: losses.summary() }
}
