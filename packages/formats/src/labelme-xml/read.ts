import {
  type AnnotationDraft,
  type DatasetStream,
  type Folder,
  formatSyntax,
  GROUND_TRUTH,
  type Json,
  maskGeometry,
  type ReadContext,
  type SourceItem,
  type SourceMedia,
} from '@dsv/core'
import { withoutExtension } from '../media/media-kind.ts'
import { categoriesNamed } from '../shared/class-names.ts'
import { DATASET_META, parseDatasetMeta } from '../shared/dataset-meta.ts'
import { freeId, idOfImage, nameToKeep } from '../shared/image-name.ts'
import { isObject } from '../shared/json-reader.ts'
import { decodeMaskPng } from '../shared/mask-png.ts'
import { type MediaFinder, mediaFinder, safeMediaName } from '../shared/media-finder.ts'
import { readAhead } from '../shared/read-ahead.ts'
import { skipOrThrow } from '../shared/skip-or-throw.ts'
import { elementToJson, parseXml, type XmlElement } from '../shared/xml-element.ts'
import { isDeleted, type LabelmeObject, nameOf, readObject, textOf } from './read-object.ts'

const WIDTH = 8

/** What the tool calls itself. */
export const SOURCE_ANNOTATION = 'LabelMe Webtool'

/**
 * Reads XML of LabelMe, a file for each image. All files are read once for the names of their objects,
 * then as a stream.
 *
 * @throws `DSV_FORMAT_SYNTAX`
 */
export async function readLabelmeXml(folder: Folder, context: ReadContext): Promise<DatasetStream> {
  context.signal.throwIfAborted()
  const paths = (await folder.list()).filter((path) => path.toLowerCase().endsWith('.xml'))
  const files: string[] = []
  const names = new Set<string>()
  const notes = readAhead(paths, WIDTH, async (path) => ({
    path,
    root: await rootOf(folder, path, context),
  }))
  for await (const { path, root } of notes) {
    context.signal.throwIfAborted()
    if (root === undefined) continue
    files.push(path)
    for (const object of objectsOf(root)) {
      if (!isDeleted(object) && nameOf(object) !== '') names.add(nameOf(object))
    }
  }
  const root = rootFolder(files[0] ?? '')
  const listed = await readLabels(folder, root + DATASET_META, context)
  if (files.length === 0 && listed === undefined) {
    const file = 'Annotations'
    skipOrThrow(formatSyntax(file, 'is missing, or holds no XML of LabelMe'), file, context)
  }
  const others = categoriesNamed(names).filter(({ name }) => listed?.includes(name) !== true)
  const categories = [...(listed ?? []).map((name) => ({ key: name, name })), ...others]
  return {
    schema: { categories, attributes: [], info: {} },
    layout: { version: 1, root, hasLabels: listed !== undefined },
    items: readItems(folder, files, root, context),
  }
}

async function readLabels(
  folder: Folder,
  path: string,
  context: ReadContext,
): Promise<readonly string[] | undefined> {
  if (!(await folder.has(path))) return undefined
  try {
    return parseDatasetMeta(await folder.read(path), path).map(({ name }) => name)
  } catch (error) {
    skipOrThrow(error, path, context)
    return undefined
  }
}

/** What stands before `Annotations/`. */
function rootFolder(path: string): string {
  return /^(?<root>(?:.*\/)?)Annotations\//u.exec(path)?.groups?.['root'] ?? ''
}

async function rootOf(
  folder: Folder,
  path: string,
  context: ReadContext,
): Promise<XmlElement | undefined> {
  try {
    const { root } = parseXml(await folder.read(path), path)
    if (root.name === 'annotation' && textOf(root, 'filename') !== '') return root
    throw formatSyntax(path, 'should hold an <annotation> with a <filename>')
  } catch (error) {
    skipOrThrow(error, path, context)
    return undefined
  }
}

function objectsOf({ children }: XmlElement): readonly XmlElement[] {
  return children.filter(({ name }) => name === 'object')
}

interface Reader {
  readonly folder: Folder
  readonly root: string
  readonly media: MediaFinder
  /** Ids that are taken, by subset. */
  readonly ids: Map<string, Set<string>>
  readonly context: ReadContext
}

async function* readItems(
  folder: Folder,
  files: readonly string[],
  root: string,
  context: ReadContext,
): AsyncGenerator<SourceItem> {
  const reader: Reader = { folder, root, media: await mediaFinder(folder), ids: new Map(), context }
  const read = readAhead(files, WIDTH, async (path) => ({
    path,
    document: parseXml(await folder.read(path), path).root,
  }))
  for await (const { path, document } of read) {
    context.signal.throwIfAborted()
    yield await readItem(document, path, reader)
  }
}

async function readItem(document: XmlElement, file: string, reader: Reader): Promise<SourceItem> {
  const { root, media, ids, context } = reader
  const filename = textOf(document, 'filename')
  const place = textOf(document, 'folder')
  const subset = place === '' ? 'default' : place
  const used = ids.get(subset) ?? new Set<string>()
  ids.set(subset, used)
  const id = freeId(idOfImage(filename), used)
  const hint = `${root}Images/${safeMediaName(subset)}/`
  const path = media.find(filename, [hint]) ?? hint + safeMediaName(filename)
  const stated = sizeOf(document)
  const primary: SourceMedia = {
    role: 'primary',
    path,
    kind: 'image',
    ...stated,
    ...(await context.probe(path)),
  }
  const { drafts, scribbles } = await readObjects(document, { file, subset, id, reader })
  const kept = nameToKeep(filename, id, path)
  const known: ReadonlySet<string> = new Set(['filename', 'folder', 'imagesize', 'object'])
  const rest = document.children.filter(({ name }) => !known.has(name))
  const isUsual = rest.length === 0 || (rest.length === 1 && isUsualSource(rest[0]))
  const deleted = objectsOf(document).filter(isDeleted)
  const own: Record<string, Json> = {
    ...(kept !== undefined && { filename: kept }),
    ...(place !== subset && { folder: place }),
    ...(file !== usualPath(root, subset, id) && { file }),
    ...(!isUsual && { rest: rest.map(elementToJson) }),
    ...(deleted.length > 0 && { deleted: deleted.map(elementToJson) }),
  }
  return {
    subset,
    id,
    media: [primary, ...scribbles],
    layers: { [GROUND_TRUTH]: drafts },
    ...(Object.keys(own).length > 0 && { extra: { 'labelme-xml': own } }),
  }
}

