import { stepUnknown } from './errors.ts'
import { filter } from './filter.ts'
import type { Step } from './step.ts'
import { remapCategories } from './remap-categories.ts'

/** All steps, by what they are for. */
export const STEPS: readonly Step[] = [filter, remapCategories]

/** Returns a step. @throws `DSV_STEP_UNKNOWN` */
export function stepNamed(name: string): Step {
  const found = STEPS.find((step) => step.name === name)
  if (found === undefined)
    throw stepUnknown(
      name,
      STEPS.map((step) => step.name),
    )
  return found
}
