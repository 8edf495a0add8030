import { STEPS } from '@dsv/steps'
import { checkStep } from './check.ts'
import { convertStep } from './convert.ts'
import { countCategoriesStep, labelmapStep } from './count-categories.ts'
import { datasetStep } from './dataset-step.ts'
import { evaluateStep } from './evaluate.ts'
import { exportStep } from './export.ts'
import { framesStep } from './frames.ts'
import type { PipelineStep } from './pipeline-step.ts'
import { statisticsStep } from './statistics.ts'

/** All steps that stages can name. */
export const PIPELINE_STEPS: readonly PipelineStep[] = [
  ...STEPS.map(datasetStep),
  convertStep,
  exportStep,
  framesStep,
  statisticsStep,
  countCategoriesStep,
  labelmapStep,
  checkStep,
  evaluateStep,
]
