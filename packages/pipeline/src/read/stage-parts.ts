import type { PipelineStage } from '../model/pipeline-stage.ts'

/** What a stage does, reads and makes. */
export type StageParts = Pick<PipelineStage, 'action' | 'dependencies' | 'parameters' | 'outputs'>
