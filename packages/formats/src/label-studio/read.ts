import {
  type AnnotationDraft,
  type Category,
  type DatasetStream,
  type Folder,
  GROUND_TRUTH,
  type Json,
  type ReadContext,
  type SourceItem,
  type SourceMedia,
} from '@dsv/core'
import {
  isArray,
  isObject,
  type JsonObject,
  type JsonPlace,
  objectAt,
  parseJson,
  placeOf,
} from '../shared/json-reader.ts'
import { scanJson } from '../shared/json-scanner.ts'
import { readSpans } from '../shared/json-spans.ts'
import { type MediaFinder, mediaFinder } from '../shared/media-finder.ts'
import { noneFound } from '../shared/none-found.ts'
import { skipOrThrow } from '../shared/skip-or-throw.ts'
import { findTaskFiles } from './find-files.ts'
import { CONFIG_PATH, readConfig } from './label-config.ts'
import { labelsOf, readResults } from './read-results.ts'
import { idOfImage, imageOf, type TaskImage } from './task-image.ts'

/** Where the tasks of a file are. */
interface TaskIndex {
  readonly path: string
  readonly spans: readonly number[]
}

/**
 * Reads tasks of Label Studio. Each file is read once for its labels, then as a stream. The annotation
 * that is marked as ground truth, or else the first that was not cancelled, is the ground truth;
 * predictions are in layers `predictions/<model>`, further annotations in `annotations/<annotator>`.
 *
 * @throws `DSV_FORMAT_SYNTAX`
 */
export async function readLabelStudio(
  folder: Folder,
  context: ReadContext,
): Promise<DatasetStream> {
  context.signal.throwIfAborted()
  const categories = new Map<string, Category>()
  await readConfigFile(folder, categories, context)
  const files = await findTaskFiles(folder)
  if (files.length === 0 && !(await folder.has(CONFIG_PATH))) {
    const wanted = { usual: 'tasks.json', suffixes: ['.json'], problem: 'holds no tasks' }
    const error = await noneFound(folder, wanted)
    skipOrThrow(error, String(error.details['file']), context)
  }
  const indexes: TaskIndex[] = []
  for (const path of files) {
    try {
      indexes.push(await indexTasks(folder, path, categories, context))
    } catch (error) {
      skipOrThrow(error, path, context)
    }
  }
  return {
    schema: { categories: [...categories.values()], attributes: [], info: {} },
    layout: files.length === 0 ? null : { version: 1, files },
    items: readTasks(folder, indexes, context),
  }
}

async function readConfigFile(
  folder: Folder,
  categories: Map<string, Category>,
  context: ReadContext,
): Promise<void> {
  if (!(await folder.has(CONFIG_PATH))) return
  try {
    for (const draft of readConfig(await folder.read(CONFIG_PATH), CONFIG_PATH)) {
      categories.set(draft.name, { ...draft, key: draft.name })
    }
  } catch (error) {
    skipOrThrow(error, CONFIG_PATH, context)
  }
}

