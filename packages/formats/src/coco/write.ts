import type {
  AnnotatedItem,
  Annotation,
  DatasetView,
  Json,
  WritableFolder,
  WriteContext,
} from '@dsv/core'
import { isObject, type JsonObject } from '../shared/json-reader.ts'
import {
  addAnnotation,
  addImage,
  categoryIdIn,
  closeSink,
  type FileSink,
  fileSink,
  newFileLayout,
  writeSink,
} from './file-sink.ts'
import type { CocoTask } from './find-files.ts'
import { cocoFormat } from './format.ts'
import { type IdSet, idSet } from './id-set.ts'
import { type CocoFileLayout, type CocoId, isId, layoutFromJson, layoutToJson } from './layout.ts'
import { type IdSource, idSource } from './new-ids.ts'
import { resultsLayer } from './plan-subsets.ts'
import { joinedGroup, taskOfType } from './read-annotation.ts'
import { annotationRecord, formOf, RECORD_TYPES } from './write-annotation.ts'
import { reportCategoryLosses, reportUnlistedCategories } from './write-categories.ts'
import { cocoOf, imageRecord, imageTarget } from './write-image.ts'
import { type ImageEntry, type WaitingImages, waitingImages } from './waiting-images.ts'
import { writePanoptic } from './write-panoptic.ts'

/**
 * Writes COCO JSON: the files of the layout as they were, and a file for each task and subset that had
 * none. The variant `instances` writes all tasks, each into its own file; another variant only its own.
 */
export async function writeCoco(
  dataset: DatasetView,
  folder: WritableFolder,
  context: WriteContext,
): Promise<Json> {
  const writer = startWriter(dataset, folder, context)
  reportCategoryLosses(dataset.schema, context.onLoss)
  const subsets = new Set([...dataset.subsets, ...writer.before.map(({ subset }) => subset)])
  if (subsets.size === 0 && writer.results.size === 0) subsets.add('default')
  for (const subset of [...subsets].toSorted()) {
    context.signal.throwIfAborted()
    await writeSubset(writer, subset)
  }
  for (const sink of writer.results.values()) await finishSink(writer, sink)
  reportUnlistedCategories(dataset.schema, writer.written, context.onLoss)
  return layoutToJson({ version: 1, files: writer.written })
}

/** What is known while a dataset is written. */
export interface Writer {
  readonly dataset: DatasetView
  readonly folder: WritableFolder
  readonly context: WriteContext
  /** The only task to write; undefined: all. */
  readonly onlyTask: CocoTask | undefined
  readonly before: readonly CocoFileLayout[]
  readonly hasLayout: boolean
  /** Files of results by layer. */
  readonly results: Map<string, FileSink>
  readonly ids: IdSource
  readonly written: CocoFileLayout[]
}

/** Makes what writing starts with; nothing is written yet. */
export function startWriter(
  dataset: DatasetView,
  folder: WritableFolder,
  context: WriteContext,
): Writer {
  context.signal.throwIfAborted()
  const variant = cocoFormat.variants.find((name) => name === context.variant)
  const onlyTask = variant === undefined || variant === 'instances' ? undefined : taskOf(variant)
  const layout =
    variant === undefined || onlyTask === undefined ? layoutFromJson(dataset.layout) : undefined
  return {
    dataset,
    folder,
    context,
    onlyTask,
    before: layout?.files.filter(({ task }) => task !== 'results') ?? [],
    hasLayout: layout !== undefined,
    results: resultSinks(dataset, layout?.files ?? [], onlyTask, context),
    ids: idSource(dataset, context.signal),
    written: [],
  }
}

function taskOf(variant: string): CocoTask | undefined {
  const tasks: readonly CocoTask[] = [
    'keypoints',
    'captions',
    'panoptic',
    'stuff',
    'image_info',
    'results',
  ]
  return tasks.find((task) => task === variant)
}

function resultSinks(
  { schema }: DatasetView,
  files: readonly CocoFileLayout[],
  onlyTask: CocoTask | undefined,
  { layer }: WriteContext,
): Map<string, FileSink> {
  const sinks = new Map<string, FileSink>()
  for (const file of files) {
    if (file.task !== 'results') continue
    sinks.set(resultsLayer(file.path), fileSink(schema, file, files))
  }
  if (onlyTask === 'results') {
    const path = `${layer.slice(layer.lastIndexOf('/') + 1)}.json`
    sinks.set(layer, fileSink(schema, { ...newFileLayout('results', ''), path }))
  }
  return sinks
}

