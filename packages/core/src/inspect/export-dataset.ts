import { existsSync, realpathSync } from 'node:fs'
import path from 'node:path'
import type { ObjectReader } from '@dsv/store'
import { exportLossy, outputIsRepository } from '../errors.ts'
import type { WritableFolder } from '../format/format-adapter.ts'
import { GROUND_TRUTH } from '../model/item.ts'
import { compileQuery } from '../query/compile-query.ts'
import type { Snapshot } from '../record/commit-record.ts'
import type { DatasetRecord } from '../record/dataset-record.ts'
import { datasetView } from '../repository/dataset-view.ts'
import { writeContext } from '../repository/render-dataset.ts'
import { REPOSITORY_FOLDER, type Repository } from '../repository/repository.ts'
import { countedView } from './counted-view.ts'
import { exportFiles } from './export-files.ts'
import { exportFolder } from './export-folder.ts'
import { filteredView } from './filtered-view.ts'
import { lossCounter, type LossSummary } from './loss-counter.ts'
import { datasetOf, onlyDatasetPath, snapshotAt } from './snapshot-at.ts'
import { withOutput } from './with-output.ts'

/** What is exported, as what, and where to. */
export interface ExportRequest {
  /** A revision, or `stage`. */
  readonly revision: string
  /** May be left out where there is only one, and where the whole snapshot is meant. */
  readonly dataset?: string
  /** Default: the files as they are. */
  readonly format?: string
  readonly variant?: string
  /** Absolute path of a folder that is empty, or not there yet. */
  readonly output: string
  /** A query: only items that match it. */
  readonly where?: string
  readonly subset?: string
  /**
   * Which annotations of the items go along: those that match the query, or all. Default: `matching`
   * when the query speaks of annotations, `all` when it speaks of items alone.
   */
  readonly annotations?: 'matching' | 'all'
  /** Default `copy`; `link` hard links large files to the store. */
  readonly media?: 'copy' | 'link' | 'none'
  /** The layer to write where the format holds one; default `ground_truth`. */
  readonly layer?: string
  /** Refuses when anything would be lost. */
  readonly strict?: boolean
  /** Writes into a folder that holds something, over files of the same name. */
  readonly force?: boolean
  /** Told what looks like a mistake in the query. */
  readonly onWarning?: (warning: string) => void
}

/** What was exported. */
export interface ExportOutcome {
  /** The format that was written; undefined for a whole snapshot, which is written as it is. */
  readonly format: string | undefined
  /** Whether the files are the committed ones, byte for byte. */
  readonly isVerbatim: boolean
  /** Items that were written; undefined where no dataset was read. */
  readonly items: number | undefined
  /** Annotations of the layer that were handed to the format; undefined when verbatim. */
  readonly annotations: number | undefined
  readonly losses: readonly LossSummary[]
  /** Files that were written, media included. */
  readonly files: number
}

/**
 * Writes a version to a folder: in the format it was committed in, without a filter, the same files
 * byte for byte; else through the adapter of the format, which reports what it cannot hold.
 *
 * When it fails, a folder that was empty or not there is left as it was.
 *
 * @throws `DSV_OUTPUT_NOT_EMPTY`, `DSV_EXPORT_LOSSY`, `DSV_REVISION_UNKNOWN`, `DSV_DATASET_UNKNOWN`,
 *   `DSV_DATASET_UNNAMED`, `DSV_FORMAT_UNKNOWN`, `DSV_QUERY_SYNTAX`, `DSV_PATH_UNSAFE`,
 *   `DSV_OUTPUT_IS_REPOSITORY`
 */
export async function exportDataset(
  repository: Repository,
  request: ExportRequest,
): Promise<ExportOutcome> {
  checkOutput(repository, request.output)
  const { objects } = repository.store
  const snapshot = await snapshotAt(repository, request.revision)
  const wholeSnapshot = request.dataset === undefined && isPlain(request)
  const dataset = wholeSnapshot ? undefined : onlyDatasetPath(snapshot, request.dataset)
  const record = dataset === undefined ? undefined : await datasetOf(objects, snapshot, dataset)
  const format =
    request.format && (await repository.environment.formats.describe(request.format)).name
  const isVerbatim =
    record === undefined || (isPlain({ ...request, format: undefined }) && isOwn(record, format))
  const isPartial = record !== undefined && (!isVerbatim || record.origin === 'rendered')
  if (isPartial && request.strict === true)
    await checkLossless(repository, record, { ...request, format: format ?? record.format })
  return withOutput(request.output, request, async () =>
    isVerbatim
      ? exportVerbatim(repository, snapshot, dataset, record, request)
      : exportAs(repository, record, { ...request, format: format ?? record.format }),
  )
}

