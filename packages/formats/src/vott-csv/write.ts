import type {
  AnnotatedItem,
  Annotation,
  DatasetView,
  Json,
  Media,
  WritableFolder,
  WriteContext,
} from '@dsv/core'
import { type ClassNames, classNames } from '../shared/class-names.ts'
import { closeNumber } from '../shared/close-number.ts'
import { exportPath } from '../shared/export-files.ts'
import { imageTarget, writtenImageName } from '../shared/image-name.ts'
import {
  type Holdings,
  imageOf,
  reportAnnotationLosses,
  reportItemLosses,
  reportSchemaLosses,
} from '../shared/report-losses.ts'
import {
  folderOf,
  ownExtra,
  planSubsetFiles,
  subsetFilesFrom,
  subsetFilesToJson,
} from '../shared/subset-files.ts'
import { textPieces } from '../shared/text-pieces.ts'
import { COLUMNS } from './find-files.ts'

const HOLDS: Holdings = { format: 'vott-csv', fields: new Set(['category']) }

/** Writes an export for each subset, with the images beside it. */
export async function writeVottCsv(
  dataset: DatasetView,
  folder: WritableFolder,
  context: WriteContext,
): Promise<Json> {
  context.signal.throwIfAborted()
  reportSchemaLosses(dataset.schema, HOLDS, context.onLoss)
  const before = new Set(subsetFilesFrom(dataset.layout).map(({ path }) => path))
  const files = planSubsetFiles(dataset, (subset) => exportPath(subset, 'csv'))
  const names = classNames(dataset.schema, context.onLoss)
  for (const { path, subset } of files) {
    const place = async (name: string, medium: Media): Promise<void> => {
      const target = imageTarget(name, medium, folderOf(path), before.has(path))
      if (medium.blob !== undefined) await folder.placeMedia(target, medium)
    }
    await folder.write(path, textPieces(rowsOf(dataset, subset, { names, context, place })))
  }
  names.reportUnused(context.onLoss)
  return subsetFilesToJson(files)
}

interface Writer {
  readonly names: ClassNames
  readonly context: WriteContext
  readonly place: (name: string, medium: Media) => Promise<void>
}

async function* rowsOf(
  dataset: DatasetView,
  subset: string,
  { names, context, place }: Writer,
): AsyncGenerator<string> {
  const { onLoss } = context
  yield `${COLUMNS.map(quoted).join(',')}\n`
  for await (const item of dataset.items(subset)) {
    context.signal.throwIfAborted()
    const medium = imageOf(item, onLoss)
    if (medium === undefined) continue
    reportItemLosses(item, HOLDS, context.layer, onLoss)
    const name = writtenImageName(item, medium, ownExtra(item, 'vott-csv')['image'], onLoss)
    await place(name, medium)
    const boxes = boxesOf(item, context)
    if (boxes.length === 0) yield `${quoted(name)},,,,,\n`
    for (const { x, y, width, height, category } of boxes) {
      const right = closeNumber(x + width, width, (end) => end - x)
      const bottom = closeNumber(y + height, height, (end) => end - y)
      yield `${quoted(name)},${x},${y},${right},${bottom},${quoted(names.use(category) ?? '')}\n`
    }
  }
}

/** The tool quotes every text. */
function quoted(text: string): string {
  return `"${text.replaceAll('"', '""')}"`
}

function boxesOf(
  item: AnnotatedItem,
  { layer, onLoss }: WriteContext,
): readonly (Annotation & { readonly type: 'box' })[] {
  const where = `${item.subset}/${item.id}`
  return (item.layers[layer] ?? []).flatMap((annotation) => {
    if (annotation.type !== 'box') {
      onLoss({ what: `annotation: ${annotation.type}`, where })
      return []
    }
    reportAnnotationLosses(annotation, HOLDS, where, onLoss)
    return [annotation]
  })
}
