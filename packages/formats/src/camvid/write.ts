import type { AnnotatedItem, DatasetView, Json, WritableFolder, WriteContext } from '@dsv/core'
import { DATASET_META, formatDatasetMeta } from '../shared/dataset-meta.ts'
import { isFileName, isRelativePath } from '../shared/is-path-name.ts'
import { distinctColors, type Rgb } from '../shared/label-colors.ts'
import { formatLabelColors, isLabelColorsName, LABEL_COLORS } from '../shared/label-colors-file.ts'
import {
  type Holdings,
  imageOf,
  reportItemLosses,
  reportSchemaLosses,
} from '../shared/report-losses.ts'
import { suffixOf } from '../shared/suffix-of.ts'
import { textPieces } from '../shared/text-pieces.ts'
import { labelMaskPng } from '../shared/write-label-masks.ts'
import { type CamvidLayout, layoutFromJson, layoutToJson } from './layout.ts'
import { formatListLine } from './list-line.ts'
import { areCamvidCategories } from './read.ts'

const HOLDS: Holdings = {
  format: 'camvid',
  fields: new Set(['category']),
  categoryFields: new Set(['color']),
}

/** Writes a list for each subset, images, and masks that show classes by colour. */
export async function writeCamvid(
  dataset: DatasetView,
  folder: WritableFolder,
  context: WriteContext,
): Promise<Json> {
  context.signal.throwIfAborted()
  const before = layoutFromJson(dataset.layout)
  const root = before?.root ?? ''
  reportSchemaLosses(dataset.schema, HOLDS, context.onLoss)
  const layout = { root, labels: labelsPath(dataset, before) }
  const isName = layout.labels?.endsWith(DATASET_META) === true ? () => true : isLabelColorsName
  const colors = distinctColors(dataset.schema.categories, isName, context.onLoss)
  const labels = dataset.schema.categories.flatMap(({ key, name }) => {
    const color = colors.get(key)
    return color === undefined ? [] : [{ name, color }]
  })
  if (layout.labels !== undefined) {
    const format = layout.labels.endsWith(DATASET_META) ? formatDatasetMeta : formatLabelColors
    await folder.write(layout.labels, Buffer.from(format(labels)))
  }
  for (const subset of dataset.subsets) {
    if (isSubsetName(subset)) {
      const lines = subsetLines({ dataset, folder, context, root, colors, subset })
      await folder.write(`${root}${subset}.txt`, textPieces(lines))
    } else context.onLoss({ what: 'item', where: `subset ${subset}` })
  }
  return layoutToJson(layout)
}

interface SubsetWriter {
  readonly dataset: DatasetView
  readonly folder: WritableFolder
  readonly context: WriteContext
  readonly root: string
  readonly colors: ReadonlyMap<string, Rgb>
  readonly subset: string
}

function labelsPath({ schema }: DatasetView, before: CamvidLayout | undefined): string | undefined {
  if (before === undefined) return LABEL_COLORS
  if (before.labels === undefined && areCamvidCategories(schema.categories)) return undefined
  return before.labels ?? `${before.root}${LABEL_COLORS}`
}

function isSubsetName(name: string): boolean {
  return isFileName(name) && !name.includes('"') && `${name}.txt` !== LABEL_COLORS
}

async function* subsetLines(writer: SubsetWriter): AsyncGenerator<string> {
  const { dataset, context, subset } = writer
  for await (const item of dataset.items(subset)) {
    context.signal.throwIfAborted()
    const line = await writeItem(writer, item)
    if (line !== undefined) yield line
  }
}

async function writeItem(
  { dataset, folder, context, root, colors, subset }: SubsetWriter,
  item: AnnotatedItem,
): Promise<string | undefined> {
  const { id } = item
  const medium = imageOf(item, context.onLoss)
  if (medium === undefined) return undefined
  if (!isRelativePath(id) || id.includes('"')) {
    context.onLoss({ what: 'item', where: `${subset}/${id}` })
    return undefined
  }
  reportItemLosses(item, HOLDS, context.layer, context.onLoss)
  const image = `${subset}/${id}${suffixOf(medium.path, '.png')}`
  const png = labelMaskPng(item, medium, { colors, holds: HOLDS }, context)
  const mask = png === undefined ? undefined : `${maskFolder(dataset, subset)}/${id}.png`
  if (png !== undefined && mask !== undefined) await folder.write(root + mask, png)
  if (medium.blob !== undefined) await folder.placeMedia(root + image, medium)
  return formatListLine({ image, mask })
}

/** Another subset may have the name that the folder of masks usually has. */
function maskFolder({ subsets }: DatasetView, subset: string): string {
  let name = `${subset}annot`
  while (subsets.includes(name)) name += 'annot'
  return name
}
