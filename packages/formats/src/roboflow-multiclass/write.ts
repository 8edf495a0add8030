import type {
  AnnotatedItem,
  CategoryKey,
  DatasetView,
  Json,
  Media,
  WritableFolder,
  WriteContext,
} from '@dsv/core'
import { csvRow } from '../shared/csv-text.ts'
import { imageTarget, writtenImageName } from '../shared/image-name.ts'
import { labelList } from '../shared/label-list.ts'
import {
  type Holdings,
  imageOf,
  reportAnnotationLosses,
  reportItemLosses,
  reportSchemaLosses,
} from '../shared/report-losses.ts'
import {
  folderOf,
  inSubsetFolder,
  ownExtra,
  planSubsetFiles,
  subsetFilesFrom,
  subsetFilesToJson,
} from '../shared/subset-files.ts'
import { textPieces } from '../shared/text-pieces.ts'

const FORMAT = 'roboflow-multiclass'
const HOLDS: Holdings = { format: FORMAT, fields: new Set(['category']) }
const SCORED: Holdings = { format: FORMAT, fields: new Set(['category', 'score']) }

/** Writes a table of images and classes for each subset, with the images beside it. */
export async function writeRoboflowMulticlass(
  dataset: DatasetView,
  folder: WritableFolder,
  context: WriteContext,
): Promise<Json> {
  context.signal.throwIfAborted()
  reportSchemaLosses(dataset.schema, HOLDS, context.onLoss)
  const before = new Set(subsetFilesFrom(dataset.layout).map(({ path }) => path))
  const files = planSubsetFiles(dataset, (subset) => inSubsetFolder(subset, '_classes.csv'))
  const { names, indexes } = labelList(dataset.schema.categories, context.onLoss)
  const columns = [...new Set(names)]
  const places = new Map([...indexes].map(([key, at]) => [key, columns.indexOf(names[at] ?? '')]))
  if (columns.length < names.length)
    context.onLoss({ what: 'category', where: 'names that are alike' })
  for (const { path, subset } of files) {
    const place = async (name: string, medium: Media): Promise<void> => {
      const target = imageTarget(name, medium, folderOf(path), before.has(path))
      if (medium.blob !== undefined) await folder.placeMedia(target, medium)
    }
    const rows = rowsOf(dataset, subset, { columns, places, context, place })
    await folder.write(path, textPieces(rows))
  }
  return subsetFilesToJson(files)
}

interface Writer {
  readonly columns: readonly string[]
  /** Columns by category. */
  readonly places: ReadonlyMap<CategoryKey, number>
  readonly context: WriteContext
  readonly place: (name: string, medium: Media) => Promise<void>
}

async function* rowsOf(
  dataset: DatasetView,
  subset: string,
  writer: Writer,
): AsyncGenerator<string> {
  const { columns, context, place } = writer
  yield csvRow(['filename', ...columns])
  for await (const item of dataset.items(subset)) {
    context.signal.throwIfAborted()
    const medium = imageOf(item, context.onLoss)
    if (medium === undefined) continue
    reportItemLosses(item, HOLDS, context.layer, context.onLoss)
    const kept = ownExtra(item, FORMAT)['filename']
    const name = writtenImageName(item, medium, kept, context.onLoss)
    await place(name, medium)
    yield csvRow([name, ...cellsOf(item, writer)])
  }
}

function cellsOf(
  { subset, id, layers }: AnnotatedItem,
  { columns, places, context: { layer, onLoss } }: Writer,
): readonly string[] {
  const where = `${subset}/${id}`
  const cells = columns.map(() => '0')
  const taken = new Set<number>()
  for (const annotation of layers[layer] ?? []) {
    const column = places.get(annotation.category ?? '') ?? -1
    if (annotation.type !== 'label' || column < 0 || taken.has(column)) {
      onLoss({ what: `annotation: ${annotation.type}`, where })
      continue
    }
    taken.add(column)
    const { score } = annotation
    const isScored = score !== undefined && score !== 0 && score !== 1 && Number.isFinite(score)
    reportAnnotationLosses(annotation, isScored ? SCORED : HOLDS, where, onLoss)
    cells[column] = isScored ? String(score) : '1'
  }
  return cells
}
