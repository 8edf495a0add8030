import { STEPS } from '@dsv/steps'
import { convertStep } from './convert.ts'
import { datasetStep } from './dataset-step.ts'
import { exportStep } from './export.ts'
import type { PipelineStep } from './pipeline-step.ts'

/** All steps that stages can name. */
export const PIPELINE_STEPS: readonly PipelineStep[] = [
  ...STEPS.map(datasetStep),
  convertStep,
  exportStep,
]
