import type {
  AnnotatedItem,
  AttributeValue,
  DatasetView,
  Json,
  Media,
  WritableFolder,
  WriteContext,
} from '@dsv/core'
import { type ClassNames, classNames } from '../shared/class-names.ts'
import { isFileName, isRelativePath } from '../shared/is-path-name.ts'
import { isArray, isObject } from '../shared/json-reader.ts'
import {
  type Holdings,
  reportAnnotationLosses,
  reportItemLosses,
  reportSchemaLosses,
} from '../shared/report-losses.ts'
import { suffixOf } from '../shared/suffix-of.ts'
import { textPieces } from '../shared/text-pieces.ts'
import { isXmlText } from '../shared/xml-text.ts'
import { FRAME_LIST, TRACKLETS } from './find-files.ts'
import { formatTracklets } from './format-tracklets.ts'
import { usualFrame, usualFrameName } from './frame-names.ts'
import { attributeText } from './tracklets.ts'
import { collectTracks, type Cuboid, type Tracks } from './tracks.ts'

const HOLDS: Holdings = {
  format: 'kitti-raw',
  fields: new Set(['category', 'track', 'occluded', 'truncated']),
  attribute: (name, value) => isHeldAttribute(name, value),
  itemAttribute: (name) => name === 'frame',
}

/**
 * Writes point clouds, images, and the file of tracks of each subset. The cuboids of a subset are in
 * memory, since the file goes by object.
 */
export async function writeKittiRaw(
  dataset: DatasetView,
  folder: WritableFolder,
  context: WriteContext,
): Promise<Json> {
  context.signal.throwIfAborted()
  reportSchemaLosses(dataset.schema, HOLDS, context.onLoss)
  const names = classNames(dataset.schema, context.onLoss)
  const before = rootsOf(dataset.layout)
  const roots: { root: string; subset: string }[] = []
  for (const subset of dataset.subsets) {
    if (!isFileName(subset)) {
      context.onLoss({ what: 'item', where: `subset ${subset}` })
      continue
    }
    const isOne = dataset.subsets.length === 1 && subset === 'default'
    const root = before.get(subset) ?? (isOne ? '' : `${subset}/`)
    roots.push({ root, subset })
    await writeDrive({ dataset, folder, context, names, root }, subset)
  }
  names.reportUnused(context.onLoss)
  return { version: 1, roots }
}

interface Writer {
  readonly dataset: DatasetView
  readonly folder: WritableFolder
  readonly context: WriteContext
  readonly names: ClassNames
  readonly root: string
}

function rootsOf(layout: Json): ReadonlyMap<string, string> {
  const list = isObject(layout) && isArray(layout['roots']) ? layout['roots'] : []
  const pairs = list.flatMap((each) => {
    const { root, subset } = isObject(each) ? each : {}
    return typeof root === 'string' && typeof subset === 'string' ? [[subset, root] as const] : []
  })
  return new Map(pairs)
}

async function writeDrive(writer: Writer, subset: string): Promise<void> {
  const { dataset, folder, context, root } = writer
  const frames = await planFrames(dataset, subset)
  const tracks = collectTracks()
  for await (const item of dataset.items(subset)) {
    context.signal.throwIfAborted()
    const frame = frames.get(item.id)
    const where = `${subset}/${item.id}`
    const [medium] = item.media
    const isCloud = medium?.kind === 'point-cloud' && medium.frame === undefined
    if (frame === undefined || !isCloud || !isRelativePath(item.id)) {
      context.onLoss({ what: 'item', where })
      continue
    }
    await writeMedia(writer, item)
    addCuboids(writer, item, { frame, tracks })
  }
  const sorted = tracks.sorted()
  for (const [index, { number }] of sorted.entries()) {
    if (number !== undefined && number !== index + 1) {
      context.onLoss({ what: 'field: track', where: `${subset}: track ${number}` })
    }
  }
  await folder.write(root + TRACKLETS, textPieces(formatTracklets(sorted)))
  const isUsual = [...frames].every(([id, frame]) => id === usualFrameName(frame))
  if (isUsual) return
  const lines = [...frames].map(([id, frame]) => `${frame} ${id}\n`)
  await folder.write(root + FRAME_LIST, Buffer.from(lines.join('')))
}

/** Frames are what items say, what their names say, else the next that is free. */
async function planFrames(
  dataset: DatasetView,
  subset: string,
): Promise<ReadonlyMap<string, number>> {
  const frames = new Map<string, number>()
  const used = new Set<number>()
  const rest: string[] = []
  for await (const { id, attributes } of dataset.items(subset)) {
    const own = attributes?.['frame'] ?? usualFrame(id)
    const isOwn = typeof own === 'number' && Number.isSafeInteger(own) && own >= 0 && own < 1e10
    if (id.trim() !== id || /[\r\n]/u.test(id)) continue
    if (isOwn && !used.has(own)) {
      used.add(own)
      frames.set(id, own)
    } else rest.push(id)
  }
  let next = 0
  for (const id of rest) {
    while (used.has(next)) next += 1
    used.add(next)
    frames.set(id, next)
  }
  return frames
}

async function writeMedia({ folder, context, root }: Writer, item: AnnotatedItem): Promise<void> {
  const [cloud, ...others] = item.media
  const images = others.filter(({ role, kind }) => /^image_\d+$/iu.test(role) && kind === 'image')
  const media: Media[] = item.media.filter((medium) => !images.includes(medium))
  reportItemLosses({ ...item, media }, HOLDS, context.layer, context.onLoss)
  if (cloud?.blob !== undefined) {
    const path = `${root}velodyne_points/data/${item.id}${suffixOf(cloud.path, '.bin')}`
    await folder.placeMedia(path, cloud)
  }
  for (const image of images) {
    // The folder keeps the spelling that it had.
    const camera = /([^/]+)\/data\/[^/]*$/u.exec(image.path)?.[1] ?? image.role
    const name = camera.toLowerCase() === image.role ? camera : image.role
    const path = `${root}${name}/data/${item.id}${suffixOf(image.path, '.png')}`
    if (image.blob !== undefined) await folder.placeMedia(path, image)
  }
}

function addCuboids(
  { context, names }: Writer,
  item: AnnotatedItem,
  { frame, tracks }: { readonly frame: number; readonly tracks: Tracks },
): void {
  const where = `${item.subset}/${item.id}`
  for (const annotation of item.layers[context.layer] ?? []) {
    const isOwn = annotation.type === 'cuboid-3d' && isFinite(annotation)
    const name = isOwn ? names.use(annotation.category) : undefined
    if (!isOwn || name === undefined || name.trim() !== name || name === '' || !isXmlText(name)) {
      context.onLoss({ what: `annotation: ${annotation.type}`, where })
      continue
    }
    const { outside, truncated } = annotation
    const fields = new Set(HOLDS.fields)
    if (outside === true) fields.add('outside')
    if (outside === true && truncated !== undefined) fields.delete('truncated')
    reportAnnotationLosses(annotation, { ...HOLDS, fields }, where, context.onLoss)
    if (!tracks.add(frame, annotation, name) && annotation.track !== undefined) {
      context.onLoss({ what: 'field: track', where })
    }
  }
}

function isFinite({ position, rotation, size }: Cuboid): boolean {
  return [...position, ...rotation, ...size].every((each) => Number.isFinite(each))
}

function isHeldAttribute(name: string, value: AttributeValue): boolean {
  const text = attributeText(value)
  return name !== '' && isXmlText(name) && text !== undefined && isXmlText(text)
}
