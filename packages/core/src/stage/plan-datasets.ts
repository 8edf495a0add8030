import { lstatSync } from 'node:fs'
import path from 'node:path'
import { nestedDataset } from '../errors.ts'
import type { Snapshot } from '../record/commit-record.ts'
import type { Repository } from '../repository/repository.ts'
import { isBelow } from '../working-tree/path-range.ts'
import { workingFolder } from '../working-tree/working-folder.ts'
import {
  type DiscoveredDataset,
  discoverDatasets,
  type DiscoverySource,
} from './discover-datasets.ts'
import type { StageRequest } from './stage-working-tree.ts'
import type { StagedFiles } from './staged-files.ts'

/** A dataset that has to be read, wholly or in part. */
export interface DatasetChange {
  readonly path: string
  readonly change: 'new' | 'edited' | 'format'
  /** Undefined for the format that the dataset has. */
  readonly format: string | undefined
}

/**
 * Decides which datasets are new or have to be read again: those with changed files, and the folders
 * that the request names and that are in a known format.
 *
 * @throws `DSV_FORMAT_UNKNOWN`, `DSV_FORMAT_AMBIGUOUS`, `DSV_DATASET_NESTED`
 */
export async function planDatasets(
  repository: Repository,
  stage: Snapshot,
  files: StagedFiles,
  request: StageRequest,
): Promise<readonly DatasetChange[]> {
  const plan: DatasetChange[] = []
  const { formats } = repository.environment
  const wanted =
    request.format === undefined ? undefined : (await formats.describe(request.format)).name
  const known = [...stage.datasets.keys()]
  for (const dataset of known) {
    const isChanged = files.changesBelow(dataset).next().done !== true
    const isNamed = wanted !== undefined && request.paths.includes(dataset)
    if (isChanged || isNamed)
      plan.push({
        path: dataset,
        change: isNamed ? 'format' : 'edited',
        format: isNamed ? wanted : undefined,
      })
  }
  if (request.trackedOnly === true || request.plain === true) return plan
  const source: DiscoverySource = {
    formats,
    folderAt: (inside, shown) => workingFolder(path.join(repository.folder, inside), shown),
  }
  for (const folder of request.paths) {
    if (known.includes(folder) || !isFolder(repository.folder, folder)) continue
    // Without new files there is nothing new to discover.
    if (wanted === undefined && !hasNew(files, folder)) continue
    const found =
      wanted === undefined
        ? await discoverDatasets(source, folder, await files.below(folder).list(), known)
        : [namedDataset(folder, wanted, known)]
    for (const { path: dataset, format } of found)
      plan.push({ path: dataset, change: 'new', format })
  }
  return plan
}

function hasNew(files: StagedFiles, folder: string): boolean {
  for (const { before } of files.changesBelow(folder)) if (before === 'new') return true
  return false
}

/** @throws `DSV_DATASET_NESTED` */
function namedDataset(folder: string, format: string, known: readonly string[]): DiscoveredDataset {
  const neighbour = known.find((other) => isBelow(other, folder) || isBelow(folder, other))
  if (neighbour !== undefined) throw nestedDataset(folder, neighbour)
  return { path: folder, format }
}

function isFolder(root: string, inside: string): boolean {
  const stat = lstatSync(path.join(root, inside), { throwIfNoEntry: false })
  return stat?.isDirectory() === true
}
