import { type ComparedStage, isDsvError } from '@dsv/core'
import { pipelineFiles, type StaleReason } from '@dsv/pipeline'

/** What `status` says of pipelines. */
export interface PipelineStatus {
  /** Those that are out of date. */
  readonly stages: readonly { readonly stage: string; readonly reasons: readonly StaleReason[] }[]
  /** Why nothing can be said. */
  readonly problem: string | undefined
}

/** Finds the stages that are out of date. A pipeline file that cannot be read does not keep the status from being shown. */
export async function pipelineStatus(compared: ComparedStage): Promise<PipelineStatus> {
  try {
    const files = await pipelineFiles(compared)
    if (files.length === 0) return { stages: [], problem: undefined }
    const { planStages, stageAddress } = await import('@dsv/pipeline')
    const { planned } = await planStages(compared)
    const stages = planned
      .filter(({ reasons, isSkipped }) => reasons.length > 0 && !isSkipped)
      .map(({ stage, reasons }) => ({ stage: stageAddress(stage), reasons }))
    return { stages, problem: undefined }
  } catch (error) {
    if (!isDsvError(error)) throw error
    return { stages: [], problem: error.message }
  }
}