/**
 * Checks that an output is not the working tree, over whose changes not even `force` writes, as nobody may have stored
 * them.
 *
 * @throws `DSV_OUTPUT_IS_REPOSITORY`
 */
export function checkOutput({ folder }: Repository, output: string): void {
  const [target, root] = [realPath(output), realPath(folder)]
  const inside = realPath(path.join(folder, REPOSITORY_FOLDER))
  const isAbove = root === target || root.startsWith(target + path.sep)
  if (isAbove || target === inside || target.startsWith(inside + path.sep))
    throw outputIsRepository(output)
}

/** Where a path leads, of which the end need not be there. */
function realPath(file: string): string {
  const absolute = path.resolve(file)
  if (existsSync(absolute)) return realpathSync(absolute)
  return path.join(realPath(path.dirname(absolute)), path.basename(absolute))
}

/** Whether the files as they are will do, as far as the request goes. */
function isPlain({
  format,
  variant,
  where,
  subset,
  layer,
}: Omit<ExportRequest, 'format'> & { readonly format?: string | undefined }): boolean {
  return [format, variant, where, subset, layer].every((each) => each === undefined)
}

function isOwn(record: DatasetRecord, format: string | undefined): boolean {
  return format === undefined || format === record.format
}

async function exportVerbatim(
  repository: Repository,
  snapshot: Snapshot,
  dataset: string | undefined,
  record: DatasetRecord | undefined,
  request: ExportRequest,
): Promise<ExportOutcome> {
  const losses = lossCounter()
  // Files that are a rendering may show less than the dataset holds.
  const unseen =
    record?.origin === 'rendered'
      ? (await writeAs(repository, record, { ...request, format: record.format }, NOWHERE)).losses
      : []
  const files = await exportFiles(repository, snapshot.files, {
    folder: dataset ?? '',
    output: request.output,
    media: request.media ?? 'copy',
    onLoss: losses.add,
    strict: request.strict === true,
  })
  return {
    format: record?.format,
    isVerbatim: true,
    items: record?.items.count,
    annotations: undefined,
    losses: [...unseen, ...losses.summary()],
    files,
  }
}

/** A request whose format is settled. */
type FormatRequest = ExportRequest & { readonly format: string }

async function exportAs(
  repository: Repository,
  record: DatasetRecord,
  request: FormatRequest,
): Promise<ExportOutcome> {
  const { media = 'copy', output } = request
  const folder = exportFolder(repository, output, media)
  const written = await writeAs(repository, record, request, folder)
  await folder.finish()
  return { ...written, files: folder.files() }
}

/** Writes to nowhere, to see what would be lost. */
async function checkLossless(
  repository: Repository,
  record: DatasetRecord,
  request: FormatRequest,
): Promise<void> {
  const { losses } = await writeAs(repository, record, request, NOWHERE)
  if (losses.length > 0) throw exportLossy(request.format, losses)
}

const NOWHERE: WritableFolder = {
  write: async (_path, content) => {
    if (content instanceof Uint8Array) return
    for await (const _ of content) continue
  },
  placeMedia: async () => {},
}

async function writeAs(
  repository: Repository,
  record: DatasetRecord,
  request: FormatRequest,
  folder: WritableFolder,
): Promise<Omit<ExportOutcome, 'files'>> {
  const objects: ObjectReader = repository.store.objects
  const losses = lossCounter()
  const layer = request.layer ?? GROUND_TRUTH
  const adapter = await repository.environment.formats.load(request.format)
  const layout = adapter.format.name === record.format ? record.layout : null
  const query = request.where === undefined ? undefined : compileQuery(request.where, record.schema)
  for (const warning of query?.warnings ?? []) request.onWarning?.(warning)
  const filtered = await filteredView(await datasetView(objects, record, layout), {
    query,
    subset: request.subset,
    annotations: request.annotations ?? (query?.needsAnnotations === true ? 'matching' : 'all'),
  })
  const { view, counts } = countedView(filtered, layer)
  const context = {
    ...writeContext(repository, repository.store.objects, losses.add, request.variant),
    layer,
  }
  await adapter.write(view, folder, context)
  const { items, annotations } = await counts()
  const format = adapter.format.name
  return { format, isVerbatim: false, items, annotations, losses: losses.summary() }
}
