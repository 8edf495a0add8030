import {
  type AnnotationDraft,
  type AttributeValue,
  type Category,
  type DatasetStream,
  type Folder,
  formatSyntax,
  GROUND_TRUTH,
  type Json,
  type ReadContext,
  type SourceItem,
  type SourceMedia,
} from '@dsv/core'
import { isAttributeValue } from '../shared/attribute-value.ts'
import { categoriesNamed } from '../shared/class-names.ts'
import { compareText } from '../shared/compare-text.ts'
import { freeId } from '../shared/image-name.ts'
import { indexRecords, readRecords, type RecordIndex } from '../shared/image-records.ts'
import {
  isArray,
  isObject,
  type JsonObject,
  objectAt,
  parseJson,
  stringAt,
} from '../shared/json-reader.ts'
import { decodeMaskPng } from '../shared/mask-png.ts'
import { type MediaFinder, mediaFinder, safeMediaName } from '../shared/media-finder.ts'
import { skipOrThrow } from '../shared/skip-or-throw.ts'
import { folderOf } from '../shared/subset-files.ts'
import { type FoundField, layersOf } from './field-layers.ts'
import { type LabelKind, labelsIn } from './label-kind.ts'
import { type LabelField, layoutToJson } from './layout.ts'
import { type ImageSize, readLabel } from './read-label.ts'
import { sampleKey, usualFilepath } from './sample-key.ts'

/** Members of a sample that are no fields of the user. */
const OWN: ReadonlySet<string> = new Set(
  'id _id filepath tags metadata media_type _media_type _rand _dataset_id subset'.split(' '),
)

/** Reads a whole dataset: once for its fields and classes, then as a stream. */
export async function readDataset(
  folder: Folder,
  path: string,
  context: ReadContext,
): Promise<DatasetStream> {
  const root = folderOf(path)
  const metadata = await readMetadata(folder, `${root}metadata.json`, context)
  const fields = new Map<string, FoundField>()
  const names = new Set<string>()
  let index: RecordIndex = { path, spans: [], more: new Map() }
  try {
    const visitor = {
      list: 'samples',
      imageOf: (sample: JsonObject, at: number): string => {
        noteFields(sample, fields, names)
        const place = { file: path, path: `samples[${at}].filepath` }
        return `${at}\0${stringAt(sample['filepath'], place)}`
      },
    }
    index = await indexRecords(folder, path, visitor, context)
  } catch (error) {
    skipOrThrow(error, path, context)
  }
  const found = [...fields.values()].toSorted((a, b) => compareText(a.name, b.name))
  const layers = layersOf(found)
  const listed = listedClasses(metadata)
  const others = categoriesNamed(names).filter(
    ({ name }) => !listed.some((one) => one.name === name),
  )
  return {
    schema: { categories: [...listed, ...others], attributes: [], info: {} },
    layout: layoutToJson({ kind: 'dataset', root, metadata, fields: layers }),
    items: readItems({ folder, root, index, layers, context }),
  }
}

async function readMetadata(
  folder: Folder,
  path: string,
  context: ReadContext,
): Promise<JsonObject> {
  if (!(await folder.has(path))) return {}
  try {
    return objectAt(parseJson(await folder.read(path), path), { file: path, path: '' })
  } catch (error) {
    skipOrThrow(error, path, context)
    return {}
  }
}

function noteFields(sample: JsonObject, fields: Map<string, FoundField>, names: Set<string>): void {
  for (const [name, value] of Object.entries(sample)) {
    const found = labelsIn(value)
    if (found === undefined) continue
    const { kind, isSingle, labels } = found
    if (!fields.has(name)) fields.set(name, { name, kind, isSingle })
    for (const { label } of labels) if (typeof label === 'string') names.add(label)
  }
}

/** Classes of all fields, then those of single fields. */
function listedClasses(metadata: JsonObject): readonly Category[] {
  const { default_classes: all, classes, info } = metadata
  const lists: Json[] = [
    all ?? [],
    ...Object.values(isObject(classes) ? classes : {}),
    (isObject(info) ? info['classes'] : undefined) ?? [],
  ]
  const names = lists.flatMap((list) => (isArray(list) ? list : []))
  const texts = names.filter((name) => typeof name === 'string')
  return [...new Set(texts)].map((name) => ({ key: name, name }))
}

interface DatasetReader {
  readonly folder: Folder
  readonly root: string
  readonly index: RecordIndex
  readonly layers: readonly LabelField[]
  readonly context: ReadContext
}

async function* readItems(reader: DatasetReader): AsyncGenerator<SourceItem> {
  const { folder, index, context } = reader
  const media = await mediaFinder(folder)
  const ids = new Map<string, Set<string>>()
  for await (const [sample] of readRecords(folder, index, context)) {
    context.signal.throwIfAborted()
    if (sample !== undefined) yield await readSample(sample, { ...reader, media, ids })
  }
}

