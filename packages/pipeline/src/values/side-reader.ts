import type { DiffSide, Repository } from '@dsv/core'
import type { PipelineReader } from '../read/pipeline-reader.ts'
import { versionReader } from '../read/version-reader.ts'
import { workingTreeReader } from '../read/working-tree-reader.ts'

/** Returns the reader of one side of a comparison. */
export function sideReader(repository: Repository, side: DiffSide): PipelineReader {
  if (side.type === 'working-tree') return workingTreeReader(repository.folder)
  return versionReader(repository, side.type === 'stage' ? 'stage' : side.revision)
}
