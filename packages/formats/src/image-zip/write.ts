import {
  type AnnotatedItem,
  type DatasetView,
  isDsvError,
  type Json,
  type Media,
  type WritableFolder,
  type WriteContext,
} from '@dsv/core'
import { safePath } from '../folder/safe-path.ts'
import { extensionOf } from '../media/media-kind.ts'
import { imageOf, reportItemLosses, reportSchemaLosses } from '../shared/report-losses.ts'
import { planSubsetFiles, subsetFilesToJson } from '../shared/subset-files.ts'
import { zipArchive, type ZipEntry } from '../shared/zip-writer.ts'
import { isSubset } from './find-files.ts'

const HOLDS = { format: 'image-zip', fields: new Set<never>() }

/** Writes the images of each subset into a zip file, as they are. */
export async function writeImageZip(
  dataset: DatasetView,
  folder: WritableFolder,
  context: WriteContext,
): Promise<Json> {
  context.signal.throwIfAborted()
  reportSchemaLosses(dataset.schema, HOLDS, context.onLoss)
  for (const { name } of dataset.schema.categories)
    context.onLoss({ what: 'category', where: name })
  const files = planSubsetFiles(dataset, (subset) => `${subset}.zip`)
  for (const { path, subset } of files) {
    if (!isSubset(subset)) context.onLoss({ what: 'item', where: `subset ${subset}` })
    await folder.write(path, zipArchive(entriesOf(dataset, subset, context)))
  }
  return subsetFilesToJson(files)
}

async function* entriesOf(
  dataset: DatasetView,
  subset: string,
  context: WriteContext,
): AsyncGenerator<ZipEntry> {
  const used = new Set<string>()
  for await (const item of dataset.items(subset)) {
    context.signal.throwIfAborted()
    const where = `${item.subset}/${item.id}`
    const medium = imageOf(item, context.onLoss)
    if (medium === undefined) continue
    const name = entryName(item, medium, used)
    if (medium.blob === undefined || name === undefined) {
      const problem = name === undefined ? 'it is no path' : 'its image is missing'
      context.onLoss({ what: 'item', where: `${where}: ${problem}` })
      continue
    }
    used.add(name)
    reportItemLosses(item, HOLDS, context.layer, context.onLoss)
    for (const { type } of item.layers[context.layer] ?? []) {
      context.onLoss({ what: `annotation: ${type}`, where })
    }
    yield { name, bytes: await context.readMedia(medium) }
  }
}

/** The id, which may be the whole name of the file, and the extension of the image. */
function entryName(
  { id }: AnnotatedItem,
  { path }: Media,
  used: ReadonlySet<string>,
): string | undefined {
  const extension = extensionOf(path)
  const suffix = extension === '' ? '.jpg' : path.slice(-extension.length - 1)
  const isNamed = id.endsWith(suffix) && path.endsWith(id) && !used.has(id)
  const name = isNamed ? id : `${id}${suffix}`
  try {
    return safePath(name)
  } catch (error) {
    if (isDsvError(error, 'DSV_PATH_UNSAFE')) return undefined
    throw error
  }
}
