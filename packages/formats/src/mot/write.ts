import type {
  AnnotatedItem,
  CategoryKey,
  DatasetView,
  Json,
  Media,
  WritableFolder,
  WriteContext,
} from '@dsv/core'
import { spoolFile, type SpoolFile } from '../folder/spool-file.ts'
import { extensionOf } from '../media/media-kind.ts'
import { isObject } from '../shared/json-reader.ts'
import { nameList } from '../shared/name-list.ts'
import {
  type Holdings,
  imageOf,
  reportItemLosses,
  reportSchemaLosses,
} from '../shared/report-losses.ts'
import { MOT_LABELS } from './labels.ts'
import { layoutFromJson, layoutToJson, type SequenceLayout } from './layout.ts'
import { keepsId, planFrames, type PlannedSequence } from './plan-frames.ts'
import { type TrackIds, writeRow } from './row.ts'
import { seqInfoText } from './seq-info.ts'
import { framePlace, frameOfFile, idOf, isSubsetFolder } from './sequence.ts'

const HOLDS: Holdings = { format: 'mot', fields: new Set() }
/** What `seqinfo.ini` says where nothing is known; readers want a number. */
const USUAL_FRAME_RATE = '30'

/** Writes `gt/gt.txt`, `gt/labels.txt`, `seqinfo.ini` and images for each sequence. */
export async function writeMot(
  dataset: DatasetView,
  folder: WritableFolder,
  context: WriteContext,
): Promise<Json> {
  context.signal.throwIfAborted()
  const before = layoutFromJson(dataset.layout)
  reportSchemaLosses(dataset.schema, HOLDS, context.onLoss)
  const { categories } = dataset.schema
  const labels = nameList(categories, context.onLoss)
  const classIds = new Map(categories.map(({ key }, at) => [key, at + 1]))
  const isUsual = categories.map(({ name }) => name).join('\n') === MOT_LABELS.join('\n')
  const written: SequenceLayout[] = []
  for (const subset of dataset.subsets.length === 0 ? ['default'] : dataset.subsets) {
    const planned = await planFrames(dataset, subset, before, context)
    const isEmpty = planned.length === 0 && categories.length > 0 && written.length === 0
    const sequences = isEmpty ? [emptySequence(subset)] : planned
    const isPlain = subset === 'default' || isSubsetFolder(subset)
    if (!isPlain) context.onLoss({ what: 'item', where: `subset ${subset}` })
    const withLabels = sequences.map((each) => ({ ...each, hasLabels: each.hasLabels || !isUsual }))
    await writeSubset({ dataset, folder, context, subset, classIds }, withLabels, labels)
    for (const each of withLabels) written.push(each)
  }
  return layoutToJson(written)
}

/** Categories without items have to be said somewhere. */
function emptySequence(subset: string): PlannedSequence {
  const root = subset === 'default' ? '' : `${subset}/`
  const shape = { imDir: 'img1', columns: 9, hasLabels: true, image: undefined }
  return { subset, name: '', root, ...shape, frames: new Map() }
}

interface Writer {
  readonly dataset: DatasetView
  readonly folder: WritableFolder
  readonly context: WriteContext
  readonly subset: string
  readonly classIds: ReadonlyMap<CategoryKey, number>
}

/** Where the rows of a frame are in the spool. */
interface FrameRows {
  readonly frame: number
  readonly offset: number
  readonly length: number
}

