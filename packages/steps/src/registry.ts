import { categoryFromAttribute } from './categories/category-from-attribute.ts'
import { projectCategories } from './categories/project-categories.ts'
import { remapCategories } from './categories/remap-categories.ts'
import { compose } from './compose/compose.ts'
import { consensus } from './consensus/consensus.ts'
import { correct } from './correct/correct.ts'
import { stepUnknown } from './errors.ts'
import { filter } from './filter.ts'
import { annotationsToLabels } from './geometry/annotations-to-labels.ts'
import { convertGeometry } from './geometry/convert-geometry.ts'
import { cropCovered } from './geometry/crop-covered.ts'
import { mergeInstances } from './geometry/merge-instances.ts'
import { shiftBoxes } from './geometry/shift-boxes.ts'
import { splitMasks } from './geometry/split-masks.ts'
import { attachMedia } from './items/attach-media.ts'
import { idFromMediaName } from './items/id-from-media-name.ts'
import { mapSubsets } from './items/map-subsets.ts'
import { reindex } from './items/reindex.ts'
import { reindexAnnotations } from './items/reindex-annotations.ts'
import { removeAttributes } from './items/remove-attributes.ts'
import { rename } from './items/rename.ts'
import { tagItems } from './items/tag-items.ts'
import { crop } from './pixels/crop.ts'
import { resize } from './pixels/resize.ts'
import { tile } from './pixels/tile.ts'
import { untile } from './pixels/untile.ts'
import { nearDuplicates } from './select/near-duplicates.ts'
import { sample } from './select/sample.ts'
import { split } from './select/split.ts'
import { set } from './set/set.ts'
import type { Step } from './step.ts'

/** All steps, by what they are for. */
export const STEPS: readonly Step[] = [
  filter,
  set,
  correct,
  // Categories.
  remapCategories,
  projectCategories,
  categoryFromAttribute,
  // Items.
  rename,
  reindex,
  reindexAnnotations,
  mapSubsets,
  idFromMediaName,
  attachMedia,
  tagItems,
  removeAttributes,
  // Several datasets.
  compose,
  consensus,
  // Geometry.
  convertGeometry,
  mergeInstances,
  splitMasks,
  cropCovered,
  annotationsToLabels,
  shiftBoxes,
  // Choosing items.
  split,
  sample,
  nearDuplicates,
  // Pixels.
  resize,
  crop,
  tile,
  untile,
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
