import type { PipelineStage } from '../model/pipeline-stage.ts'
import { booleanAt, checkKeys, failAt, type Place, within } from './pipeline-document.ts'
import { COMMAND_KEYS, readCommand } from './read-command.ts'
import { readStepAction, STEP_KEYS, type StepSignature, usesSteps } from './read-step-action.ts'
import { renderText } from './render-text.ts'
import type { StageParts } from './stage-parts.ts'
import type { ValueMap } from './value.ts'

/** Keys that both kinds of stages have. */
const COMMON_KEYS = ['desc', 'frozen', 'always_changed', 'meta', 'vars', 'matrix']

/** A stage as its file has it, after templates were filled in. */
export interface StageDefinition {
  readonly name: string
  readonly definition: ValueMap
  readonly place: Place
}

/** Checks the keys of a stage. @throws `DSV_PIPELINE_INVALID` */
export function checkStageKeys(definition: ValueMap, place: Place): void {
  const isStep = usesSteps(definition, place)
  const known = isStep ? STEP_KEYS : COMMAND_KEYS
  const hint = place.document.hasSteps && !isStep ? ['step', 'steps'] : []
  checkKeys(definition, [...known, ...COMMON_KEYS, ...hint], place)
  if (!isStep && !definition.has('cmd'))
    throw failAt(
      place,
      place.document.hasSteps ? 'has neither `cmd` nor `step` or `steps`' : 'has no `cmd`',
    )
}

/** @throws `DSV_PIPELINE_INVALID` */
export function readStage(
  { name, definition, place }: StageDefinition,
  steps: readonly StepSignature[],
): PipelineStage {
  const { document } = place
  const description = definition.get('desc')
  const common = {
    file: document.file,
    name,
    ...(description !== undefined &&
      description !== null && { description: renderText(description) }),
    isFrozen: booleanAt(definition.get('frozen'), within(place, 'frozen'), false),
    alwaysRuns: booleanAt(definition.get('always_changed'), within(place, 'always_changed'), false),
  }
  const isStep = usesSteps(definition, place)
  const parts = isStep ? readStepAction(definition, place, steps) : readCommand(definition, place)
  checkPathsOnce(parts, place)
  return { ...common, ...parts }
}

function checkPathsOnce({ dependencies, outputs }: StageParts, place: Place): void {
  const seen = new Set(dependencies)
  for (const { path } of outputs) {
    if (seen.has(path))
      throw failAt(
        place,
        dependencies.includes(path) ? `both reads and makes ${path}` : `makes ${path} twice`,
      )
    seen.add(path)
  }
}
