import path from 'node:path'
import { stageAddress } from '../graph/stage-graph.ts'
import { dvcRecords } from '../lock/dvc-records.ts'
import { lockOf, readLockFile } from '../lock/read-lock-file.ts'
import type { PipelineStage } from '../model/pipeline-stage.ts'
import type { PipelineReader } from '../read/pipeline-reader.ts'
import { holdsMd5, isMd5 } from '../stale/has-md5.ts'

/** What a registry recorded of an output. */
export interface RecordedId {
  readonly id: string
  /** Compares it with what the stage has made below a folder, whose id is told where it is of the same kind. */
  compare(folder: string): Promise<{ readonly isSame: boolean; readonly made?: string }>
}

/**
 * Returns what `dsv.lock` or `dvc.lock` of a registry says of an output.
 *
 * @throws `DSV_LOCK_INVALID`, `DSV_PIPELINE_FILE_UNREADABLE`
 */
export async function recordedId(
  reader: PipelineReader,
  stage: PipelineStage,
  output: string,
): Promise<RecordedId | undefined> {
  const address = stageAddress(stage)
  const lock = await lockOf(reader)
  const records = lock.has(address) ? lock : await dvcRecords(reader, [stage], lock)
  const id = records.get(address)?.outputs[output]
  if (id === undefined) return undefined
  if (isMd5(id))
    return { id, compare: async (folder) => ({ isSame: holdsMd5(path.join(folder, output), id) }) }
  return {
    id,
    compare: async (folder) => {
      const made = readLockFile(folder).get(address)?.outputs[output]
      return { isSame: made === id, ...(made !== undefined && { made }) }
    },
  }
}
