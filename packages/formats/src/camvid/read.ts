import {
  type AnnotationDraft,
  type Category,
  type DatasetStream,
  type Folder,
  formatSyntax,
  GROUND_TRUTH,
  isDsvError,
  type ReadContext,
  type SourceItem,
} from '@dsv/core'
import { DATASET_META, parseDatasetMeta } from '../shared/dataset-meta.ts'
import { coloredCategories, type ColoredLabel } from '../shared/label-colors.ts'
import { parseLabelColors } from '../shared/label-colors-file.ts'
import { type MediaFinder, mediaFinder, safeMediaName } from '../shared/media-finder.ts'
import { readAhead } from '../shared/read-ahead.ts'
import { type LabelMasks, labelMasks, readLabelMasks } from '../shared/read-label-masks.ts'
import { skipOrThrow } from '../shared/skip-or-throw.ts'
import { decodeText } from '../shared/text-reader.ts'
import { CAMVID_LABELS } from './classes.ts'
import { findCamvidFiles } from './find-files.ts'
import { layoutToJson } from './layout.ts'
import { idOfImage, type ListLine, parseListLine } from './list-line.ts'

const FILES_AT_ONCE = 8

/** Reads CamVid. Memory grows with the lists, not with the masks. @throws `DSV_FORMAT_SYNTAX` */
export async function readCamvid(folder: Folder, context: ReadContext): Promise<DatasetStream> {
  context.signal.throwIfAborted()
  const files = await findCamvidFiles(folder)
  const { root = '', lists = [], labels: labelsPath } = files ?? {}
  const labels = await readLabels(folder, labelsPath, context)
  const categories = coloredCategories(labels)
  const indexes = labels.map(({ index }, position) => index ?? position)
  const lines = new Map<string, Listed>()
  for (const list of lists) {
    context.signal.throwIfAborted()
    const subset = list.slice(root.length, -'.txt'.length)
    for (const line of await readList(folder, list, context)) {
      const id = idOfImage(line.image, subset)
      lines.set(`${subset}\0${id}`, { ...line, subset, id, list })
    }
  }
  const reading: Reading = {
    folder,
    context,
    root,
    labels: labelMasks(categories, (position) => indexes[position] ?? position),
    media: await mediaFinder(folder),
  }
  return {
    schema: { categories, attributes: [], info: {} },
    layout: layoutToJson({ root, labels: labelsPath }),
    items: readAhead(lines.values(), FILES_AT_ONCE, async (line) => readItem(line, reading)),
  }
}

interface Listed extends ListLine {
  readonly subset: string
  readonly id: string
  readonly list: string
}

interface Reading {
  readonly folder: Folder
  readonly context: ReadContext
  readonly root: string
  readonly labels: LabelMasks
  readonly media: MediaFinder
}

/** A label; `index` is the value of its pixels, its place when it is absent. */
type IndexedLabel = ColoredLabel & { readonly index?: number }

async function readLabels(
  folder: Folder,
  path: string | undefined,
  context: ReadContext,
): Promise<readonly IndexedLabel[]> {
  if (path === undefined) return CAMVID_LABELS
  try {
    const bytes = await folder.read(path)
    return path.endsWith(DATASET_META)
      ? parseDatasetMeta(bytes, path)
      : parseLabelColors(bytes, path)
  } catch (error) {
    skipOrThrow(error, path, context)
    return []
  }
}

async function readList(
  folder: Folder,
  path: string,
  context: ReadContext,
): Promise<readonly ListLine[]> {
  try {
    const lines = decodeText(await folder.read(path), path).split(/\r?\n/u)
    return lines.flatMap((line, index) => {
      if (line.trim() === '') return []
      try {
        return [parseListLine(line, path, index + 1)]
      } catch (error) {
        skipOrThrow(error, path, context)
        return []
      }
    })
  } catch (error) {
    skipOrThrow(error, path, context)
    return []
  }
}

async function readItem(
  { image, mask, subset, id, list }: Listed,
  { folder, context, root, labels, media }: Reading,
): Promise<SourceItem> {
  context.signal.throwIfAborted()
  const find = (path: string): string | undefined => {
    const tail = path.split('/').slice(-1 - id.split('/').length)
    return media.find(path, [root]) ?? media.find(tail.join('/'), [root])
  }
  const found = find(image)
  const info = found === undefined ? undefined : await context.probe(found)
  let drafts: readonly AnnotationDraft[] = []
  try {
    if (mask !== undefined) {
      const path = find(mask) ?? safeMediaName(mask)
      drafts = readLabelMasks(await readMask(folder, path, list), path, labels)
    }
  } catch (error) {
    skipOrThrow(error, mask ?? '', context)
  }
  const path = found ?? root + safeMediaName(image)
  return {
    subset,
    id,
    media: [{ role: 'primary', path, ...info, kind: 'image' }],
    layers: { [GROUND_TRUTH]: drafts },
  }
}

async function readMask(folder: Folder, path: string, list: string): Promise<Uint8Array> {
  try {
    return await folder.read(path)
  } catch (error) {
    if (!isDsvError(error, 'DSV_FILE_NOT_FOUND')) throw error
    throw formatSyntax(list, `names the mask "${path}", which is not there`, error)
  }
}

/** Returns whether categories are those that a dataset without file of classes has. */
export function areCamvidCategories(categories: readonly Category[]): boolean {
  return (
    categories.length === CAMVID_LABELS.length &&
    CAMVID_LABELS.every(({ name, color }, index) => {
      const category = categories[index]
      return category?.name === name && category.color?.join() === color.join()
    })
  )
}
