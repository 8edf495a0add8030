import type {
  AnnotatedItem,
  Annotation,
  CategoryKey,
  DatasetView,
  Json,
  Media,
  WritableFolder,
  WriteContext,
} from '@dsv/core'
import { idOfImage, imageTarget, writtenImageName } from '../shared/image-name.ts'
import { jsonEncoder } from '../shared/json-encoder.ts'
import { isObject, type JsonObject } from '../shared/json-reader.ts'
import { partInPixels } from '../shared/normalised-box.ts'
import {
  type Holdings,
  imageOf,
  reportAnnotationLosses,
  reportItemLosses,
  reportSchemaLosses,
} from '../shared/report-losses.ts'
import { folderOf, inSubsetFolder, ownExtra, type SubsetFile } from '../shared/subset-files.ts'
import { textPieces } from '../shared/text-pieces.ts'
import { withoutExtension } from '../media/media-kind.ts'
import { type LabelsLayout, layoutToJson } from './layout.ts'

const HOLDS: Holdings = {
  format: 'fiftyone',
  fields: new Set(['category', 'score']),
  attribute: () => true,
}

/** What writing labels alone needs. */
export interface LabelFilesTarget {
  readonly context: WriteContext
  readonly kind: LabelsLayout['kind']
  /** The files that were read. */
  readonly before: readonly SubsetFile[]
}

/** Writes `labels.json` for each subset, and its images in `data/` beside. */
export async function writeLabelFiles(
  dataset: DatasetView,
  folder: WritableFolder,
  { context, kind, before }: LabelFilesTarget,
): Promise<Json> {
  reportSchemaLosses(dataset.schema, HOLDS, context.onLoss)
  const subsets = dataset.subsets.length === 0 ? ['default'] : dataset.subsets
  const files = subsets.map((subset): SubsetFile => {
    const known = before.find((file) => file.subset === subset)
    return known ?? { subset, path: inSubsetFolder(subset, 'labels.json') }
  })
  const numbers = new Map(dataset.schema.categories.map(({ key }, at) => [key, at]))
  for (const file of files) {
    const isKept = before.some(({ path }) => path === file.path)
    const writer: Writer = { folder, context, kind, numbers, file, isKept }
    await folder.write(file.path, textPieces(fileText(dataset, writer)))
  }
  return layoutToJson({ kind, files })
}

interface Writer {
  readonly folder: WritableFolder
  readonly context: WriteContext
  readonly kind: LabelsLayout['kind']
  readonly numbers: ReadonlyMap<CategoryKey, number>
  readonly file: SubsetFile
  readonly isKept: boolean
}

async function* fileText(
  dataset: DatasetView,
  writer: Writer,
): AsyncGenerator<string | Uint8Array> {
  const { folder, context, file, isKept } = writer
  const { onLoss } = context
  const encode = jsonEncoder(false)
  let separator = '\n'
  yield `{"classes":${JSON.stringify(dataset.schema.categories.map(({ name }) => name))},\n"labels":{`
  for await (const item of dataset.items(file.subset)) {
    context.signal.throwIfAborted()
    const medium = imageOf(item, onLoss)
    if (medium === undefined) continue
    reportItemLosses(item, HOLDS, context.layer, onLoss)
    const { uuid } = ownExtra(item, 'fiftyone')
    const isNamed = typeof uuid === 'string' && isNameOf(uuid, item.id)
    const name = writtenImageName(item, medium, undefined, onLoss)
    const usual = imageTarget(name, medium, `${folderOf(file.path)}data/`, isKept)
    const target = isNamed && isKept ? medium.path : usual
    if (medium.blob !== undefined) await folder.placeMedia(target, medium)
    yield `${separator}${JSON.stringify(isNamed ? uuid : withoutExtension(name))}:`
    // What the encoder gave is overwritten by the next item.
    yield Buffer.from(encode(valueOf(item, medium, writer)))
    separator = ',\n'
  }
  yield '\n}}\n'
}

function isNameOf(uuid: string, id: string): boolean {
  const plain = idOfImage(uuid)
  return id.startsWith(plain) && /^(?:#\d+)?$/u.test(id.slice(plain.length))
}

function valueOf(item: AnnotatedItem, medium: Media, { context, kind, numbers }: Writer): Json {
  const isDetection = kind === 'image-detection'
  const where = `${item.subset}/${item.id}`
  const { onLoss } = context
  const targets = (item.layers[context.layer] ?? []).flatMap((annotation): readonly Json[] => {
    const geometry = isDetection ? boxOf(annotation, medium, where, onLoss) : {}
    const isHeld = isDetection ? geometry !== undefined : annotation.type === 'label'
    const number = numbers.get(annotation.category ?? '')
    if (!isHeld || geometry === undefined || (number === undefined && !isDetection)) {
      onLoss({ what: `annotation: ${annotation.type}`, where })
      return []
    }
    reportAnnotationLosses(annotation, HOLDS, where, onLoss)
    const { score, attributes, extra } = annotation
    const own = extra?.['fiftyone']
    const more: JsonObject = {
      ...(score !== undefined && { confidence: score }),
      ...(attributes !== undefined && { attributes }),
      ...(isObject(own) && own),
    }
    const isPlain = !isDetection && Object.keys(more).length === 0
    return [isPlain ? (number ?? null) : { label: number ?? null, ...geometry, ...more }]
  })
  if (isDetection) return targets
  return targets.length > 1 ? targets : (targets[0] ?? null)
}

function boxOf(
  annotation: Annotation,
  { width, height }: Media,
  where: string,
  onLoss: WriteContext['onLoss'],
): JsonObject | undefined {
  if (annotation.type !== 'box' || width === undefined || height === undefined) return undefined
  const sides = [
    ['x', annotation.x, width],
    ['y', annotation.y, height],
    ['width', annotation.width, width],
    ['height', annotation.height, height],
  ] as const
  const box = sides.map(([field, value, of]) => {
    const part = value / of
    if (partInPixels(part, of) !== value) onLoss({ what: `field: ${field}`, where })
    return part
  })
  return { bounding_box: box }
}
