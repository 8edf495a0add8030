import type { DatasetView, Json, WritableFolder, WriteContext } from '@dsv/core'
import { DATASET_META, formatDatasetMeta } from '../shared/dataset-meta.ts'
import { isFileName, isRelativePath } from '../shared/is-path-name.ts'
import { distinctColors, type Rgb } from '../shared/label-colors.ts'
import {
  type Holdings,
  imageOf,
  reportItemLosses,
  reportSchemaLosses,
} from '../shared/report-losses.ts'
import { suffixOf } from '../shared/suffix-of.ts'
import { labelMaskPng } from '../shared/write-label-masks.ts'
import { layoutFromJson, layoutToJson, type PartLayout } from './layout.ts'

const HOLDS: Holdings = {
  format: 'common-semantic-segmentation',
  fields: new Set(['category']),
  categoryFields: new Set(['color']),
}

/** Writes images, masks and their classes; into a folder for each subset when there are several. */
export async function writeCommonSemanticSegmentation(
  dataset: DatasetView,
  folder: WritableFolder,
  context: WriteContext,
): Promise<Json> {
  context.signal.throwIfAborted()
  reportSchemaLosses(dataset.schema, HOLDS, context.onLoss)
  const { categories } = dataset.schema
  const colors = distinctColors(categories, () => true, context.onLoss)
  const labels = categories.flatMap(({ key, name }) => {
    const color = colors.get(key)
    return color === undefined ? [] : [{ name, color }]
  })
  const meta = Buffer.from(formatDatasetMeta(labels))
  const parts = planParts(dataset, context)
  for (const part of parts) {
    await folder.write(part.root + DATASET_META, meta)
    await writePart({ dataset, folder, context, colors, part })
  }
  return layoutToJson(parts)
}

function planParts({ subsets, layout }: DatasetView, context: WriteContext): readonly PartLayout[] {
  const before = new Map(layoutFromJson(layout).map((part) => [part.subset, part]))
  const own = subsets.length === 0 ? ['default'] : subsets
  const isOne = own.every((subset) => subset === 'default')
  return own.flatMap((subset) => {
    const known = before.get(subset)
    if (known !== undefined && (known.root !== '' || isOne)) return [known]
    if (isFileName(subset)) {
      const root = isOne ? '' : `${subset}/`
      return [{ root, subset, prefixes: known?.prefixes ?? { images: '', masks: '' } }]
    }
    context.onLoss({ what: 'item', where: `subset ${subset}` })
    return []
  })
}

interface PartWriter {
  readonly dataset: DatasetView
  readonly folder: WritableFolder
  readonly context: WriteContext
  readonly colors: ReadonlyMap<string, Rgb>
  readonly part: PartLayout
}

async function writePart({ dataset, folder, context, colors, part }: PartWriter): Promise<void> {
  const { root, subset, prefixes } = part
  for await (const item of dataset.items(subset)) {
    context.signal.throwIfAborted()
    const medium = imageOf(item, context.onLoss)
    if (medium === undefined) continue
    if (!isRelativePath(item.id)) {
      context.onLoss({ what: 'item', where: `${subset}/${item.id}` })
      continue
    }
    reportItemLosses(item, HOLDS, context.layer, context.onLoss)
    const png = labelMaskPng(item, medium, { colors, holds: HOLDS }, context)
    const mask = `${root}masks/${prefixes.masks}${item.id}.png`
    if (png !== undefined) await folder.write(mask, png)
    const image = `${root}images/${prefixes.images}${item.id}${suffixOf(medium.path, '.png')}`
    if (medium.blob !== undefined) await folder.placeMedia(image, medium)
    else if (png === undefined) {
      context.onLoss({ what: 'item', where: `${subset}/${item.id}: it has neither image nor mask` })
    }
  }
}
