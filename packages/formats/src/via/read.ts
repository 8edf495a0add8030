import {
  type AnnotationDraft,
  type DatasetStream,
  type Folder,
  GROUND_TRUTH,
  type Json,
  type ReadContext,
  type SourceItem,
} from '@dsv/core'
import { freeId, idOfImage, nameToKeep } from '../shared/image-name.ts'
import { indexRecords, readRecords, type RecordIndex } from '../shared/image-records.ts'
import {
  isArray,
  isObject,
  type JsonObject,
  type JsonPlace,
  placeOf,
  stringAt,
} from '../shared/json-reader.ts'
import { type MediaFinder, mediaFinder, safeMediaName } from '../shared/media-finder.ts'
import { noneFound } from '../shared/none-found.ts'
import { skipOrThrow } from '../shared/skip-or-throw.ts'
import { folderOf, type SubsetFile, subsetsByFolder } from '../shared/subset-files.ts'
import { type RegionAttributes, regionAttributes } from './class-attribute.ts'
import { findViaFiles } from './find-files.ts'
import { layoutToJson, type ViaFile } from './layout.ts'
import { readAttributes, readRegion } from './read-region.ts'

const HEAD_BYTES = 64 * 1024
const IMAGES = '_via_img_metadata'

interface IndexedFile extends ViaFile, RecordIndex {}

/**
 * Reads projects of VIA, and the annotations that it exports. Each file is read once for the attributes
 * of its regions, then as a stream; its folder is the subset.
 *
 * @throws `DSV_FORMAT_SYNTAX`
 */
export async function readVia(folder: Folder, context: ReadContext): Promise<DatasetStream> {
  context.signal.throwIfAborted()
  const files = subsetsByFolder(await findViaFiles(folder))
  if (files.length === 0) {
    const wanted = { usual: 'via_project.json', suffixes: ['.json'], problem: 'holds no images' }
    const error = await noneFound(folder, wanted)
    skipOrThrow(error, String(error.details['file']), context)
  }
  const attributes = regionAttributes()
  const indexed: IndexedFile[] = []
  for (const file of files) {
    try {
      indexed.push(await indexFile(folder, file, attributes, context))
    } catch (error) {
      skipOrThrow(error, file.path, context)
    }
  }
  const { attribute: classAttribute, categories } = attributes.classes()
  return {
    schema: { categories, attributes: [], info: {} },
    layout: layoutToJson({ files: indexed, classAttribute }),
    items: readItems(folder, indexed, { classAttribute, context }),
  }
}

async function indexFile(
  folder: Folder,
  file: SubsetFile,
  attributes: RegionAttributes,
  context: ReadContext,
): Promise<IndexedFile> {
  const isProject = await hasSettings(folder, file.path)
  const members: [string, Json][] = []
  const visitor = {
    list: isProject ? IMAGES : '',
    isMap: true,
    imageOf: (record: JsonObject, index: number): string => {
      for (const region of regionsOf(record)) {
        const said = isObject(region) ? region['region_attributes'] : undefined
        if (isObject(said)) attributes.add(said)
      }
      return safeMediaName(nameOf(record, { file: file.path, path: `images[${index}]` }))
    },
    member: (key: string, value: Json): void => {
      members.push([key, value])
      const declared = key === '_via_attributes' && isObject(value) ? value['region'] : undefined
      if (isObject(declared)) attributes.declare(declared)
    },
  }
  const index = await indexRecords(folder, file.path, visitor, context)
  return { ...file, ...index, isProject, members: Object.fromEntries(members) }
}

async function hasSettings(folder: Folder, path: string): Promise<boolean> {
  const file = await folder.open(path)
  try {
    const head = Buffer.from(await file.read(0, HEAD_BYTES)).toString('latin1')
    return /"_via_\w+"\s*:/u.test(head)
  } finally {
    await file.close()
  }
}

function nameOf(record: JsonObject, place: JsonPlace): string {
  return stringAt(record['filename'], placeOf(place, 'filename'))
}

/** Version 1 numbers its regions in an object. */
function regionsOf({ regions }: JsonObject): readonly Json[] {
  if (isArray(regions)) return regions
  return isObject(regions) ? Object.values(regions) : []
}

interface Reader {
  readonly classAttribute: string | undefined
  readonly context: ReadContext
}

async function* readItems(
  folder: Folder,
  files: readonly IndexedFile[],
  reader: Reader,
): AsyncGenerator<SourceItem> {
  const media = await mediaFinder(folder)
  for (const file of files) {
    const ids = new Set<string>()
    for await (const records of readRecords(folder, file, reader.context)) {
      yield await readItem(records, file, { media, ids }, reader)
    }
  }
}

async function readItem(
  records: readonly JsonObject[],
  { path: file, subset }: IndexedFile,
  { media, ids }: { readonly media: MediaFinder; readonly ids: Set<string> },
  { classAttribute, context }: Reader,
): Promise<SourceItem> {
  const image = nameOf(records[0] ?? {}, { file, path: '' })
  const hint = folderOf(file)
  const path = media.find(image, [hint, `${hint}images/`]) ?? hint + safeMediaName(image)
  const info = await context.probe(path)
  const id = freeId(idOfImage(image), ids)
  const drafts: AnnotationDraft[] = []
  const said: Record<string, Json> = {}
  const own: Record<string, Json> = {}
  for (const record of records) {
    const { filename: _n, regions: _r, file_attributes: about, size, ...rest } = record
    Object.assign(own, rest)
    // The size of a file that is there is its own.
    if (info === undefined && typeof size === 'number' && size !== -1) own['size'] = size
    if (isObject(about)) Object.assign(said, about)
    for (const [at, region] of regionsOf(record).entries()) {
      const place = { file, path: `${image}: regions[${at}]` }
      try {
        const read = readRegion(region, place, classAttribute)
        if ('draft' in read) drafts.push(read.draft)
        else context.onLoss({ what: `annotation: ${read.unknown}`, where: `${subset}/${id}` })
      } catch (error) {
        skipOrThrow(error, file, context)
      }
    }
  }
  const { attributes, rest } = readAttributes(said, undefined)
  const kept = nameToKeep(image, id, path)
  if (kept !== undefined) own['filename'] = kept
  if (Object.keys(rest).length > 0) own['file_attributes'] = rest
  return {
    subset,
    id,
    media: [{ role: 'primary', path, ...(info ?? { kind: 'image' }) }],
    layers: { [GROUND_TRUTH]: drafts },
    ...(Object.keys(attributes).length === 0 ? {} : { attributes }),
    ...(Object.keys(own).length === 0 ? {} : { extra: { via: own } }),
  }
}