/** One subset while its items are walked. */
export interface SubsetWriter extends Writer {
  readonly subset: string
  readonly sinks: Map<CocoTask, FileSink>
  /** Items so far. */
  readonly progress: { items: number }
  readonly waiting: WaitingImages
  readonly usedImageIds: IdSet
}

async function writeSubset(writer: Writer, subset: string): Promise<void> {
  const state = startSubset(writer, subset)
  try {
    await addItems(state)
    if (writer.onlyTask === 'results') return
    await listImages(state)
    for (const sink of state.sinks.values()) await finishSink(writer, sink)
  } finally {
    await closeSubset(state)
  }
}

/** Makes the sinks of the files that a subset had. */
export function startSubset(writer: Writer, subset: string): SubsetWriter {
  const sinks = new Map<CocoTask, FileSink>()
  for (const layout of writer.before) {
    if (layout.subset === subset)
      sinks.set(layout.task, fileSink(writer.dataset.schema, layout, writer.before))
  }
  return {
    ...writer,
    subset,
    sinks,
    progress: { items: 0 },
    waiting: waitingImages(),
    usedImageIds: idSet(),
  }
}

/** Puts the annotations of the items of a subset aside, and opens sinks for tasks that had no file. */
export async function addItems(state: SubsetWriter): Promise<void> {
  const { dataset, context, subset, sinks, results } = state
  for await (const item of dataset.items(subset)) {
    context.signal.throwIfAborted()
    await addItem(state, item)
    for (const sink of [...sinks.values(), ...results.values()]) await sink.annotations.settle()
  }
}

/** Gives back what the sinks of a subset hold. */
export async function closeSubset({ sinks, waiting }: SubsetWriter): Promise<void> {
  await waiting.close()
  for (const sink of sinks.values()) await closeSink(sink)
}

async function finishSink(writer: Writer, sink: FileSink): Promise<void> {
  const members = membersFor(writer.dataset, sink)
  const { folder, context } = writer
  writer.written.push(await writeSink(sink, members, folder, context.signal))
}

/** `info`, `licenses` and the like; a new file takes over those of another one. */
function membersFor({ schema }: DatasetView, { layout, isKept }: FileSink): JsonObject {
  const coco = schema.info['coco']
  if (!isObject(coco)) return {}
  const own = coco[`${layout.task}_${layout.subset}`]
  if (isKept) return isObject(own) ? own : {}
  const sibling = Object.entries(coco).find(([key]) => key.endsWith(`_${layout.subset}`))?.[1]
  const members = own ?? sibling ?? Object.values(coco)[0]
  return isObject(members) ? members : {}
}

/** Lists the images that still wait. */
export async function listImages(state: SubsetWriter): Promise<void> {
  const { sinks, onlyTask } = state
  if (sinks.size === 0) openSink(state, onlyTask ?? 'instances')
  await listWaiting(state, mainSink(state) ?? largest(sinks))
}

async function listWaiting(state: SubsetWriter, main: FileSink | undefined): Promise<void> {
  for await (const image of state.waiting.take()) await listImage(state, main, image)
}

/** The main file lists all images; others those they speak of, or all when they did so before. */
async function listImage(
  { sinks }: SubsetWriter,
  main: FileSink | undefined,
  { record, id, group, tasks }: ImageEntry,
): Promise<void> {
  for (const [task, sink] of sinks) {
    const isListed = sink === main || sink.layout.hasAllImages || tasks.has(task)
    if (!isListed) continue
    addImage(sink, record, id, group)
    await sink.images.settle()
  }
}

/** The file that lists all images; undefined when that is the one with the most annotations. */
export function mainSink(state: SubsetWriter): FileSink | undefined {
  const { sinks } = state
  const only = sinks.size === 1 ? [...sinks.values()][0] : undefined
  return settledMainSink(state) ?? only
}

/** The same, where no annotation that is still to come can change it. */
function settledMainSink({ sinks, onlyTask }: SubsetWriter): FileSink | undefined {
  const complete = [...sinks.values()].find(({ isKept, layout }) => isKept && layout.hasAllImages)
  return complete ?? sinks.get(onlyTask ?? 'instances')
}

function largest(sinks: ReadonlyMap<CocoTask, FileSink>): FileSink | undefined {
  let best: FileSink | undefined
  for (const sink of sinks.values()) {
    if (sink.annotations.count > (best?.annotations.count ?? -1)) best = sink
  }
  return best
}

