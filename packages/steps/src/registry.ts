import { projectCategories } from './categories/project-categories.ts'
import { remapCategories } from './categories/remap-categories.ts'
import { stepUnknown } from './errors.ts'
import { filter } from './filter.ts'
import { idFromMediaName } from './items/id-from-media-name.ts'
import { mapSubsets } from './items/map-subsets.ts'
import { reindex } from './items/reindex.ts'
import { reindexAnnotations } from './items/reindex-annotations.ts'
import { removeAttributes } from './items/remove-attributes.ts'
import { rename } from './items/rename.ts'
import { tagItems } from './items/tag-items.ts'
import type { Step } from './step.ts'

/** All steps, by what they are for. */
export const STEPS: readonly Step[] = [
  filter,
  // Categories.
  remapCategories,
  projectCategories,
  // Items.
  rename,
  reindex,
  reindexAnnotations,
  mapSubsets,
  idFromMediaName,
  tagItems,
  removeAttributes,
]

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
