import {
  type AnnotationDraft,
  type AttributeValue,
  type DatasetStream,
  type Folder,
  GROUND_TRUTH,
  type Json,
  type ReadContext,
  type SourceItem,
} from '@dsv/core'
import { isImagePath } from '../media/media-kind.ts'
import { isAttributeValue } from '../shared/attribute-value.ts'
import { categoriesNamed } from '../shared/class-names.ts'
import { freeId, idOfImage } from '../shared/image-name.ts'
import {
  isArray,
  isNumbers,
  isObject,
  type JsonPlace,
  objectAt,
  parseJson,
  placeOf,
  wrongValue,
} from '../shared/json-reader.ts'
import { scanJson } from '../shared/json-scanner.ts'
import { readSpans } from '../shared/json-spans.ts'
import { safeMediaName } from '../shared/media-finder.ts'
import { partInPixels } from '../shared/normalised-box.ts'
import { skipOrThrow } from '../shared/skip-or-throw.ts'
import { type StemFinder, stemFinder } from '../shared/stem-finder.ts'
import { folderOf, type SubsetFile, subsetsByFolder } from '../shared/subset-files.ts'
import { layoutToJson } from './layout.ts'
import type { ImageSize } from './read-label.ts'

/** Where the labels of each image are in a file. */
interface LabelIndex extends SubsetFile {
  readonly uuids: readonly string[]
  readonly spans: readonly number[]
  readonly classes: readonly string[]
}

/** What all files say. */
interface Overview {
  readonly classes: Set<string>
  readonly names: Set<string>
  hasBoxes: boolean
}

/** Reads `labels.json` of each folder: once for its classes, then as a stream. */
export async function readLabelFiles(
  folder: Folder,
  paths: readonly string[],
  context: ReadContext,
): Promise<DatasetStream> {
  const overview: Overview = { classes: new Set(), names: new Set(), hasBoxes: false }
  const files = subsetsByFolder(paths)
  const indexed: LabelIndex[] = []
  for (const file of files) {
    try {
      indexed.push(await indexFile(folder, file, overview, context))
    } catch (error) {
      skipOrThrow(error, file.path, context)
    }
  }
  const { classes, names, hasBoxes } = overview
  const listed = [...classes].map((name) => ({ key: name, name }))
  const others = categoriesNamed(names).filter(({ name }) => !classes.has(name))
  const kind = hasBoxes ? 'image-detection' : 'image-classification'
  return {
    schema: { categories: [...listed, ...others], attributes: [], info: {} },
    layout: files.length === 0 ? null : layoutToJson({ kind, files }),
    items: readItems(folder, indexed, context),
  }
}

async function indexFile(
  folder: Folder,
  file: SubsetFile,
  overview: Overview,
  { signal }: ReadContext,
): Promise<LabelIndex> {
  const uuids: string[] = []
  const spans: number[] = []
  const classes: string[] = []
  const numbers = new Set<number>()
  const open = await folder.open(file.path)
  try {
    await scanJson(
      open,
      file.path,
      {
        isMap: (key) => key === 'labels',
        element: ({ key, name, buffer, start, end, offset }) => {
          if (key !== 'labels' && key !== 'classes') return
          const value = parseJson(buffer.subarray(start, end), `${file.path} (${key})`)
          if (key === 'classes')
            classes.push(typeof value === 'string' ? value : JSON.stringify(value))
          else {
            uuids.push(name)
            spans.push(offset, end - start)
            noteLabels(value, overview, numbers)
          }
        },
      },
      signal,
    )
  } finally {
    await open.close()
  }
  for (const name of classes) overview.classes.add(name)
  for (const number of numbers) overview.names.add(classes[number] ?? String(number))
  return { ...file, uuids, spans, classes }
}

function noteLabels(value: Json, overview: Overview, numbers: Set<number>): void {
  for (const each of isArray(value) ? value : [value]) {
    const target = isObject(each) ? each['label'] : each
    if (typeof target === 'string') overview.names.add(target)
    if (typeof target === 'number') numbers.add(target)
    if (isObject(each) && each['bounding_box'] !== undefined) overview.hasBoxes = true
  }
}