async function addItem(state: SubsetWriter, item: AnnotatedItem): Promise<void> {
  const { context, folder, onlyTask, hasLayout, progress, waiting } = state
  const id = await imageIdOf(state, item)
  const prefix = prefixOf(state)
  const target = imageTarget(item, prefix, hasLayout)
  if (onlyTask !== 'results' && target.medium?.blob !== undefined) {
    await folder.placeMedia(target.path, target.medium)
  }
  const group = progress.items
  progress.items += 1
  const tasks = new Set<CocoTask>()
  for (const [layer, annotations] of Object.entries(item.layers)) {
    const results = state.results.get(layer)
    if (results !== undefined) await addResults(state, results, item, annotations, id)
    else if (layer !== context.layer) {
      if (annotations.length > 0) context.onLoss({ what: `layer: ${layer}`, where: whereOf(item) })
    } else
      await addAnnotations(state, item, annotations, {
        id,
        group,
        tasks,
        fileName: target.fileName,
      })
  }
  const image = { record: imageRecord(item, id, target, context.onLoss), id, group, tasks }
  const main = settledMainSink(state)
  if (main === undefined) {
    await waiting.add(image)
    return
  }
  if (waiting.count > 0) await listWaiting(state, main)
  await listImage(state, main, image)
}

function prefixOf({ sinks, before, subset }: SubsetWriter): string {
  const main = sinks.get('instances') ?? sinks.values().next().value
  // A file without images cannot say where they are.
  if (main !== undefined && main.layout.imageFields.length > 0) return main.layout.imagePrefix
  const sibling = before.find(({ imageFields }) => imageFields.length > 0) ?? before[0]
  return newFileLayout('instances', subset, sibling).imagePrefix
}

async function imageIdOf(
  { usedImageIds, ids, context }: SubsetWriter,
  item: AnnotatedItem,
): Promise<CocoId> {
  const known = cocoOf(item)['id']
  if (isId(known) && !usedImageIds.has(known)) {
    usedImageIds.add(known)
    return known
  }
  if (isId(known)) context.onLoss({ what: 'field: image id', where: whereOf(item) })
  const id = await ids.nextImage()
  usedImageIds.add(id)
  return id
}

/** The image that annotations are written for. */
interface ImageContext {
  readonly id: CocoId
  readonly group: number
  readonly tasks: Set<CocoTask>
  readonly fileName: string
}

async function addAnnotations(
  state: SubsetWriter,
  item: AnnotatedItem,
  annotations: readonly Annotation[],
  image: ImageContext,
): Promise<void> {
  const { context } = state
  const where = whereOf(item)
  const segments: Annotation[] = []
  const regions = regionsOfKeypoints(annotations)
  for (const annotation of annotations) {
    const task = taskFor(state, annotation)
    if (annotation.type === 'panoptic-segment') {
      if (task === undefined) context.onLoss({ what: `annotation: ${annotation.type}`, where })
      else segments.push(annotation)
      continue
    }
    if (task === undefined || !RECORD_TYPES.has(annotation.type)) {
      context.onLoss({ what: `annotation: ${annotation.type}`, where })
      continue
    }
    const keypoints = regions.keypointsOf.get(annotation)
    if (keypoints !== undefined && taskFor(state, keypoints) === task) continue
    const sink = openSink(state, task)
    await addRecord(state, sink, annotation, regions.regionOf.get(annotation), image, where)
  }
  if (segments.length === 0) return
  const sink = openSink(state, 'panoptic')
  image.tasks.add('panoptic')
  const record = await writePanoptic(segments, image, sink, where, state.folder, context)
  addAnnotation(sink, record, undefined, image.group)
}

async function addRecord(
  state: Writer,
  sink: FileSink,
  annotation: Annotation,
  region: Annotation | undefined,
  image: ImageContext,
  where: string,
): Promise<void> {
  const { onLoss } = state.context
  image.tasks.add(sink.layout.task)
  const isKept =
    sink.isKept &&
    (annotation.sourceId !== undefined || areWithoutIds(sink.layout.annotationFields))
  const id =
    isKept && annotation.sourceId === undefined
      ? undefined
      : await annotationId(state, sink, annotation, where)
  const record = annotationRecord(annotation, region, {
    id,
    imageId: image.id,
    categoryId: categoryId(sink, annotation),
    isKept,
    where,
    onLoss,
  })
  addAnnotation(sink, record, id, image.group)
}

/** Returns whether the annotations of a file with these fields have no ids. */
export function areWithoutIds(fields: readonly string[]): boolean {
  return fields.length > 0 && !fields.includes('id')
}

