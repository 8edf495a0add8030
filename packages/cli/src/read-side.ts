import type { DiffSide, Repository } from '@dsv/core'
import { type PipelineReader, sideReader } from '@dsv/pipeline'
import type { CommandIo } from './io.ts'

/** Returns how people are told of a side. */
export function sideName(side: DiffSide): string {
  if (side.type === 'working-tree') return 'working tree'
  return side.type === 'stage' ? 'stage' : side.revision
}

/** Reads pipelines of one side; when that fails, and it is not on disk, says which side it was. */
export async function readSide<Result>(
  repository: Repository,
  io: CommandIo,
  side: DiffSide,
  read: (reader: PipelineReader) => Promise<Result>,
): Promise<Result> {
  try {
    return await read(sideReader(repository, side))
  } catch (error) {
    if (side.type !== 'working-tree') io.note(`In ${sideName(side)}:\n`)
    throw error
  }
}
