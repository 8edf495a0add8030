import {
  type AnnotationDraft,
  type DatasetStream,
  type Folder,
  formatSyntax,
  GROUND_TRUTH,
  type ItemKey,
  type Json,
  type ReadContext,
  type SourceItem,
  type SourceMedia,
} from '@dsv/core'
import { extensionOf, withoutExtension } from '../media/media-kind.ts'
import { probeBytes } from '../media/probe-media.ts'
import { categoriesNamed } from '../shared/class-names.ts'
import {
  arrayAt,
  isObject,
  isArray,
  type JsonObject,
  objectAt,
  parseJson,
} from '../shared/json-reader.ts'
import { type MediaFinder, mediaFinder, safeMediaName } from '../shared/media-finder.ts'
import { readAhead } from '../shared/read-ahead.ts'
import { skipOrThrow } from '../shared/skip-or-throw.ts'
import { folderOf } from '../shared/subset-files.ts'
import { decodeText, splitLines } from '../shared/text-reader.ts'
import { freeId } from '../shared/image-name.ts'
import { isSameKey, itemKeyOf, usualPath } from './item-path.ts'
import { LABELS_PATH, layoutToJson } from './layout.ts'
import { type ImageSize, readShape } from './read-shape.ts'

const WIDTH = 8
const RESERVED: ReadonlySet<string> = new Set(['__ignore__', '_background_'])

/**
 * Reads JSON of labelme, a file for each image. All files are read once for their labels, then as a
 * stream.
 *
 * @throws `DSV_FORMAT_SYNTAX`
 */
export async function readLabelme(folder: Folder, context: ReadContext): Promise<DatasetStream> {
  context.signal.throwIfAborted()
  const listed = await readLabelList(folder, context)
  const overview: Overview = { files: [], labels: new Set(), release: undefined }
  const paths = (await folder.list()).filter((path) => path.toLowerCase().endsWith('.json'))
  const notes = readAhead(paths, WIDTH, async (path) => noteFile(folder, path, overview, context))
  for await (const _ of notes) context.signal.throwIfAborted()
  if (overview.files.length === 0 && listed === undefined) {
    const file = 'labelme.json'
    skipOrThrow(formatSyntax(file, 'is missing: no JSON file holds shapes'), file, context)
  }
  const categories = (listed ?? [])
    .filter((line) => !RESERVED.has(line))
    .map((name) => ({ key: name, name }))
  const others = categoriesNamed(overview.labels).filter(
    ({ name }) => listed?.includes(name) !== true,
  )
  return {
    schema: { categories: [...categories, ...others], attributes: [], info: {} },
    layout: layoutToJson({
      release: overview.release,
      hasLabels: listed !== undefined,
      reserved: (listed ?? []).filter((line) => RESERVED.has(line)),
    }),
    items: readItems(folder, overview.files, context),
  }
}

async function readLabelList(
  folder: Folder,
  context: ReadContext,
): Promise<readonly string[] | undefined> {
  if (!(await folder.has(LABELS_PATH))) return undefined
  try {
    const { lines } = splitLines(decodeText(await folder.read(LABELS_PATH), LABELS_PATH))
    return [...new Set(lines.map((line) => line.trim()).filter((line) => line !== ''))]
  } catch (error) {
    skipOrThrow(error, LABELS_PATH, context)
    return undefined
  }
}

interface Overview {
  readonly files: string[]
  readonly labels: Set<string>
  release: string | undefined
}

async function noteFile(
  folder: Folder,
  path: string,
  overview: Overview,
  context: ReadContext,
): Promise<void> {
  try {
    const json = parseJson(await folder.read(path), path)
    if (!isObject(json) || (json['shapes'] === undefined && json['imagePath'] === undefined)) {
      context.onLoss({ what: 'file', where: `${path}: it holds no shapes` })
      return
    }
    for (const shape of arrayAt(json['shapes'], { file: path, path: 'shapes' })) {
      const label = isObject(shape) ? shape['label'] : undefined
      if (typeof label === 'string' && label !== '') overview.labels.add(label)
    }
    for (const [name, flag] of flagsOf(json)) if (flag === true) overview.labels.add(name)
    const { version } = json
    if (overview.release === undefined && typeof version === 'string') overview.release = version
    overview.files.push(path)
  } catch (error) {
    skipOrThrow(error, path, context)
  }
}

function flagsOf({ flags }: JsonObject): readonly (readonly [string, Json])[] {
  return isObject(flags) ? Object.entries(flags) : []
}