async function annotationId(
  { ids, context }: Writer,
  { usedIds, isKept }: FileSink,
  { sourceId }: Annotation,
  where: string,
): Promise<CocoId> {
  const isUsable = typeof sourceId === 'number' ? Number.isFinite(sourceId) : isKept
  if (sourceId !== undefined && isUsable && !usedIds.has(sourceId)) {
    usedIds.add(sourceId)
    return sourceId
  }
  if (sourceId !== undefined) context.onLoss({ what: 'field: sourceId', where })
  const id = await ids.nextAnnotation()
  usedIds.add(id)
  return id
}

function categoryId(sink: FileSink, annotation: Annotation): CocoId | undefined {
  const { category, type, extra } = annotation
  if (category !== undefined) return categoryIdIn(sink, category)
  const coco = extra?.['coco']
  const isSaid = isObject(coco) && Object.hasOwn(coco, 'category_id')
  const isLeftOut = isSaid || formOf(annotation)['hasNoCategory'] === true
  return type === 'caption' || isLeftOut ? undefined : categoryIdIn(sink, undefined)
}

/** Pairs keypoints with the polygon or mask of the same source id. */
function regionsOfKeypoints(annotations: readonly Annotation[]): {
  readonly regionOf: ReadonlyMap<Annotation, Annotation>
  readonly keypointsOf: ReadonlyMap<Annotation, Annotation>
} {
  const regionOf = new Map<Annotation, Annotation>()
  const keypointsOf = new Map<Annotation, Annotation>()
  const joined = annotations.filter(
    (annotation) => annotation.type === 'points' && annotation.group === joinedGroup(annotation),
  )
  for (const keypoints of joined) {
    const region = annotations.find(
      ({ type, sourceId }) =>
        (type === 'polygon' || type === 'mask') && sourceId === keypoints.sourceId,
    )
    if (region === undefined || keypointsOf.has(region)) continue
    regionOf.set(keypoints, region)
    keypointsOf.set(region, keypoints)
  }
  return { regionOf, keypointsOf }
}

/** The task whose file an annotation goes to; undefined when the chosen variant has no place for it. */
function taskFor(
  { onlyTask, sinks, before, subset }: SubsetWriter,
  annotation: Annotation,
): CocoTask | undefined {
  const usual = taskOfType(annotation.type)
  if (onlyTask !== undefined) return isHeldBy(onlyTask, annotation) ? onlyTask : undefined
  const remembered = formOf(annotation)['task']
  const kept = before.filter((file) => file.subset === subset)
  const own = kept.find(({ task }) => task === remembered)
  if (own !== undefined) return own.task
  if (kept.some(({ task }) => task === usual) || annotation.type === 'panoptic-segment')
    return usual
  const only = kept.length === 1 ? kept[0] : undefined
  if (only !== undefined && only.task !== 'panoptic') return only.task
  return kept.length > 1 && sinks.has('instances') && usual === 'labels' ? 'instances' : usual
}

function isHeldBy(task: CocoTask, annotation: Annotation): boolean {
  const { type, group } = annotation
  if (task === 'stuff') return type === 'mask' || type === 'polygon'
  if (task === 'keypoints') {
    const isPart = (type === 'polygon' || type === 'mask') && group === joinedGroup(annotation)
    return type === 'points' || isPart
  }
  return task === taskOfType(type)
}

function openSink(state: SubsetWriter, task: CocoTask): FileSink {
  const { sinks, subset, before, dataset } = state
  const known = sinks.get(task)
  if (known !== undefined) return known
  const sibling =
    before.find((file) => file.subset === subset) ??
    before.find((file) => file.task === task) ??
    before[0]
  const sink = fileSink(dataset.schema, newFileLayout(task, subset, sibling))
  sinks.set(task, sink)
  return sink
}

async function addResults(
  state: SubsetWriter,
  sink: FileSink,
  item: AnnotatedItem,
  annotations: readonly Annotation[],
  imageId: CocoId,
): Promise<void> {
  const where = whereOf(item)
  const { regionOf, keypointsOf } = regionsOfKeypoints(annotations)
  for (const annotation of annotations) {
    if (!RECORD_TYPES.has(annotation.type)) {
      state.context.onLoss({ what: `annotation: ${annotation.type}`, where })
      continue
    }
    if (keypointsOf.has(annotation)) continue
    const { sourceId: id } = annotation
    const record = annotationRecord(annotation, regionOf.get(annotation), {
      id,
      imageId,
      categoryId: categoryId(sink, annotation),
      isKept: true,
      where,
      onLoss: state.context.onLoss,
    })
    addAnnotation(sink, record, id, state.progress.items - 1)
  }
}

function whereOf({ subset, id }: AnnotatedItem): string {
  return `${subset}/${id}`
}
