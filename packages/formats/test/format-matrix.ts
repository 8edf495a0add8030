import type {
  AnnotationDraft,
  AnnotationType,
  Folder,
  Format,
  FormatAdapter,
  Loss,
  Media,
  MediaInfo,
  Schema,
  SourceItem,
  WritableFolder,
} from '@dsv/core'
import { isDsvError } from '@dsv/core'
import { formatNames, loadAdapter, memoryFile, probeMedia } from '@dsv/formats'
import { deflateSync } from 'node:zlib'
import { memoryDatasetView } from './dataset-view.ts'
import { memoryFolder } from './memory-folder.ts'
import {
  SAMPLE_HEIGHT,
  SAMPLE_TYPES,
  SAMPLE_WIDTH,
  sampleAnnotation,
} from './sample-annotations.ts'

/**
 * What becomes of an annotation that is written and read: `kept` to a thousandth of a pixel; `rounded` to a
 * pixel; `changed` into annotations of other types or shapes; `dropped`; `refused` with an error.
 */
export interface Fate {
  readonly kind: 'kept' | 'rounded' | 'changed' | 'dropped' | 'refused'
  /** What it becomes: types that are read. */
  readonly into: readonly string[]
  /** Whether a loss was reported because of it, or its item was. */
  readonly isReported: boolean
}

/** What a format makes of one type, in the variant that keeps most; the default where it is as good. */
export interface MatrixCell extends Fate {
  readonly type: AnnotationType
  /** Undefined for the default variant. */
  readonly variant: string | undefined
  /** Variants that neither keep the annotation nor report anything. */
  readonly silent: readonly string[]
}

/** One format with its cells, none when it is only read. */
export interface MatrixRow {
  readonly format: Format
  readonly cells: readonly MatrixCell[]
}

const SCHEMA: Schema = {
  categories: [
    { key: 'cat', name: 'cat', skeleton: { points: ['head', 'tail'], edges: [[0, 1]] } },
  ],
  attributes: [],
  info: {},
}

const RANKS: readonly Fate['kind'][] = ['kept', 'rounded', 'changed', 'dropped', 'refused']

/** Writes and reads an annotation of each type in each format. */
export async function formatMatrix(names: readonly string[] = formatNames): Promise<MatrixRow[]> {
  const rows: MatrixRow[] = []
  for (const name of names) {
    const adapter = await loadAdapter(name)
    const { format } = adapter
    const cells: MatrixCell[] = []
    if (format.canWrite !== false)
      for (const type of SAMPLE_TYPES) cells.push(await cellOf(adapter, type))
    rows.push({ format, cells })
  }
  return rows
}

async function cellOf(adapter: FormatAdapter, type: AnnotationType): Promise<MatrixCell> {
  const [first, ...others] = adapter.format.variants
  const tries: MatrixCell[] = []
  for (const variant of [undefined, ...others])
    for (const medium of mediaFor(type)) {
      const fate = await fateOf(adapter, type, medium, variant)
      const isSilent = fate.kind !== 'kept' && fate.kind !== 'refused' && !fate.isReported
      const silent = isSilent ? [variant ?? first ?? 'default'] : []
      tries.push({ type, variant, silent, ...fate })
    }
  // The sort is stable: the default comes first among equals.
  const [best] = tries.toSorted((a, b) => RANKS.indexOf(a.kind) - RANKS.indexOf(b.kind))
  if (best === undefined) throw new Error('there is always the default variant')
  return { ...best, silent: [...new Set(tries.flatMap(({ silent }) => silent))] }
}

function mediaFor(type: AnnotationType): readonly MediaInfo['kind'][] {
  return type === 'cuboid-3d' ? ['point-cloud', 'image'] : ['image']
}

async function fateOf(
  adapter: FormatAdapter,
  type: AnnotationType,
  kind: MediaInfo['kind'],
  variant: string | undefined,
): Promise<Fate> {
  const context = type === 'relation' ? [sampleAnnotation('box'), sampleAnnotation('box')] : []
  const sample = sampleAnnotation(type)
  const without = await roundTrip(adapter, itemWith(context, kind), variant).catch(nothing)
  try {
    const found = await roundTrip(adapter, itemWith([...context, sample], kind), variant)
    const read = found.annotations.slice(without.annotations.length)
    const isItemLost = found.losses.some(({ what }) => what === 'item')
    const isMoreLost = countsOf(found.losses).some(
      ([what, count]) => count > (new Map(countsOf(without.losses)).get(what) ?? 0),
    )
    const into = [...new Set(read.map((each) => each.type))].toSorted()
    return { ...compare(sample, read), into, isReported: isItemLost || isMoreLost }
  } catch (error) {
    if (!isDsvError(error)) throw error
    return { kind: 'refused', into: [], isReported: true }
  }
}

/** What an item without annotation gives in formats that cannot have one. */
function nothing(error: unknown): { readonly annotations: []; readonly losses: [] } {
  if (!isDsvError(error)) throw error
  return { annotations: [], losses: [] }
}

function compare(sample: AnnotationDraft, read: readonly AnnotationDraft[]): Pick<Fate, 'kind'> {
  if (read.length === 0) return { kind: 'dropped' }
  const closest = Math.min(...read.map((each) => distance(sample, each)))
  if (closest <= 1e-3) return { kind: 'kept' }
  return { kind: closest <= 1 ? 'rounded' : 'changed' }
}

