import type { AnnotatedItem, DatasetView, Json, WritableFolder, WriteContext } from '@dsv/core'
import { safeMediaName } from '../shared/media-finder.ts'
import { onOneLine } from '../shared/quoted-text.ts'
import {
  type Holdings,
  imageOf,
  reportAnnotationLosses,
  reportItemLosses,
  reportSchemaLosses,
} from '../shared/report-losses.ts'
import {
  rootOfSubset,
  type SubsetRoot,
  subsetRootsFromJson,
  subsetRootsToJson,
} from '../shared/subset-roots.ts'
import { suffixOf } from '../shared/suffix-of.ts'
import { textPieces } from '../shared/text-pieces.ts'
import { wordLine } from './word-line.ts'

const HOLDS: Holdings = { format: 'icdar-word-recognition', fields: new Set() }

/** Writes a list of words for each subset, and the images. */
export async function writeIcdarWordRecognition(
  dataset: DatasetView,
  folder: WritableFolder,
  context: WriteContext,
): Promise<Json> {
  context.signal.throwIfAborted()
  const before = subsetRootsFromJson(dataset.layout)
  reportSchemaLosses(dataset.schema, HOLDS, context.onLoss)
  for (const { name } of dataset.schema.categories) {
    context.onLoss({ what: 'category', where: name })
  }
  const roots = dataset.subsets.map((subset) => rootOfSubset(subset, before))
  for (const root of roots) {
    const lines = linesOf(dataset, root, folder, context)
    await folder.write(`${root.root}gt.txt`, textPieces(lines))
  }
  return subsetRootsToJson(roots)
}

async function* linesOf(
  dataset: DatasetView,
  { subset, root }: SubsetRoot,
  folder: WritableFolder,
  context: WriteContext,
): AsyncGenerator<string> {
  for await (const item of dataset.items(subset)) {
    context.signal.throwIfAborted()
    const medium = imageOf(item, context.onLoss)
    if (medium === undefined) continue
    reportItemLosses(item, HOLDS, context.layer, context.onLoss)
    const image = imageName(item, medium.path)
    const isBeside = medium.path === root + image
    if (medium.blob !== undefined) {
      await folder.placeMedia(isBeside ? medium.path : `${root}images/${image}`, medium)
    }
    const texts = textsOf(item, context)
    if (texts.length === 0) yield wordLine({ image, text: undefined })
    for (const text of texts) yield wordLine({ image, text })
  }
}

/** An id that is the name of a file has its extension already. */
function imageName({ id }: AnnotatedItem, path: string): string {
  const isName = path === id || path.endsWith(`/${id}`)
  return isName ? safeMediaName(id) : safeMediaName(id) + suffixOf(path, '.png')
}

function textsOf(
  { subset, id, layers }: AnnotatedItem,
  { layer, onLoss }: Pick<WriteContext, 'layer' | 'onLoss'>,
): readonly string[] {
  const where = `${subset}/${id}`
  return (layers[layer] ?? []).flatMap((annotation) => {
    if (annotation.type !== 'caption') {
      onLoss({ what: `annotation: ${annotation.type}`, where })
      return []
    }
    const { text, language } = annotation
    reportAnnotationLosses(annotation, HOLDS, where, onLoss)
    if (language !== undefined) onLoss({ what: 'field: language', where })
    if (onOneLine(text) !== text) onLoss({ what: 'field: text', where })
    return [text]
  })
}