async function* readItems(
  folder: Folder,
  files: readonly LabelIndex[],
  context: ReadContext,
): AsyncGenerator<SourceItem> {
  const media = await stemFinder(folder)
  for (const file of files) {
    const ids = new Set<string>()
    const open = await folder.open(file.path)
    try {
      let number = 0
      for await (const bytes of readSpans(open, file.spans)) {
        context.signal.throwIfAborted()
        const uuid = file.uuids[number] ?? ''
        number += 1
        const value = parseJson(bytes, `${file.path} (labels.${uuid})`)
        yield await readItem(uuid, value, file, { folder, media, ids, context })
      }
    } finally {
      await open.close()
    }
  }
}

interface Reader {
  readonly folder: Folder
  readonly media: StemFinder
  readonly ids: Set<string>
  readonly context: ReadContext
}

async function readItem(
  uuid: string,
  value: Json,
  { path: file, subset, classes }: LabelIndex,
  { folder, media, ids, context }: Reader,
): Promise<SourceItem> {
  const data = `${folderOf(file)}data/`
  const whole = data + safeMediaName(uuid)
  const isWhole = isImagePath(uuid) && (await folder.has(whole))
  const id = freeId(idOfImage(uuid), ids)
  const path = isWhole ? whole : (media.find(idOfImage(uuid), [data]) ?? whole)
  const medium = {
    role: 'primary',
    path,
    ...((await context.probe(path)) ?? { kind: 'image' as const }),
  }
  const { width, height } = medium
  const size = width === undefined || height === undefined ? undefined : { width, height }
  const drafts: AnnotationDraft[] = []
  for (const [at, each] of (isArray(value) ? value : [value]).entries()) {
    if (each === null) continue
    try {
      const place = { file, path: `labels.${uuid}[${at}]` }
      const draft = readTarget(each, { classes, size, place })
      if (draft !== undefined) drafts.push(draft)
      else context.onLoss({ what: 'annotation: box', where: `${subset}/${id}: no size` })
    } catch (error) {
      skipOrThrow(error, file, context)
    }
  }
  return {
    subset,
    id,
    media: [medium],
    layers: { [GROUND_TRUTH]: drafts },
    ...(uuid !== id && { extra: { fiftyone: { uuid } } }),
  }
}

interface TargetContext {
  readonly classes: readonly string[]
  readonly size: ImageSize | undefined
  readonly place: JsonPlace
}

/** Boxes are parts of width and height; a class is its number in the list, or its name. */
function readTarget(
  json: Json,
  { classes, size, place }: TargetContext,
): AnnotationDraft | undefined {
  if (typeof json === 'string' || typeof json === 'number') {
    return { type: 'label', category: classOf(json, classes) }
  }
  const { label, bounding_box: box, confidence, attributes, ...rest } = objectAt(json, place)
  const said: [string, AttributeValue][] = []
  const others: [string, Json][] = Object.entries(rest)
  for (const [name, value] of Object.entries(isObject(attributes) ? attributes : {})) {
    const plain = isObject(value) && 'value' in value ? (value['value'] ?? null) : value
    if (isAttributeValue(plain)) said.push([name, plain])
    else others.push([name, plain])
  }
  const isClass = typeof label === 'string' || typeof label === 'number'
  const common = {
    ...(isClass && { category: classOf(label, classes) }),
    ...(typeof confidence === 'number' && { score: confidence }),
    ...(said.length > 0 && { attributes: Object.fromEntries(said) }),
    ...(others.length > 0 && { extra: { fiftyone: Object.fromEntries(others) } }),
  }
  if (box === undefined) return { type: 'label', ...common }
  const [x, y, width, height] = isNumbers(box) && box.length === 4 ? box : []
  if (x === undefined || y === undefined || width === undefined || height === undefined) {
    throw wrongValue(placeOf(place, 'bounding_box'), 'should be four numbers')
  }
  if (size === undefined) return undefined
  return {
    type: 'box',
    ...common,
    x: partInPixels(x, size.width),
    y: partInPixels(y, size.height),
    width: partInPixels(width, size.width),
    height: partInPixels(height, size.height),
  }
}

function classOf(target: string | number, classes: readonly string[]): string {
  return typeof target === 'string' ? target : (classes[target] ?? String(target))
}
