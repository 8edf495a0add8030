import {
  type AnnotationDraft,
  type DatasetStream,
  type Folder,
  GROUND_TRUTH,
  type Json,
  type ReadContext,
  type SourceItem,
} from '@dsv/core'
import { categoriesNamed } from '../shared/class-names.ts'
import { freeId, idOfImage, nameToKeep } from '../shared/image-name.ts'
import { indexRecords, readRecords, type RecordIndex } from '../shared/image-records.ts'
import {
  isArray,
  isObject,
  type JsonObject,
  type JsonPlace,
  objectAt,
  placeOf,
  stringAt,
  wrongValue,
} from '../shared/json-reader.ts'
import { type MediaFinder, mediaFinder, safeMediaName } from '../shared/media-finder.ts'
import { noneFound } from '../shared/none-found.ts'
import { skipOrThrow } from '../shared/skip-or-throw.ts'
import {
  folderOf,
  type SubsetFile,
  subsetFilesToJson,
  subsetsByFolder,
} from '../shared/subset-files.ts'
import { findCreateMlFiles } from './find-files.ts'

interface IndexedFile extends SubsetFile, RecordIndex {}

/**
 * Reads JSON of Create ML. Each file is read once for its labels, then as a stream; its folder is the
 * subset.
 *
 * @throws `DSV_FORMAT_SYNTAX`
 */
export async function readCreateMl(folder: Folder, context: ReadContext): Promise<DatasetStream> {
  context.signal.throwIfAborted()
  const files = subsetsByFolder(await findCreateMlFiles(folder))
  if (files.length === 0) {
    const wanted = {
      usual: '_annotations.createml.json',
      suffixes: ['.json'],
      problem: 'lists no images',
    }
    const error = await noneFound(folder, wanted)
    skipOrThrow(error, String(error.details['file']), context)
  }
  const labels = new Set<string>()
  const indexed: IndexedFile[] = []
  for (const file of files) {
    try {
      const visitor = {
        list: '',
        imageOf: (record: JsonObject, index: number): string => {
          const image = nameOf(record, { file: file.path, path: `[${index}]` })
          for (const each of annotationsOf(record)) {
            const label = labelOf(each)
            if (label !== undefined) labels.add(label)
          }
          return safeMediaName(image)
        },
      }
      indexed.push({ ...file, ...(await indexRecords(folder, file.path, visitor, context)) })
    } catch (error) {
      skipOrThrow(error, file.path, context)
    }
  }
  return {
    schema: { categories: categoriesNamed(labels), attributes: [], info: {} },
    layout: subsetFilesToJson(files),
    items: readItems(folder, indexed, context),
  }
}

/** Older tools call the members otherwise. */
function nameOf(record: JsonObject, place: JsonPlace): string {
  return stringAt(record['image'] ?? record['imagefilename'], placeOf(place, 'image'))
}

/** Classifiers have one label for an image, as text. */
function annotationsOf(record: JsonObject): readonly Json[] {
  const list = record['annotations'] ?? record['annotation']
  if (isArray(list)) return list
  return list === undefined || list === null || list === '' ? [] : [list]
}

function labelOf(annotation: Json): string | undefined {
  const label = isObject(annotation) ? annotation['label'] : annotation
  return typeof label === 'string' && label !== '' ? label : undefined
}

async function* readItems(
  folder: Folder,
  files: readonly IndexedFile[],
  context: ReadContext,
): AsyncGenerator<SourceItem> {
  const media = await mediaFinder(folder)
  for (const file of files) {
    const ids = new Set<string>()
    for await (const records of readRecords(folder, file, context)) {
      yield await readItem(records, file, { media, ids }, context)
    }
  }
}

async function readItem(
  records: readonly JsonObject[],
  { path: file, subset }: IndexedFile,
  { media, ids }: { readonly media: MediaFinder; readonly ids: Set<string> },
  context: ReadContext,
): Promise<SourceItem> {
  const image = nameOf(records[0] ?? {}, { file, path: '' })
  const hint = folderOf(file)
  const path = media.find(image, [hint, `${hint}images/`]) ?? hint + safeMediaName(image)
  const id = freeId(idOfImage(image), ids)
  const drafts: AnnotationDraft[] = []
  const own: Record<string, Json> = {}
  for (const record of records) {
    const { image: _i, imagefilename: _f, annotations: _l, annotation: _a, ...rest } = record
    Object.assign(own, rest)
    for (const [at, annotation] of annotationsOf(record).entries()) {
      try {
        drafts.push(readAnnotation(annotation, { file, path: `${image}: annotations[${at}]` }))
      } catch (error) {
        skipOrThrow(error, file, context)
      }
    }
  }
  const kept = nameToKeep(image, id, path)
  if (kept !== undefined) own['image'] = kept
  return {
    subset,
    id,
    media: [{ role: 'primary', path, ...((await context.probe(path)) ?? { kind: 'image' }) }],
    layers: { [GROUND_TRUTH]: drafts },
    ...(Object.keys(own).length === 0 ? {} : { extra: { 'create-ml': own } }),
  }
}

/** A box stands as its centre and size, in pixels. */
function readAnnotation(annotation: Json, place: JsonPlace): AnnotationDraft {
  if (typeof annotation === 'string' && annotation !== '') {
    return { type: 'label', category: annotation }
  }
  const { label: _label, coordinates, confidence, ...rest } = objectAt(annotation, place)
  const category = labelOf(annotation)
  if (category === undefined) throw wrongValue(placeOf(place, 'label'), 'should be text')
  const isScored = typeof confidence === 'number' && Number.isFinite(confidence)
  const common = {
    category,
    ...(isScored ? { score: confidence } : {}),
    ...(Object.keys(rest).length === 0 ? {} : { extra: { 'create-ml': rest } }),
  }
  if (coordinates === undefined) return { type: 'label', ...common }
  const at = placeOf(place, 'coordinates')
  const box = objectAt(coordinates, at)
  const [cx, cy, width, height] = ['x', 'y', 'width', 'height'].map((name) => {
    const value = box[name]
    if (typeof value === 'number' && Number.isFinite(value)) return value
    throw wrongValue(placeOf(at, name), 'should be a number')
  })
  if (cx === undefined || cy === undefined || width === undefined || height === undefined) {
    throw wrongValue(at, 'should have x, y, width and height')
  }
  return { type: 'box', ...common, x: cx - width / 2, y: cy - height / 2, width, height }
}
