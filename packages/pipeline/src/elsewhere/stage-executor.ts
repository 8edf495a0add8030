import type { Repository } from '@dsv/core'
import type { PipelineStage } from '../model/pipeline-stage.ts'
import type { Piece } from './pieces.ts'
import type { FoundRun } from '../run-cache/find-run.ts'

/** Has stages run somewhere else than in this process. */
export interface StageExecutor {
  /**
   * Has a stage run on what the working tree holds, and brings what it made.
   *
   * @param digest - Of what goes into the stage: the run has to have it
   * @throws `DSV_STAGE_FAILED`, `DSV_WORKER_LOST`
   */
  make(
    repository: Repository,
    stage: PipelineStage,
    digest: string,
    onOutput: (bytes: Uint8Array) => void,
    piece?: Piece,
  ): Promise<FoundRun>
  /** Into how many pieces the items of a stage are cut that can be. */
  readonly pieces: number
}

/** Returns whether nothing that a stage makes has to stay where it was made. */
export function canRunElsewhere({ outputs }: PipelineStage): boolean {
  return outputs.every(({ isStored }) => isStored)
}
