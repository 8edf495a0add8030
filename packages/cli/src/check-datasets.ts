import { checkDataset, type CheckReport, type CheckSelection, chooseChecks } from '@dsv/analysis'
import { compileQuery, type DatasetView, filteredView, type StoredDatasets } from '@dsv/core'
import type { CommandIo } from './io.ts'

/** What was found in one dataset of a version. */
export interface CheckedDataset extends CheckReport {
  readonly path: string
  /** The id of the version that was checked; `correct` goes by it. */
  readonly id: string
  readonly format: string
}

/** Which items of datasets are checked, and how. */
export interface CheckDatasetsRequest extends CheckSelection {
  readonly where?: string
  readonly subset?: string
  readonly layer?: string
  readonly limit?: number
}

/**
 * Checks datasets, one after the other.
 *
 * @throws `DSV_QUERY_SYNTAX`, `DSV_CHECK_UNKNOWN`
 */
export async function checkDatasets(
  { datasets, readMedia }: StoredDatasets,
  { where, subset, ...request }: CheckDatasetsRequest,
  io: CommandIo,
): Promise<readonly CheckedDataset[]> {
  chooseChecks(request)
  const checked: CheckedDataset[] = []
  for (const { path, id, format, items, view } of datasets) {
    const task = `checking ${path || '.'}`
    let done = 0
    const report = await checkDataset(await partOf(view, { where, subset }, io), {
      ...request,
      format,
      signal: io.signal,
      readMedia,
      onItem: () => {
        done += 1
        io.onProgress({ task, done, total: Math.max(items, done), unit: 'items' })
      },
    })
    if (request.layer !== undefined && report.annotations === 0)
      io.note(
        `warning: ${path || '.'} has no annotations in the layer ${JSON.stringify(request.layer)}\n`,
      )
    checked.push({ path, id, format, ...report })
  }
  return checked
}

async function partOf(
  view: DatasetView,
  { where, subset }: { readonly where: string | undefined; readonly subset: string | undefined },
  io: CommandIo,
): Promise<DatasetView> {
  const query = where === undefined ? undefined : compileQuery(where, view.schema)
  for (const warning of query?.warnings ?? []) io.note(`warning: ${warning}\n`)
  const annotations = query?.needsAnnotations === true ? 'matching' : 'all'
  return filteredView(view, { query, subset, annotations })
}