/** Returns where the annotations of an item usually are. */
export function usualPath(root: string, subset: string, id: string): string {
  return `${root}Annotations/${safeMediaName(subset)}/${safeMediaName(id)}.xml`
}

/** What we write ourselves. */
function isUsualSource(element: XmlElement | undefined): boolean {
  return (
    element?.name === 'source' &&
    element.children.length === 2 &&
    textOf(element, 'sourceImage') === '' &&
    textOf(element, 'sourceAnnotation') === SOURCE_ANNOTATION
  )
}

function sizeOf(document: XmlElement): { readonly width?: number; readonly height?: number } {
  const size = document.children.find(({ name }) => name === 'imagesize')
  const [width, height] = [textOf(size, 'ncols'), textOf(size, 'nrows')].map(Number)
  const isSize = Number.isSafeInteger(width) && Number.isSafeInteger(height)
  if (!isSize || width === undefined || height === undefined || width < 1 || height < 1) return {}
  return { width, height }
}

interface ItemPlace {
  readonly file: string
  readonly subset: string
  readonly id: string
  readonly reader: Reader
}

async function readObjects(
  document: XmlElement,
  place: ItemPlace,
): Promise<{ readonly drafts: readonly AnnotationDraft[]; readonly scribbles: SourceMedia[] }> {
  const { file, subset, id, reader } = place
  const { root, context } = reader
  const objects: LabelmeObject[] = []
  for (const element of objectsOf(document)) {
    try {
      if (!isDeleted(element)) objects.push(readObject(element, file))
    } catch (error) {
      skipOrThrow(error, file, context)
    }
  }
  const leaders = leadersOf(objects)
  const drafts: AnnotationDraft[] = []
  const scribbles: SourceMedia[] = []
  for (const object of objects) {
    const { draft, mask, scribble, group = leaders.get(object.id), parent } = object
    if (draft === undefined) {
      context.onLoss({
        what: 'annotation',
        where: `${subset}/${id}: object ${object.id}: no shape`,
      })
      continue
    }
    try {
      const whole = mask === undefined ? draft : await withMask(draft, mask, place)
      const nested = parent !== undefined && parent !== leaders.get(object.id)
      drafts.push({
        ...whole,
        ...(group !== undefined && { group }),
        ...(nested && { extra: withParent(whole.extra, parent) }),
      })
    } catch (error) {
      skipOrThrow(error, file, context)
    }
    const path = `${root}Scribbles/${safeMediaName(`${subset}/${scribble ?? ''}`)}`
    if (scribble === undefined || !(await reader.folder.has(path))) continue
    scribbles.push({
      role: 'scribble',
      path,
      ...((await context.probe(path)) ?? { kind: 'image' }),
    })
  }
  return { drafts, scribbles }
}

function withParent(
  extra: AnnotationDraft['extra'],
  parent: number,
): NonNullable<AnnotationDraft['extra']> {
  const own = extra?.['labelme-xml']
  return { ...extra, 'labelme-xml': { ...(isObject(own) && own), parent } }
}

/** The topmost object that each object is a part of, or that has parts itself. */
function leadersOf(objects: readonly LabelmeObject[]): ReadonlyMap<number, number> {
  const parents = new Map<number, number>()
  for (const { id, parent } of objects) if (parent !== undefined) parents.set(id, parent)
  for (const { id, parts } of objects) {
    for (const part of parts) if (!parents.has(part) && part !== id) parents.set(part, id)
  }
  const known = new Set(objects.map(({ id }) => id))
  const leaders = new Map<number, number>()
  for (const { id } of objects) {
    let top = id
    const seen = new Set([id])
    for (let up = parents.get(top); up !== undefined && known.has(up); up = parents.get(up)) {
      if (seen.has(up)) break
      seen.add(up)
      top = up
    }
    if (top !== id) {
      leaders.set(id, top)
      leaders.set(top, top)
    }
  }
  return leaders
}

async function withMask(
  draft: AnnotationDraft,
  name: string,
  { subset, id, reader, file }: ItemPlace,
): Promise<AnnotationDraft> {
  const { folder, root } = reader
  const path = `${root}Masks/${safeMediaName(`${subset}/${name}`)}`
  if (!(await folder.has(path)))
    throw formatSyntax(file, `names the mask "${path}", which is missing`)
  const mask = maskGeometry(decodeMaskPng(await folder.read(path), path))
  const usual = usualMask(id, draft.sourceId)
  if (name === usual) return { ...draft, ...mask }
  const own = draft.extra?.['labelme-xml']
  const extra = { ...draft.extra, 'labelme-xml': { ...(isObject(own) && own), mask: name } }
  return { ...draft, ...mask, extra }
}

/** Returns the name of the picture of a mask. */
export function usualMask(id: string, sourceId: string | number | undefined): string {
  return `${withoutExtension(`${safeMediaName(id)}.x`)}_mask_${sourceId ?? 0}.png`
}
