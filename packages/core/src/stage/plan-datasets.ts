import { lstatSync } from 'node:fs'
import path from 'node:path'
import { formatAmbiguous, nestedDataset } from '../errors.ts'
import type { Snapshot } from '../record/commit-record.ts'
import type { Repository } from '../repository/repository.ts'
import type { WorkingChange } from '../working-tree/compare-working-tree.ts'
import { isBelow } from '../working-tree/path-range.ts'
import { workingFolder } from '../working-tree/working-folder.ts'
import type { StageRequest } from './stage-working-tree.ts'
import type { StagedFiles } from './staged-files.ts'

/** A dataset that has to be read, wholly or in part. */
export interface DatasetChange {
  readonly path: string
  readonly change: 'new' | 'edited' | 'format'
  /** Undefined for the format that the dataset has. */
  readonly format: string | undefined
  /** Files that changed, relative to the working tree. */
  readonly changed: readonly WorkingChange[]
}

/** From here on a folder that nobody asked about is taken for a dataset. */
const SURE = 0.8

/** Closer than this two formats are as good as each other. */
const MARGIN = 0.05

/**
 * Decides which datasets are new or have to be read again: those with changed files, and the folders
 * that the request names and that are in a known format.
 *
 * @throws `DSV_FORMAT_UNKNOWN`, `DSV_FORMAT_AMBIGUOUS`, `DSV_DATASET_NESTED`
 */
export async function planDatasets(
  repository: Repository,
  stage: Snapshot,
  changes: readonly WorkingChange[],
  files: StagedFiles,
  request: StageRequest,
): Promise<readonly DatasetChange[]> {
  const plan: DatasetChange[] = []
  const { formats } = repository.environment
  const wanted =
    request.format === undefined ? undefined : (await formats.describe(request.format)).name
  const inside = (folder: string): WorkingChange[] =>
    changes.filter((change) => isBelow(change.path, folder))
  const known = [...stage.datasets.keys()]
  for (const dataset of known) {
    const changed = inside(dataset)
    const isNamed = wanted !== undefined && request.paths.includes(dataset)
    if (changed.length > 0 || isNamed)
      plan.push({
        path: dataset,
        change: isNamed ? 'format' : 'edited',
        format: isNamed ? wanted : undefined,
        changed,
      })
  }
  if (request.trackedOnly === true || request.plain === true) return plan
  for (const folder of request.paths) {
    if (known.includes(folder) || !isFolder(repository.folder, folder)) continue
    const format = await formatOf(repository, folder, files, wanted, known)
    if (format === undefined) continue
    plan.push({ path: folder, change: 'new', format, changed: inside(folder) })
  }
  return plan
}

function isFolder(root: string, inside: string): boolean {
  const stat = lstatSync(path.join(root, inside), { throwIfNoEntry: false })
  return stat?.isDirectory() === true
}

/** The format of a folder that is no dataset yet; undefined leaves its files plain. */
async function formatOf(
  repository: Repository,
  folder: string,
  files: StagedFiles,
  wanted: string | undefined,
  known: readonly string[],
): Promise<string | undefined> {
  const { formats } = repository.environment
  const neighbour = known.find((other) => isBelow(other, folder) || isBelow(folder, other))
  if (wanted !== undefined && neighbour !== undefined) throw nestedDataset(folder, neighbour)
  if (wanted !== undefined) return wanted
  if (neighbour !== undefined) return undefined
  const tracked = workingFolder(path.join(repository.folder, folder), files.below(folder))
  const detected = await formats.detect(tracked)
  const [best, second] = detected
  if (best === undefined || best.confidence < SURE) return undefined
  if (second !== undefined && best.confidence - second.confidence < MARGIN)
    throw formatAmbiguous(folder, [best, second])
  return best.format
}
