import {
  type AnnotatedItem,
  type Annotation,
  type DatasetView,
  type Json,
  rotatedBoxCorners,
  type WritableFolder,
  type WriteContext,
} from '@dsv/core'
import { type ClassNames, classNames } from '../shared/class-names.ts'
import { safeMediaName } from '../shared/media-finder.ts'
import {
  type Holdings,
  imageOf,
  reportAnnotationLosses,
  reportItemLosses,
  reportSchemaLosses,
} from '../shared/report-losses.ts'
import { imageInFolder } from '../shared/subset-roots.ts'
import type { DotaFolders } from './find-files.ts'
import { headerLines, isHeaderValue } from './label-file.ts'
import { layoutFromJson, layoutToJson } from './layout.ts'

const HOLDS: Holdings = {
  format: 'dota',
  fields: new Set(['category']),
  attribute: (name, value) => name === 'difficulty' && isNumber(value),
  itemAttribute: isHeaderValue,
}

/** Writes a file of corners for each image, and the images. */
export async function writeDota(
  dataset: DatasetView,
  folder: WritableFolder,
  context: WriteContext,
): Promise<Json> {
  context.signal.throwIfAborted()
  const before = layoutFromJson(dataset.layout)
  const names = classNames(dataset.schema, context.onLoss)
  reportSchemaLosses(dataset.schema, HOLDS, context.onLoss)
  const written: DotaFolders[] = []
  for (const subset of dataset.subsets) {
    const own = before.find((each) => each.subset === subset)
    const folders = own ?? { subset, root: `${subset}/`, labels: 'labelTxt' }
    written.push(folders)
    for await (const item of dataset.items(subset)) {
      context.signal.throwIfAborted()
      const medium = imageOf(item, context.onLoss)
      if (medium === undefined) continue
      reportItemLosses(item, HOLDS, context.layer, context.onLoss)
      const text = headerLines(item.attributes ?? {}) + rowsOf(item, names, context)
      const label = `${folders.root}${folders.labels}/${safeMediaName(item.id)}.txt`
      await folder.write(label, Buffer.from(text))
      if (medium.blob !== undefined) {
        const image = imageInFolder(item.id, medium.path, `${folders.root}images/`, '.png')
        await folder.placeMedia(image, medium)
      }
    }
  }
  names.reportUnused(context.onLoss)
  return layoutToJson(written)
}

function rowsOf(
  item: AnnotatedItem,
  names: ClassNames,
  { layer, onLoss }: Pick<WriteContext, 'layer' | 'onLoss'>,
): string {
  const where = `${item.subset}/${item.id}`
  return (item.layers[layer] ?? [])
    .map((annotation) => {
      const corners = cornersOf(annotation)
      const name = corners === undefined ? undefined : names.use(annotation.category)
      const className = name?.trim().replaceAll(/\s+/gu, ' ') ?? ''
      if (corners === undefined || className === '') {
        onLoss({ what: `annotation: ${annotation.type}`, where })
        return ''
      }
      if (name !== undefined && name !== className) onLoss({ what: 'category', where: name })
      if (annotation.type !== 'quad') onLoss({ what: `geometry: ${annotation.type}`, where })
      reportAnnotationLosses(annotation, HOLDS, where, onLoss)
      const difficulty = annotation.attributes?.['difficulty']
      return `${[...corners, className, isNumber(difficulty) ? difficulty : 0].join(' ')}\n`
    })
    .join('')
}

/** The corners of a quad as they are, and of what has four corners, too. */
function cornersOf(annotation: Annotation): readonly number[] | undefined {
  if (annotation.type === 'quad') return annotation.points
  if (annotation.type === 'rotated-box') return rotatedBoxCorners(annotation)
  if (annotation.type === 'box') {
    const { x, y, width, height } = annotation
    return rotatedBoxCorners({ cx: x + width / 2, cy: y + height / 2, width, height, angle: 0 })
  }
  const [rings = []] = annotation.type === 'polygon' ? annotation.parts : []
  const isQuad = annotation.type === 'polygon' && annotation.parts.length === 1
  return isQuad && rings.length === 1 && rings[0]?.length === 8 ? rings[0] : undefined
}

function isNumber(value: unknown): value is number {
  return typeof value === 'number' && Number.isFinite(value)
}