async function indexTasks(
  folder: Folder,
  path: string,
  categories: Map<string, Category>,
  { signal }: ReadContext,
): Promise<TaskIndex> {
  const spans: number[] = []
  const file = await folder.open(path)
  try {
    const first = Buffer.from(await file.read(0, 4096)).toString('latin1')
    // A file of its own for each task holds the task itself.
    if (/^[^[{]*\{/u.test(first)) {
      collectLabels(parseJson(await file.read(0, file.sizeBytes), path), categories)
      return { path, spans: [0, file.sizeBytes] }
    }
    const visitor = {
      element: ({
        buffer,
        start,
        end,
        offset,
      }: {
        readonly buffer: Buffer
        readonly start: number
        readonly end: number
        readonly offset: number
      }): void => {
        spans.push(offset, end - start)
        const place = `${path} ([${spans.length / 2 - 1}])`
        collectLabels(parseJson(buffer.subarray(start, end), place), categories)
      },
    }
    await scanJson(file, path, visitor, signal)
  } finally {
    await file.close()
  }
  return { path, spans }
}

function collectLabels(task: Json, categories: Map<string, Category>): void {
  for (const list of [...listOf(task, 'annotations'), ...listOf(task, 'predictions')]) {
    for (const result of listOf(list, 'result')) {
      for (const name of isObject(result) ? labelsOf(result) : []) {
        if (!categories.has(name)) categories.set(name, { key: name, name })
      }
    }
  }
}

/** Releases before 1.0 called annotations completions. */
function listOf(json: Json, name: string): readonly Json[] {
  if (!isObject(json)) return []
  const list = json[name] ?? (name === 'annotations' ? json['completions'] : undefined)
  return isArray(list) ? list : []
}

interface TaskSource {
  readonly media: MediaFinder
  readonly ids: Set<string>
  readonly file: string
  readonly isOnly: boolean
  readonly context: ReadContext
}

async function* readTasks(
  folder: Folder,
  indexes: readonly TaskIndex[],
  context: ReadContext,
): AsyncGenerator<SourceItem> {
  const media = await mediaFinder(folder)
  const ids = new Set<string>()
  for (const { path, spans } of indexes) {
    const source: TaskSource = { media, ids, file: path, isOnly: indexes.length === 1, context }
    const file = await folder.open(path)
    try {
      let number = 0
      for await (const bytes of readSpans(file, spans)) {
        context.signal.throwIfAborted()
        const place: JsonPlace = { file: path, path: `[${number}]` }
        number += 1
        try {
          const json = parseJson(bytes, `${path} (${place.path})`)
          yield await readTask(objectAt(json, place), place, source)
        } catch (error) {
          skipOrThrow(error, path, context)
        }
      }
    } finally {
      await file.close()
    }
  }
}

async function readTask(
  task: JsonObject,
  place: JsonPlace,
  source: TaskSource,
): Promise<SourceItem> {
  const data = objectAt(task['data'], placeOf(place, 'data'))
  const image = imageOf(data)
  const medium = image === undefined ? undefined : await mediumOf(image, task, source)
  const subset =
    typeof data['subset'] === 'string' && data['subset'] !== '' ? data['subset'] : 'default'
  const id = freeId(subset, task, image, source.ids)
  const { layers, heads } = readLayers(task, place, medium, source)
  const { annotations: _a, completions: _c, predictions: _p, ...rest } = task
  const extra: JsonObject = {
    ...rest,
    ...heads,
    ...(source.isOnly ? {} : { file: source.file }),
  }
  return {
    subset,
    id,
    media: medium === undefined ? [] : [medium],
    layers,
    extra: { 'label-studio': extra },
  }
}

async function mediumOf(
  { names }: TaskImage,
  task: JsonObject,
  { media, context }: TaskSource,
): Promise<SourceMedia> {
  const found = names
    .map((name) => media.find(name, ['images/']))
    .find((path) => path !== undefined)
  const path = found ?? names[0] ?? 'unnamed'
  const size = statedSize(task)
  if (size !== undefined) return { role: 'primary', path, kind: 'image', ...size }
  return { role: 'primary', path, ...((await context.probe(path)) ?? { kind: 'image' }) }
}

/** Each result says how large the image is. */
function statedSize(
  task: JsonObject,
): { readonly width: number; readonly height: number } | undefined {
  for (const list of [...listOf(task, 'annotations'), ...listOf(task, 'predictions')]) {
    for (const result of listOf(list, 'result')) {
      if (!isObject(result)) continue
      const [width, height] = [result['original_width'], result['original_height']]
      if (isSize(width) && isSize(height)) return { width, height }
    }
  }
  return undefined
}

function isSize(json: Json | undefined): json is number {
  return typeof json === 'number' && Number.isSafeInteger(json) && json > 0
}

/** The name of the image, or where another task has that, the number of the task too. */
function freeId(
  subset: string,
  task: JsonObject,
  image: TaskImage | undefined,
  ids: Set<string>,
): string {
  const number = typeof task['id'] === 'number' || typeof task['id'] === 'string' ? task['id'] : ''
  const stated = isObject(task['meta']) ? task['meta']['dsv_id'] : undefined
  const named = image?.names[0] === undefined ? `task-${number}` : idOfImage(image.names[0])
  const plain = typeof stated === 'string' && stated !== '' ? stated : named
  const candidates = [plain, `${plain}-task-${number}`]
  for (let count = 2; ; count += 1) {
    const id = candidates.shift() ?? `${plain}-task-${number}#${count}`
    const key = `${subset}\0${id}`
    if (ids.has(key)) continue
    ids.add(key)
    return id
  }
}

interface ReadLayers {
  readonly layers: Readonly<Record<string, readonly AnnotationDraft[]>>
  /** What annotations and predictions say besides their results, with the layer of each. */
  readonly heads: JsonObject
}

function readLayers(
  task: JsonObject,
  place: JsonPlace,
  medium: SourceMedia | undefined,
  { file, context }: TaskSource,
): ReadLayers {
  const layers = new Map<string, readonly AnnotationDraft[]>([[GROUND_TRUTH, []]])
  const heads: [string, Json][] = []
  const { width, height } = medium ?? {}
  const size = width === undefined || height === undefined ? undefined : { width, height }
  const onProblem = (error: unknown): void => skipOrThrow(error, file, context)
  const annotations = listOf(task, 'annotations')
  const main = mainOf(annotations)
  const groups = [
    ['annotations', annotations],
    ['predictions', listOf(task, 'predictions')],
  ] as const
  for (const [kind, list] of groups) {
    const kept: Json[] = []
    for (const [index, each] of list.entries()) {
      if (!isObject(each)) continue
      const { result, ...head } = each
      const stem = each === main ? GROUND_TRUTH : layerName(kind, each)
      const layer = freeLayer(stem, layers, each === main)
      const listPlace = placeOf(placeOf(placeOf(place, kind), index), 'result')
      const read = readResults(result, listPlace, { size, onProblem })
      const overall = typeof head['score'] === 'number' ? head['score'] : undefined
      layers.set(
        layer,
        read.drafts.map((draft) => withScore(draft, overall)),
      )
      kept.push({ ...head, layer, ...(read.rest.length === 0 ? {} : { results: read.rest }) })
    }
    if (kept.length > 0) heads.push([kind, kept])
  }
  return { layers: Object.fromEntries(layers), heads: Object.fromEntries(heads) }
}

/** The score of a prediction is that of each of its regions that has none of its own. */
function withScore(draft: AnnotationDraft, score: number | undefined): AnnotationDraft {
  return score === undefined || draft.score !== undefined ? draft : { ...draft, score }
}

function mainOf(annotations: readonly Json[]): Json | undefined {
  const done = annotations.filter((each) => isObject(each) && each['was_cancelled'] !== true)
  return done.find((each) => isObject(each) && each['ground_truth'] === true) ?? done[0]
}

function layerName(kind: 'annotations' | 'predictions', head: JsonObject): string {
  const by = head['completed_by']
  const annotator = isObject(by) ? (by['email'] ?? by['id']) : by
  const name = kind === 'predictions' ? head['model_version'] : annotator
  const isNamed = (typeof name === 'string' && name !== '') || typeof name === 'number'
  const text = isNamed ? String(name) : kind === 'predictions' ? 'model' : 'unknown'
  return `${kind}/${text.replaceAll('\0', '-')}`
}

function freeLayer(name: string, layers: ReadonlyMap<string, unknown>, isMain: boolean): string {
  if (isMain || !layers.has(name)) return name
  for (let number = 2; ; number += 1) {
    if (!layers.has(`${name}#${number}`)) return `${name}#${number}`
  }
}
