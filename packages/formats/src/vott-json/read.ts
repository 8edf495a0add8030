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
import { categoriesNamed } from '../shared/class-names.ts'
import { subsetsByName } from '../shared/export-files.ts'
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
} from '../shared/json-reader.ts'
import { type MediaFinder, mediaFinder, safeMediaName } from '../shared/media-finder.ts'
import { noneFound } from '../shared/none-found.ts'
import { skipOrThrow } from '../shared/skip-or-throw.ts'
import { folderOf, type SubsetFile } from '../shared/subset-files.ts'
import { assetId } from './asset-id.ts'
import { findVottJsonFiles } from './find-files.ts'
import { layoutToJson, type VottFile } from './layout.ts'
import { readRegion } from './read-region.ts'
import { parseColor } from './tag-color.ts'

interface IndexedFile extends VottFile, RecordIndex {}

/** Tags of all files, in their order, and those that only regions have. */
interface Tags {
  readonly listed: Map<string, Category>
  readonly used: Set<string>
}

/**
 * Reads JSON exports of VoTT. The name of the file says the subset. Files are read once for their tags,
 * then as a stream.
 *
 * @throws `DSV_FORMAT_SYNTAX`
 */
export async function readVottJson(folder: Folder, context: ReadContext): Promise<DatasetStream> {
  context.signal.throwIfAborted()
  const files = subsetsByName(await findVottJsonFiles(folder))
  if (files.length === 0) {
    const wanted = { usual: 'default-export.json', suffixes: ['.json'], problem: 'holds no assets' }
    const error = await noneFound(folder, wanted)
    skipOrThrow(error, String(error.details['file']), context)
  }
  const tags: Tags = { listed: new Map(), used: new Set() }
  const indexed: IndexedFile[] = []
  for (const file of files) {
    try {
      indexed.push(await indexFile(folder, file, tags, context))
    } catch (error) {
      skipOrThrow(error, file.path, context)
    }
  }
  const others = categoriesNamed(tags.used).filter(({ name }) => !tags.listed.has(name))
  return {
    schema: { categories: [...tags.listed.values(), ...others], attributes: [], info: {} },
    layout: layoutToJson(indexed),
    items: readItems(folder, indexed, context),
  }
}

async function indexFile(
  folder: Folder,
  file: SubsetFile,
  { listed, used }: Tags,
  context: ReadContext,
): Promise<IndexedFile> {
  const members: [string, Json][] = []
  const visitor = {
    list: 'assets',
    isMap: true,
    imageOf: (record: JsonObject, at: number): string => {
      for (const region of regionsOf(record)) {
        const names = isObject(region) ? region['tags'] : undefined
        for (const name of isArray(names) ? names : []) if (typeof name === 'string') used.add(name)
      }
      const place = { file: file.path, path: `assets[${at}]` }
      const asset = assetOf(record, place)
      // Frames of videos and images of several folders may share a name.
      return `${nameOf(asset, place)}\0${typeof asset['path'] === 'string' ? asset['path'] : ''}`
    },
    member: (key: string, value: Json): void => {
      members.push([key, value])
    },
    elements: {
      tags: (tag: Json): void => {
        const name = isObject(tag) ? tag['name'] : undefined
        if (!isObject(tag) || typeof name !== 'string' || listed.has(name)) return
        const { name: _name, color: stated, ...rest } = tag
        const color = parseColor(stated)
        listed.set(name, {
          key: name,
          name,
          ...(color !== undefined && { color }),
          ...(Object.keys(rest).length > 0 && { extra: { 'vott-json': rest } }),
        })
      },
    },
  }
  const index = await indexRecords(folder, file.path, visitor, context)
  return { ...file, ...index, members: Object.fromEntries(members) }
}

function regionsOf({ regions }: JsonObject): readonly Json[] {
  return isArray(regions) ? regions : []
}

function assetOf(record: JsonObject, place: JsonPlace): JsonObject {
  return objectAt(record['asset'], placeOf(place, 'asset'))
}

function nameOf(asset: JsonObject, place: JsonPlace): string {
  return stringAt(asset['name'], placeOf(placeOf(place, 'asset'), 'name'))
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
      yield await readItem(records, file, { media, ids, context })
    }
  }
}

interface Reader {
  readonly media: MediaFinder
  readonly ids: Set<string>
  readonly context: ReadContext
}

async function readItem(
  records: readonly JsonObject[],
  { path: file, subset }: IndexedFile,
  { media, ids, context }: Reader,
): Promise<SourceItem> {
  const place = { file, path: '' }
  const { name: _n, format: _f, size, type, state, ...asset } = assetOf(records[0] ?? {}, place)
  const name = nameOf(assetOf(records[0] ?? {}, place), place)
  const id = freeId(idOfImage(name), ids)
  const medium = await mediumOf(name, asset['path'], size, folderOf(file), { media, context })
  const drafts: AnnotationDraft[] = []
  for (const record of records) {
    for (const [at, region] of regionsOf(record).entries()) {
      try {
        const read = readRegion(region, { file, path: `${name}: regions[${at}]` })
        if ('drafts' in read) drafts.push(...read.drafts)
        else context.onLoss({ what: `annotation: ${read.unknown}`, where: `${subset}/${id}` })
      } catch (error) {
        skipOrThrow(error, file, context)
      }
    }
  }
  const kept = nameToKeep(name, id, medium.path)
  const { id: stated, path: address, ...rest } = asset
  const usualState = drafts.length > 0 ? 2 : 1
  const own: JsonObject = {
    ...(kept !== undefined && { name: kept }),
    ...(address !== name && address !== undefined && { path: address }),
    ...(stated !== assetId(address ?? name) && stated !== undefined && { id: stated }),
    ...(state !== usualState && state !== undefined && { state }),
    ...(type !== 1 && type !== undefined && { type }),
    ...(Object.keys(rest).length > 0 && { asset: rest }),
  }
  return {
    subset,
    id,
    media: [medium],
    layers: { [GROUND_TRUTH]: drafts },
    ...(Object.keys(own).length > 0 && { extra: { 'vott-json': own } }),
  }
}

/** The path is an address where the tool ran: the file is looked for by its end, then by the name. */
async function mediumOf(
  name: string,
  address: Json | undefined,
  size: Json | undefined,
  hint: string,
  { media, context }: Pick<Reader, 'media' | 'context'>,
): Promise<SourceMedia> {
  const below = typeof address === 'string' ? addressPath(address) : undefined
  const found =
    (below === undefined ? undefined : media.find(below, [hint])) ?? media.find(name, [hint])
  const path = found ?? hint + safeMediaName(name)
  const info = await context.probe(path)
  const [width, height] = isObject(size) ? [size['width'], size['height']] : []
  const isSized = isSize(width) && isSize(height)
  return {
    role: 'primary',
    path,
    kind: 'image',
    ...(isSized && { width, height }),
    ...info,
  }
}

function isSize(json: Json | undefined): json is number {
  return typeof json === 'number' && Number.isSafeInteger(json) && json > 0
}

function addressPath(address: string): string {
  try {
    return safeMediaName(decodeURIComponent(address))
  } catch {
    // A percent sign that begins no code is one.
    return safeMediaName(address)
  }
}