interface SampleReader extends DatasetReader {
  readonly media: MediaFinder
  readonly ids: Map<string, Set<string>>
}

async function readSample(sample: JsonObject, reader: SampleReader): Promise<SourceItem> {
  const { index, ids, context } = reader
  const filepath = stringAt(sample['filepath'], { file: index.path, path: 'filepath' })
  const key = sampleKey(filepath, sample['tags'], sample['subset'])
  const used = ids.get(key.subset) ?? new Set<string>()
  ids.set(key.subset, used)
  const id = freeId(key.id, used)
  const medium = await mediumOf(filepath, sample['metadata'], reader)
  const size = sizeOf(medium.width, medium.height)
  const where = `${key.subset}/${id}`
  const layers: Record<string, AnnotationDraft[]> = { [GROUND_TRUTH]: [] }
  const attributes: [string, AttributeValue][] = []
  const own: [string, Json][] = []
  for (const [name, value] of Object.entries(sample)) {
    const labels = labelsIn(value)
    const layer = reader.layers.find((field) => field.name === name)?.layer
    if (labels !== undefined && layer !== undefined) {
      const list = (layers[layer] ??= [])
      const drafts = await readLabels(labels.kind, labels.labels, {
        size,
        filepath,
        name,
        where,
        reader,
      })
      for (const draft of drafts) list.push(draft)
    } else if (isAttributeValue(value) && !OWN.has(name)) {
      if (value !== null) attributes.push([name, value])
    } else if (!OWN.has(name) || name === '_id' || name === '_rand' || name === '_dataset_id') {
      const unread = isObject(value) ? value['_cls'] : undefined
      if (isUnread(unread)) {
        context.onLoss({ what: `annotation: ${unread}`, where })
      }
      own.push([name, value])
    }
  }
  if (filepath !== usualFilepath({ subset: key.subset, id }, medium.path)) {
    own.push(['filepath', filepath])
  }
  return {
    subset: key.subset,
    id,
    media: [medium],
    layers,
    ...(key.tags.length > 0 && { tags: key.tags }),
    ...(attributes.length > 0 && { attributes: Object.fromEntries(attributes) }),
    ...(own.length > 0 && { extra: { fiftyone: Object.fromEntries(own) } }),
  }
}

/** Labels that are kept as they are, but not understood. */
const UNREAD = [
  'Segmentation',
  'Heatmap',
  'TemporalDetections',
  'TemporalDetection',
  'GeoLocation',
  'GeoLocations',
  'Regression',
] as const

function isUnread(json: Json | undefined): json is (typeof UNREAD)[number] {
  return UNREAD.some((name) => name === json)
}

async function mediumOf(
  filepath: string,
  stated: Json | undefined,
  { media, root, context }: SampleReader,
): Promise<SourceMedia> {
  const path = media.find(filepath, [root, `${root}data/`]) ?? root + safeMediaName(filepath)
  const [width, height] = isObject(stated) ? [stated['width'], stated['height']] : []
  return {
    role: 'primary',
    path,
    kind: 'image',
    ...sizeOf(width, height),
    ...(await context.probe(path)),
  }
}

function sizeOf(width: Json | undefined, height: Json | undefined): ImageSize | undefined {
  return isSize(width) && isSize(height) ? { width, height } : undefined
}

function isSize(json: Json | undefined): json is number {
  return typeof json === 'number' && Number.isSafeInteger(json) && json > 0
}

interface FieldPlace {
  readonly size: ImageSize | undefined
  readonly filepath: string
  readonly name: string
  readonly where: string
  readonly reader: SampleReader
}

async function readLabels(
  kind: LabelKind,
  labels: readonly JsonObject[],
  { size, filepath, name, where, reader }: FieldPlace,
): Promise<readonly AnnotationDraft[]> {
  const { index, context, folder, root } = reader
  const drafts: AnnotationDraft[] = []
  for (const [at, label] of labels.entries()) {
    const place = { file: index.path, path: `${filepath}: ${name}.${kind}[${at}]` }
    const readMaskFile = async (stated: string): ReturnType<typeof maskFile> =>
      maskFile(folder, root, stated, place.file)
    try {
      const read = await readLabel(kind, label, { place, size, readMaskFile })
      if (read === undefined)
        context.onLoss({ what: `annotation: ${kind}`, where: `${where}: no size` })
      drafts.push(...(read ?? []))
    } catch (error) {
      skipOrThrow(error, index.path, context)
    }
  }
  return drafts
}

async function maskFile(
  folder: Folder,
  root: string,
  stated: string,
  file: string,
): Promise<ReturnType<typeof decodeMaskPng>> {
  const path = root + safeMediaName(stated)
  if (!(await folder.has(path)))
    throw formatSyntax(file, `names the mask ${path}, which is missing`)
  return decodeMaskPng(await folder.read(path), path)
}