async function* readItems(
  folder: Folder,
  files: readonly string[],
  context: ReadContext,
): AsyncGenerator<SourceItem> {
  const media = await mediaFinder(folder)
  const ids = new Map<string, Set<string>>()
  const read = readAhead(files.toSorted(), WIDTH, async (path) => ({
    path,
    json: objectAt(parseJson(await folder.read(path), path), { file: path, path: '' }),
  }))
  for await (const { path, json } of read) {
    context.signal.throwIfAborted()
    yield await readItem(json, path, { media, ids, context })
  }
}

interface Reader {
  readonly media: MediaFinder
  /** Ids that are taken, by subset. */
  readonly ids: Map<string, Set<string>>
  readonly context: ReadContext
}

async function readItem(json: JsonObject, file: string, reader: Reader): Promise<SourceItem> {
  const { version: _v, flags: _f, shapes, imagePath, imageData, ...others } = json
  const { imageHeight, imageWidth, subset: stated, ...rest } = others
  const { context, ids } = reader
  const byPath = itemKeyOf(file)
  const wanted = keyOf(byPath, stated, file)
  const used = ids.get(wanted.subset) ?? new Set<string>()
  ids.set(wanted.subset, used)
  const key = { subset: wanted.subset, id: freeId(wanted.id, used) }
  const medium = await mediumOf(imagePath, imageData, file, reader)
  const statedSize = sizeOf(imageWidth, imageHeight)
  const size = sizeOf(medium.width, medium.height) ?? statedSize
  const where = `${key.subset}/${key.id}`
  const drafts: AnnotationDraft[] = []
  for (const [name, flag] of flagsOf(json)) {
    if (flag === true) drafts.push({ type: 'label', category: name })
  }
  for (const [at, shape] of (isArray(shapes) ? shapes : []).entries()) {
    try {
      const read = readShape(shape, { file, path: `shapes[${at}]` }, size)
      if ('draft' in read) drafts.push(read.draft)
      else context.onLoss({ what: `annotation: ${read.unknown}`, where })
    } catch (error) {
      skipOrThrow(error, file, context)
    }
  }
  const flags = flagsOf(json).filter(([, flag]) => flag !== true)
  const isUsual = imagePath === usualImage(file, medium.path)
  const own: JsonObject = {
    ...rest,
    ...(flags.length > 0 && { flags: Object.fromEntries(flags) }),
    ...(file !== usualPath(key) && { file }),
    ...(!isUsual && typeof imagePath === 'string' && { imagePath }),
  }
  return {
    ...key,
    media: [{ ...medium, ...(medium.width === undefined && statedSize) }],
    layers: { [GROUND_TRUTH]: drafts },
    ...(Object.keys(own).length > 0 && { extra: { labelme: own } }),
  }
}

/** Where folders do not tell the subset, the file does. */
function keyOf(byPath: ItemKey, stated: Json | undefined, file: string): ItemKey {
  if (typeof stated !== 'string' || stated === '') return byPath
  const whole = withoutExtension(file)
  const inside = whole.startsWith(`${stated}/`) ? whole.slice(stated.length + 1) : byPath.id
  const key = { subset: stated, id: stated === 'default' ? whole : inside }
  return isSameKey(key, byPath) ? byPath : key
}

/** The name of an image beside its file. */
function usualImage(file: string, image: string): string {
  const extension = extensionOf(image)
  const suffix = extension === '' ? '' : image.slice(-extension.length - 1)
  return `${withoutExtension(file.slice(folderOf(file).length))}${suffix}`
}

function sizeOf(width: Json | undefined, height: Json | undefined): ImageSize | undefined {
  return isSize(width) && isSize(height) ? { width, height } : undefined
}

function isSize(json: Json | undefined): json is number {
  return typeof json === 'number' && Number.isSafeInteger(json) && json > 0
}

/** The image is a file, or inside the annotations where there is none. */
async function mediumOf(
  imagePath: Json | undefined,
  imageData: Json | undefined,
  file: string,
  { media, context }: Reader,
): Promise<SourceMedia> {
  const hint = folderOf(file)
  const name = typeof imagePath === 'string' && imagePath !== '' ? imagePath : usualImage(file, '')
  const found = media.find(name, [hint])
  if (found !== undefined || typeof imageData !== 'string' || imageData === '') {
    const path = found ?? hint + safeMediaName(name)
    return { role: 'primary', path, ...((await context.probe(path)) ?? { kind: 'image' }) }
  }
  const bytes = Buffer.from(imageData, 'base64')
  const path = hint + safeMediaName(name)
  const info = await probeBytes(bytes, path)
  return { role: 'primary', path, ...info, content: async () => bytes }
}
