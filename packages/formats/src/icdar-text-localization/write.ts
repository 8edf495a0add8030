import type {
  AnnotatedItem,
  Annotation,
  BoxGeometry,
  DatasetView,
  Json,
  WritableFolder,
  WriteContext,
} from '@dsv/core'
import { closeNumber } from '../shared/close-number.ts'
import { safeMediaName } from '../shared/media-finder.ts'
import { onOneLine } from '../shared/quoted-text.ts'
import {
  type Holdings,
  imageOf,
  reportAnnotationLosses,
  reportItemLosses,
  reportSchemaLosses,
} from '../shared/report-losses.ts'
import { imageInFolder, rootOfSubset } from '../shared/subset-roots.ts'
import { labelFileOf } from './label-name.ts'
import { layoutFromJson, layoutToJson } from './layout.ts'
import { type RowStyle, textRow } from './text-row.ts'

const HOLDS: Holdings = {
  format: 'icdar-text-localization',
  fields: new Set(),
  attribute: (name, value) =>
    name === 'text' && typeof value === 'string' && value !== '' && onOneLine(value) === value,
}

/** Writes a file of boxes and quadrilaterals with their texts for each image, and the images. */
export async function writeIcdarTextLocalization(
  dataset: DatasetView,
  folder: WritableFolder,
  context: WriteContext,
): Promise<Json> {
  context.signal.throwIfAborted()
  const before = layoutFromJson(dataset.layout)
  reportSchemaLosses(dataset.schema, HOLDS, context.onLoss)
  for (const { name } of dataset.schema.categories) {
    context.onLoss({ what: 'category', where: name })
  }
  const roots = dataset.subsets.map((subset) => rootOfSubset(subset, before.roots))
  for (const { subset, root } of roots) {
    for await (const item of dataset.items(subset)) {
      context.signal.throwIfAborted()
      const medium = imageOf(item, context.onLoss)
      if (medium === undefined) continue
      reportItemLosses(item, HOLDS, context.layer, context.onLoss)
      const rows = rowsOf(item, before.style, context)
      await folder.write(root + labelFileOf(safeMediaName(item.id)), Buffer.from(rows))
      if (medium.blob === undefined) continue
      const image = imageInFolder(item.id, medium.path, `${root}images/`, '.png')
      await folder.placeMedia(image, medium)
    }
  }
  return layoutToJson({ ...before, roots })
}

function rowsOf(
  item: AnnotatedItem,
  style: RowStyle | undefined,
  { layer, onLoss }: Pick<WriteContext, 'layer' | 'onLoss'>,
): string {
  const where = `${item.subset}/${item.id}`
  return (item.layers[layer] ?? [])
    .map((annotation) => {
      const numbers = numbersOf(annotation)
      if (numbers === undefined) {
        onLoss({ what: `annotation: ${annotation.type}`, where })
        return ''
      }
      const isPart = annotation.type !== 'box' && annotation.type !== 'polygon'
      if (isPart) onLoss({ what: `geometry: ${annotation.type}`, where })
      reportAnnotationLosses(annotation, HOLDS, where, onLoss)
      if (annotation.type === 'box') reportRounding(annotation, numbers, where, onLoss)
      const text = annotation.attributes?.['text']
      return textRow({ numbers, text: typeof text === 'string' ? text : '' }, style)
    })
    .join('')
}

/** Edges of a box, or four corners. */
function numbersOf(annotation: Annotation): readonly number[] | undefined {
  if (annotation.type === 'quad') return annotation.points
  if (annotation.type === 'polygon') {
    const [[ring = [], ...holes] = [], ...others] = annotation.parts
    return ring.length === 8 && holes.length === 0 && others.length === 0 ? ring : undefined
  }
  if (annotation.type !== 'box') return undefined
  const { x, y, width, height } = annotation
  const right = closeNumber(x + width, width, (edge) => edge - x)
  return [x, y, right, closeNumber(y + height, height, (edge) => edge - y)]
}

function reportRounding(
  { x, y, width, height }: BoxGeometry,
  [, , right = 0, bottom = 0]: readonly number[],
  where: string,
  onLoss: WriteContext['onLoss'],
): void {
  if (right - x !== width) onLoss({ what: 'field: width', where })
  if (bottom - y !== height) onLoss({ what: 'field: height', where })
}