async function writeSubset(
  writer: Writer,
  sequences: readonly PlannedSequence[],
  labels: string,
): Promise<void> {
  const { dataset, folder, context, subset } = writer
  const byName = new Map(sequences.map((sequence) => [sequence.name, sequence]))
  const rows = new Map<string, FrameRows[]>(sequences.map(({ name }) => [name, []]))
  const tracks = new Map(sequences.map(({ name }) => [name, trackIds()]))
  const spool = spoolFile()
  try {
    for await (const item of dataset.items(subset)) {
      context.signal.throwIfAborted()
      const medium = imageOf(item, context.onLoss)
      const sequence = byName.get(framePlace(item).name)
      const ids = tracks.get(sequence?.name ?? '')
      if (medium === undefined || sequence === undefined || ids === undefined) continue
      const frame = sequence.frames.get(item.id) ?? 0
      const text = rowsOf(item, frame, sequence, { ...writer, trackIds: ids })
      const bytes = Buffer.from(text)
      const offset = spool.append(bytes)
      await spool.settle()
      if (bytes.length > 0) rows.get(sequence.name)?.push({ frame, offset, length: bytes.length })
      if (medium.blob !== undefined) {
        await folder.placeMedia(imagePath(frame, medium, sequence), medium)
      }
    }
    for (const sequence of sequences) {
      const sorted = (rows.get(sequence.name) ?? []).toSorted((a, b) => a.frame - b.frame)
      await folder.write(`${sequence.root}gt/gt.txt`, inOrder(spool, sorted))
      if (sequence.hasLabels) {
        await folder.write(`${sequence.root}gt/labels.txt`, Buffer.from(labels))
      }
      await writeSeqInfo(sequence, writer)
    }
  } finally {
    await spool.close()
  }
}

async function* inOrder(spool: SpoolFile, rows: readonly FrameRows[]): AsyncGenerator<Uint8Array> {
  for (const { offset, length } of rows) yield spool.read(offset, length)
}

function rowsOf(
  item: AnnotatedItem,
  frame: number,
  { columns }: PlannedSequence,
  { context, classIds, trackIds: ids }: Writer & { readonly trackIds: TrackIds },
): string {
  const { layer, onLoss } = context
  const where = `${item.subset}/${item.id}`
  reportItemLosses(item, HOLDS, layer, onLoss)
  if (!keepsId(item)) onLoss({ what: 'item id', where })
  const row = { columns, classIds, trackIds: ids }
  return (item.layers[layer] ?? [])
    .flatMap((annotation) => writeRow(annotation, frame, row, { where, onLoss }) ?? [])
    .join('')
}

/** Numbers stay; other names get numbers from 1,000,000 on. */
function trackIds(): TrackIds {
  const numbers = new Map<number | string, number>()
  let next = 1_000_000
  return {
    numberOf: (track) => {
      if (typeof track === 'number' && Number.isSafeInteger(track) && track >= 0) return track
      const known = numbers.get(track)
      if (known !== undefined) return known
      numbers.set(track, next)
      return next++
    },
  }
}

/** The image stays where it was when its name says the frame. */
function imagePath(frame: number, { path }: Media, { root, imDir }: PlannedSequence): string {
  const folder = `${root}${imDir}/`
  const name = path.slice(path.lastIndexOf('/') + 1)
  if (path === folder + name && frameOfFile(name) === frame) return path
  const extension = extensionOf(path)
  const suffix = extension === '' ? '.jpg' : path.slice(-extension.length - 1)
  return `${folder}${String(frame).padStart(6, '0')}${suffix}`
}

/** A sequence that has gaps, or images of several sizes, is not one that the file can describe. */
async function writeSeqInfo(
  { subset, name, root, imDir, frames, image }: PlannedSequence,
  { dataset, folder, context }: Writer,
): Promise<void> {
  const key = idOf({ name: subset }, name)
  const info = dataset.schema.info['mot']
  const all = isObject(info) ? info['sequences'] : undefined
  const own = isObject(all) ? all[key] : undefined
  const said = isObject(own) ? own : {}
  const numbers = new Set(frames.values())
  const isWhole =
    numbers.size === frames.size && [...numbers].every((at) => at >= 1 && at <= frames.size)
  if (!isWhole || image === undefined || frames.size === 0) {
    if (own !== undefined) context.onLoss({ what: 'info: mot', where: key })
    return
  }
  const { width, height, ext } = image
  const line = (value: unknown, otherwise: string): string =>
    typeof value === 'string' ? value.replaceAll(/[\r\n]/gu, ' ') : otherwise
  const text = seqInfoText({
    name: line(said['name'], name === '' ? subset : name.replaceAll('/', '-')),
    frameRate: line(said['frameRate'], USUAL_FRAME_RATE),
    imDir,
    seqLength: frames.size,
    width,
    height,
    imExt: ext,
  })
  await folder.write(`${root}seqinfo.ini`, Buffer.from(text))
}
