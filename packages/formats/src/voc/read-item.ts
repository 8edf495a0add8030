import {
  type AnnotationDraft,
  type Folder,
  type Json,
  type MediaSource,
  type ReadContext,
  type SourceItem,
} from '@dsv/core'
import { isObject } from '../shared/json-reader.ts'
import { isImagePath } from '../media/media-kind.ts'
import { filenameOf, sizeOf, usualImagePath, usualSets } from './item-facts.ts'
import { type Plane, readClassPlane, readObjectPlane } from './mask-planes.ts'
import type { MaskTable } from './mask-table.ts'
import { readAnnotation, type VocAnnotation } from './read-annotation.ts'
import { readMasks } from './read-masks.ts'
import { type VocEntry, type VocFiles, reportOrThrow } from './voc-files.ts'
import { childOf, elementToJson, parseXml, type XmlElement } from '../shared/xml-element.ts'

/** What reading one image needs. */
export interface ItemReader {
  readonly folder: Folder
  readonly files: VocFiles
  readonly table: MaskTable
  readonly context: ReadContext
  /** What XML files say that were read before, by path; taken out when used. */
  readonly annotations: Map<string, VocAnnotation>
}

/**
 * Reads all that the files say about one image; undefined when they were skipped because of a problem.
 *
 * @throws `DSV_FORMAT_SYNTAX`
 */
export async function readItem(
  reader: ItemReader,
  entry: VocEntry,
): Promise<SourceItem | undefined> {
  const { context } = reader
  context.signal.throwIfAborted()
  const file = entry.xml ?? entry.base
  try {
    const annotation = await readXml(reader, entry)
    const medium = await readMedium(reader, entry, annotation)
    const masks = await readMaskFiles(reader, entry, annotation?.objectCount ?? 0)
    const drafts = [...labelsOf(entry), ...linkedBoxes(annotation, masks), ...masks]
    compareActions(reader, entry, annotation)
    const voc = extraOf({ reader, entry, annotation, medium, masks })
    return {
      subset: entry.subset,
      id: entry.id,
      media: medium === undefined ? [] : [medium],
      ...(Object.keys(voc).length > 0 ? { extra: { voc } } : {}),
      layers: { ground_truth: drafts },
    }
  } catch (error) {
    reportOrThrow(error, file, context)
    return undefined
  }
}

async function readXml(
  { folder, context, annotations }: ItemReader,
  { xml }: VocEntry,
): Promise<VocAnnotation | undefined> {
  if (xml === undefined) return undefined
  const known = annotations.get(xml)
  if (annotations.delete(xml)) return known
  const { root } = parseXml(await folder.read(xml), xml)
  return readAnnotation(
    root,
    xml,
    context.onError === 'fail'
      ? undefined
      : (message) => context.onProblem({ file: xml, message: `${xml}: ${message}.` }),
  )
}

async function readMedium(
  { files, context }: ItemReader,
  entry: VocEntry,
  annotation: VocAnnotation | undefined,
): Promise<MediaSource | undefined> {
  const path = imagePathOf(files, entry, annotation?.filename)
  if (path === undefined) return undefined
  const info = files.paths.has(path) ? await context.probe(path) : undefined
  if (info !== undefined) return { role: 'primary', path, ...info }
  const [width, height, channels] = annotation?.size ?? []
  return {
    role: 'primary',
    path,
    kind: 'image',
    ...(width === undefined ? {} : { width }),
    ...(height === undefined ? {} : { height }),
    ...(channels === undefined ? {} : { channels }),
  }
}

/** The image that the file names, else the one of the same name, else where it should have been. */
function imagePathOf(
  { layout, paths, images }: VocFiles,
  entry: VocEntry,
  filename: string | undefined,
): string | undefined {
  if (filename === undefined || filename === '') return entry.image
  const name = filename.replaceAll('\\', '/')
  const folder = layout.root + layout.images
  const beside = folderOf(entry.xml ?? entry.image ?? '')
  const candidates = [folder + folderOf(entry.base) + name, folder + name, beside + name]
  const found = candidates.find((path) => paths.has(path) && isImagePath(path))
  const named = found ?? entry.image ?? images.get(name) ?? images.get(folderOf(entry.base) + name)
  if (named !== undefined) return named
  const last = name.slice(name.lastIndexOf('/') + 1)
  // A name that leads out of the folder is kept as it is in the XML, but never used as a path.
  if (last === '' || last === '.' || last === '..' || /\p{Cc}/u.test(last)) return undefined
  const isPlain = name.split('/').every((part) => !['', '.', '..', '.git', '.dsv'].includes(part))
  if (!isPlain || name.includes(':')) return last.includes(':') ? undefined : folder + last
  return layout.kind === 'flat' ? beside + name : folder + name
}

function folderOf(path: string): string {
  return path.slice(0, path.lastIndexOf('/') + 1)
}

async function readMaskFiles(
  { folder, table }: ItemReader,
  { classMask, objectMask }: VocEntry,
  objectCount: number,
): Promise<readonly AnnotationDraft[]> {
  if (classMask === undefined && objectMask === undefined) return []
  let [classes, objects]: [Plane | undefined, Plane | undefined] = [undefined, undefined]
  if (classMask !== undefined) {
    classes = readClassPlane(await folder.read(classMask), classMask, table)
  }
  if (objectMask !== undefined) objects = readObjectPlane(await folder.read(objectMask), objectMask)
  return readMasks(
    {
      ...(classes === undefined ? {} : { classes }),
      ...(objects === undefined ? {} : { objects }),
    },
    table,
    objectCount,
    objectMask ?? classMask ?? '',
  )
}

