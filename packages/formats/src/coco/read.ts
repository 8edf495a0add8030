import type { DatasetStream, Folder, Json, ReadContext, Schema } from '@dsv/core'
import { type CocoFile, findCocoFiles } from './find-files.ts'
import { type CocoIndex, indexCocoFile, skipOrThrow } from './index-file.ts'
import { layoutOf } from './layout-of.ts'
import type { KnownVersion } from './known-records.ts'
import { type CocoLayout, layoutToJson } from './layout.ts'
import { planSubsets, type SubsetPlan } from './plan-subsets.ts'
import { type CocoCategories, readCategories } from './read-categories.ts'
import { readItems } from './read-items.ts'

/**
 * Reads COCO JSON. Each file is read once to locate its records, which takes about 40 bytes of memory for
 * each annotation and 110 for each image; then items are read in blocks.
 *
 * @throws `DSV_FORMAT_SYNTAX`
 */
export async function readCoco(folder: Folder, context: ReadContext): Promise<DatasetStream> {
  const { schema, layout, plans, categories } = await openCoco(folder, context)
  return {
    schema,
    layout: layoutToJson(layout),
    items: readItems(folder, plans, categories, layout, context),
  }
}

/** A folder of which all is known but what its records say. */
export interface OpenCoco {
  readonly files: readonly CocoFile[]
  readonly indexes: readonly CocoIndex[]
  readonly categories: CocoCategories
  readonly plans: readonly SubsetPlan[]
  readonly layout: CocoLayout
  readonly schema: Schema
}

/**
 * Locates the records of all files.
 *
 * @param known - Indexes of files that are as they were, by path
 * @param versionOf - What is known of a file that is not as it was
 * @throws `DSV_FORMAT_SYNTAX`
 */
export async function openCoco(
  folder: Folder,
  context: ReadContext,
  known: ReadonlyMap<string, CocoIndex> = new Map(),
  versionOf: (path: string) => Promise<KnownVersion | undefined> = async () => undefined,
): Promise<OpenCoco> {
  const indexes: CocoIndex[] = []
  const files = await findCocoFiles(folder)
  for (const file of files) {
    context.signal.throwIfAborted()
    try {
      const same = known.get(file.path)
      indexes.push(same ?? (await indexCocoFile(folder, file, context, await versionOf(file.path))))
    } catch (error) {
      skipOrThrow(error, file.path, context)
    }
  }
  const categories = readCategories(indexes, context)
  const plans = planSubsets(indexes, context)
  const layout = await layoutOf(folder, plans, categories)
  const schema: Schema = {
    categories: categories.categories,
    attributes: [],
    info: infoOf(indexes),
  }
  return { files, indexes, categories, plans, layout, schema }
}

/** What the files say about themselves, by task and subset: `{ coco: { instances_train: { info … } } }`. */
function infoOf(indexes: readonly CocoIndex[]): Readonly<Record<string, Json>> {
  const coco = indexes
    .filter(({ members }) => Object.keys(members).length > 0)
    .map(({ file, members }): [string, Json] => [`${file.task}_${file.subset}`, members])
  return coco.length === 0 ? {} : { coco: Object.fromEntries(coco) }
}
