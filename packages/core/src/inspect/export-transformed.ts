import type { BlobId } from '@dsv/store'
import type { WritableFolder } from '../format/format-adapter.ts'
import { GROUND_TRUTH } from '../model/item.ts'
import { datasetView } from '../repository/dataset-view.ts'
import { writeContext } from '../repository/render-dataset.ts'
import type { Repository } from '../repository/repository.ts'
import {
  newDataset,
  type TransformContext,
  transformContext,
  type TransformInput,
  transformInputs,
} from '../repository/transform.ts'
import { type DatasetContent, storeItems } from '../stage/store-items.ts'
import { countedView } from './counted-view.ts'
import { checkOutput, type ExportOutcome } from './export-dataset.ts'
import { exportFolder } from './export-folder.ts'
import { lossCounter } from './loss-counter.ts'
import { onlyDatasetPath, snapshotAt, STAGE } from './snapshot-at.ts'
import { withOutput } from './with-output.ts'

/** What is made of which datasets, and where to. */
export interface ExportTransformedRequest {
  /** Where the datasets are taken from: a revision, or `stage`. */
  readonly revision?: string
  /** Paths of the datasets; may be empty where there is only one. */
  readonly datasets: readonly string[]
  /** Absolute path of a folder that is empty, or not there yet. */
  readonly output: string
  /** That of the first of `datasets` by default. */
  readonly format?: string
}

/**
 * Makes a dataset of others and writes it to a folder. Nothing of the repository changes: what is made is kept in
 * temporary files meanwhile.
 *
 * When it fails, a folder that was empty or not there is left as it was.
 *
 * @throws `DSV_OUTPUT_NOT_EMPTY`, `DSV_OUTPUT_IS_REPOSITORY`, `DSV_DATASET_UNKNOWN`, `DSV_DATASET_UNNAMED`,
 *   `DSV_FORMAT_UNKNOWN`, `DSV_ITEM_DUPLICATE`, and what `transformation` throws
 */
export async function exportTransformed(
  repository: Repository,
  request: ExportTransformedRequest,
  transformation: (
    inputs: readonly TransformInput[],
    context: TransformContext,
  ) => Promise<DatasetContent>,
): Promise<ExportOutcome> {
  checkOutput(repository, request.output)
  const { environment } = repository
  const source = await snapshotAt(repository, request.revision ?? STAGE)
  const paths =
    request.datasets.length > 0 ? request.datasets : [onlyDatasetPath(source, undefined)]
  return repository.draft(async ({ session }) => {
    const inputs = await transformInputs(session, source, paths)
    const [first] = inputs
    const adapter = await environment.formats.load(request.format ?? first?.record.format ?? '')
    const format = adapter.format.name
    return withOutput(request.output, {}, async () => {
      const made = new Set<BlobId>()
      const context = transformContext(repository, session)
      const content = await transformation(inputs, {
        ...context,
        storeMedia: async (bytes) => {
          const stored = await context.storeMedia(bytes)
          made.add(stored.blob)
          return stored
        },
      })
      const record = await storeItems(repository, session, newDataset(format), content)
      const layout = first?.record.format === format ? first.record.layout : null
      const { view, counts } = countedView(await datasetView(session, record, layout), GROUND_TRUTH)
      const losses = lossCounter()
      const folder = exportFolder(repository, request.output, 'copy')
      await adapter.write(
        view,
        withNewMedia(folder, made, async (blob) => session.getBlob(blob)),
        writeContext(repository, session, losses.add),
      )
      await folder.finish()
      return {
        format,
        isVerbatim: false,
        ...(await counts()),
        losses: losses.summary(),
        files: folder.files(),
      }
    })
  })
}

/** Media that were just made are not in the repository, from which all others come. */
function withNewMedia(
  folder: WritableFolder,
  made: ReadonlySet<BlobId>,
  read: (blob: BlobId) => Promise<Uint8Array>,
): WritableFolder {
  return {
    write: async (path, bytes) => folder.write(path, bytes),
    placeMedia: async (path, media) => {
      if (media.blob !== undefined && made.has(media.blob))
        await folder.write(path, await read(media.blob))
      else await folder.placeMedia(path, media)
    },
  }
}