function labelsOf({ labels }: VocEntry): readonly AnnotationDraft[] {
  return [...labels].map(([category, isPresent]) => ({
    type: 'label',
    category,
    ...(isPresent ? {} : { attributes: { difficult: true } }),
  }))
}

/** Objects that have a mask get its group. */
function linkedBoxes(
  annotation: VocAnnotation | undefined,
  masks: readonly AnnotationDraft[],
): readonly AnnotationDraft[] {
  const groups = new Set(masks.map(({ group }) => group))
  let ordinal = 0
  return (annotation?.boxes ?? []).map((box) => {
    if (isPartBox(box)) return box
    ordinal += 1
    return groups.has(ordinal) && box.group === undefined ? { ...box, group: ordinal } : box
  })
}

/** Returns whether a box is written as part of another. */
export function isPartBox({ extra }: AnnotationDraft): boolean {
  return isObject(extra?.['voc']) && extra['voc']['part'] === true
}

function compareActions(
  { context }: ItemReader,
  { actions, subset, id }: VocEntry,
  annotation: VocAnnotation | undefined,
): void {
  if (actions.size === 0) return
  const objects = (annotation?.boxes ?? []).filter((box) => !isPartBox(box))
  for (const [place, flag] of actions) {
    const space = place.indexOf(' ')
    const name = place.slice(space + 1)
    const stated = objects[Number(place.slice(0, space)) - 1]?.attributes?.[name]
    if (stated === (flag === 1)) continue
    context.onLoss({ what: `attribute: ${name}`, where: `${subset}/${id}` })
  }
}

/** All that is known of an item when its `extra` is made. */
interface Known {
  readonly reader: ItemReader
  readonly entry: VocEntry
  readonly annotation: VocAnnotation | undefined
  readonly medium: MediaSource | undefined
  readonly masks: readonly AnnotationDraft[]
}

/** What has to be remembered because writing would not make it by itself. */
function extraOf(known: Known): Record<string, Json> {
  const { reader, entry, annotation, medium, masks } = known
  const { layout } = reader.files
  const voc: Record<string, Json> = {}
  if (entry.isElsewhere) voc['file'] = entry.base
  if (medium !== undefined && medium.path !== usualImagePath(layout, entry.base, medium.path)) {
    voc['image'] = medium.path
  }
  const hasMaskFile = entry.classMask !== undefined || entry.objectMask !== undefined
  const sets = Object.fromEntries([...entry.sets].toSorted(([a], [b]) => (a < b ? -1 : 1)))
  if (layout.sets.length > 0 && !isUsual(entry, usualSets(entry, masks.length > 0, layout))) {
    voc['sets'] = sets
  }
  if (hasMaskFile) {
    const empty = emptyMasks(entry, masks)
    if (empty.length > 0) voc['emptyMasks'] = empty
  }
  if (annotation === undefined) voc['absent'] = ['xml']
  else addXmlFields(known, annotation, voc)
  return voc
}

function isUsual({ sets }: VocEntry, usual: readonly string[]): boolean {
  return sets.size === usual.length && usual.every((set) => sets.get(set)?.length === 0)
}

function emptyMasks(entry: VocEntry, masks: readonly AnnotationDraft[]): readonly string[] {
  const numbers = masks.map(({ extra, category }) => {
    const voc = extra?.['voc']
    const fields = isObject(voc) ? voc : {}
    return {
      hasClass: category !== undefined || 'class' in fields,
      hasObject: fields['object'] !== 0,
    }
  })
  return [
    ...(entry.classMask !== undefined && !numbers.some(({ hasClass }) => hasClass)
      ? ['class']
      : []),
    ...(entry.objectMask !== undefined && !numbers.some(({ hasObject }) => hasObject)
      ? ['object']
      : []),
  ]
}

function addXmlFields(
  { reader, medium, masks }: Known,
  annotation: VocAnnotation,
  voc: Record<string, Json>,
): void {
  const { layout } = reader.files
  const size = sizeOf(medium)
  const names = new Set(annotation.others.map(({ name }) => name))
  const expected = medium === undefined ? undefined : filenameOf(layout, medium.path)
  if (annotation.filename !== undefined && annotation.filename !== expected) {
    voc['filename'] = annotation.filename
  }
  const absent = [
    ...(names.has('folder') ? [] : ['folder']),
    ...(annotation.filename === undefined && medium !== undefined ? ['filename'] : []),
    ...(names.has('size') || size === undefined ? [] : ['size']),
    ...(names.has('segmented') ? [] : ['segmented']),
  ]
  if (absent.length > 0) voc['absent'] = absent
  const segmented = masks.length > 0 ? '1' : '0'
  const elements = annotation.others.filter((element) => {
    if (element.name === 'folder') return !isText(element, '')
    if (element.name === 'segmented') return !isText(element, segmented)
    return element.name !== 'size' || !isSize(element, size)
  })
  if (elements.length > 0) voc['elements'] = elements.map(elementToJson)
}

function isText({ children, attributes, text }: XmlElement, expected: string): boolean {
  return children.length === 0 && attributes.length === 0 && text.trim() === expected
}

function isSize(
  element: XmlElement,
  size: readonly [number, number, number | undefined] | undefined,
): boolean {
  if (size === undefined) return false
  const [width, height, depth] = size
  const fields = { width, height, ...(depth === undefined ? {} : { depth }) }
  const entries = Object.entries(fields)
  return (
    element.children.length === entries.length &&
    entries.every(([name, number]) => {
      const child = childOf(element, name)
      return child !== undefined && isText(child, String(number))
    })
  )
}
