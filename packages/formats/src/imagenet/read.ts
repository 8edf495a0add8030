import type { DatasetStream, Folder, ReadContext } from '@dsv/core'
import {
  type ClassFolderPlan,
  type PlannedImage,
  planClassFolders,
  readClassFolders,
} from '../shared/class-folders.ts'

/** Datumaro puts images without label into a folder of this name. */
const NO_LABEL = 'no_label'

/** Reads a folder of images whose folders are classes, whatever they are called. */
export async function readImagenet(folder: Folder, context: ReadContext): Promise<DatasetStream> {
  context.signal.throwIfAborted()
  const plan = withoutNoLabel(planClassFolders(await folder.list(), 'classes'))
  const layout = { variant: plan.variant, hasSubsets: plan.subsets.length > 0 }
  return { layout, ...readClassFolders(plan, context) }
}

function withoutNoLabel(plan: ClassFolderPlan): ClassFolderPlan {
  if (!plan.classes.includes(NO_LABEL)) return plan
  const images = plan.images.map(({ className, ...image }): PlannedImage =>
    className === undefined || className === NO_LABEL ? image : { ...image, className },
  )
  return { ...plan, classes: plan.classes.filter((name) => name !== NO_LABEL), images }
}