/** The largest difference of a number of the shape; infinite when anything else differs. */
function distance(sample: AnnotationDraft, read: AnnotationDraft): number {
  if (sample.type === 'relation' && read.type === 'relation') return 0
  if (sample.category !== read.category) return Infinity
  let largest = 0
  const visit = (a: unknown, b: unknown): void => {
    if (typeof a === 'number' && typeof b === 'number') {
      largest = Math.max(largest, Math.abs(a - b))
    } else if (typeof a === 'object' && a !== null && typeof b === 'object' && b !== null) {
      const keys = new Set([...Object.keys(a), ...Object.keys(b)])
      for (const key of keys) visit(Reflect.get(a, key), Reflect.get(b, key))
    } else if (a !== b) largest = Infinity
  }
  visit(shapeOf(sample), shapeOf(read))
  return largest
}

/** Fields that are no part of the shape. */
const COMMON = new Set(
  'uid category attributes score group track zOrder occluded outside truncated crowd area box sourceId extra provenance closed language unit'.split(
    ' ',
  ),
)

function shapeOf(draft: AnnotationDraft): Readonly<Record<string, unknown>> {
  return Object.fromEntries(Object.entries(draft).filter(([name]) => !COMMON.has(name)))
}

function countsOf(losses: readonly Loss[]): readonly (readonly [string, number])[] {
  const counts = new Map<string, number>()
  for (const { what } of losses) counts.set(what, (counts.get(what) ?? 0) + 1)
  return [...counts]
}

/** Writes items whose media have pixels, into a folder in memory. */
export async function writeSample(
  adapter: FormatAdapter,
  items: readonly SourceItem[],
  variant: string | undefined,
  onLoss: (loss: Loss) => void,
): Promise<Folder> {
  const folder = realMediaFolder()
  await adapter.write(memoryDatasetView(SCHEMA, items), folder, {
    signal: new AbortController().signal,
    onLoss,
    variant,
    layer: 'ground_truth',
    readMedia: async (media) => mediaBytes(media),
  })
  return folder
}

/** Returns an item with some annotations, and a medium of a kind. */
export function itemWith(
  annotations: readonly AnnotationDraft[],
  kind: MediaInfo['kind'],
): SourceItem {
  const path = `images/${kind === 'image' ? 'a1.png' : 'a1.pcd'}`
  const size = kind === 'image' ? { width: SAMPLE_WIDTH, height: SAMPLE_HEIGHT, channels: 3 } : {}
  return {
    subset: 'train',
    id: 'a1',
    media: [{ role: 'primary', path, kind, ...size }],
    layers: { ground_truth: annotations },
  }
}

async function roundTrip(
  adapter: FormatAdapter,
  item: SourceItem,
  variant: string | undefined,
): Promise<{ readonly annotations: readonly AnnotationDraft[]; readonly losses: readonly Loss[] }> {
  const { signal } = new AbortController()
  const losses: Loss[] = []
  const onLoss = (loss: Loss): void => void losses.push(loss)
  const folder = await writeSample(adapter, [item], variant, onLoss)
  const stream = await adapter.read(folder, {
    signal,
    onLoss,
    onError: 'fail',
    onProblem: () => {},
    probe: async (path) => probeMedia(folder, path),
  })
  const annotations: AnnotationDraft[] = []
  const names = new Map(stream.schema.categories.map(({ key, name }) => [key, name]))
  for await (const each of stream.items)
    for (const draft of Object.values(each.layers).flat()) {
      const category = draft.category === undefined ? undefined : names.get(draft.category)
      annotations.push(category === undefined ? draft : { ...draft, category })
    }
  return { annotations, losses }
}

/** A folder in memory whose media have pixels. */
function realMediaFolder(): Folder & WritableFolder {
  const folder = memoryFolder()
  return {
    ...folder,
    placeMedia: async (path, media) => folder.write(path, mediaBytes(media)),
    open: async (path) => memoryFile(await folder.read(path)),
  }
}

/** Returns the bytes of a medium: grey pixels, or a point cloud without points. */
export function mediaBytes({ kind, width = 1, height = 1 }: Media): Uint8Array {
  return kind === 'image' ? greyPng(width, height) : Buffer.from('# .PCD v0.7\n')
}

function greyPng(width: number, height: number): Uint8Array {
  const header = Buffer.alloc(13)
  header.writeUInt32BE(width, 0)
  header.writeUInt32BE(height, 4)
  header.set([8, 2], 8)
  const rows = Buffer.alloc(height * (1 + width * 3))
  return Buffer.concat([
    Buffer.from('\x89PNG\r\n\x1a\n', 'latin1'),
    pngChunk('IHDR', header),
    pngChunk('IDAT', deflateSync(rows)),
    pngChunk('IEND', Buffer.alloc(0)),
  ])
}

function pngChunk(name: string, data: Buffer): Buffer {
  const chunk = Buffer.alloc(12 + data.length)
  chunk.writeUInt32BE(data.length, 0)
  chunk.write(name, 4, 'latin1')
  data.copy(chunk, 8)
  chunk.writeUInt32BE(crc(chunk.subarray(4, 8 + data.length)), 8 + data.length)
  return chunk
}

function crc(bytes: Uint8Array): number {
  let value = 0xffffffff
  for (const byte of bytes) {
    value ^= byte
    for (let bit = 0; bit < 8; bit++) value = value & 1 ? (value >>> 1) ^ 0xedb88320 : value >>> 1
  }
  return (value ^ 0xffffffff) >>> 0
}
