import {
  type AnnotationDraft,
  type DatasetStream,
  type Folder,
  formatSyntax,
  GROUND_TRUTH,
  type ReadContext,
  type SourceItem,
} from '@dsv/core'
import { isImagePath } from '../media/media-kind.ts'
import { type CsvIndex, indexCsv } from '../shared/csv-index.ts'
import { categoriesInOrder, readNameList } from '../shared/name-list.ts'
import { readAhead } from '../shared/read-ahead.ts'
import { skipOrThrow } from '../shared/skip-or-throw.ts'
import { MOT_LABELS } from './labels.ts'
import { layoutToJson } from './layout.ts'
import { COLUMNS, readRow } from './row.ts'
import { parseSeqInfo, type SeqInfo } from './seq-info.ts'
import { findSequences, frameOfFile, idOf, type Sequence } from './sequence.ts'

const HEAD_BYTES = 4096
const FILES_AT_ONCE = 16

/**
 * Reads sequences of the MOTChallenge. Of each, `gt/gt.txt` is looked through once; memory grows with
 * the rows of one sequence.
 *
 * @throws `DSV_FORMAT_SYNTAX`
 */
export async function readMot(folder: Folder, context: ReadContext): Promise<DatasetStream> {
  context.signal.throwIfAborted()
  const paths = await folder.list()
  const images = imagesByFolder(paths)
  const known = new Set(paths)
  const sequences: OpenSequence[] = []
  for (const sequence of findSequences(paths)) {
    sequences.push(await openSequence(folder, sequence, known, context))
  }
  const named = sequences.flatMap(({ info, subset, name }) => {
    const { name: title, frameRate } = info
    if (title === undefined && frameRate === undefined) return []
    const said = { ...(title !== undefined && { name: title }), ...(frameRate && { frameRate }) }
    return [[idOf({ name: subset }, name), said] as const]
  })
  return {
    schema: {
      categories: categoriesInOrder(sequences.flatMap(({ labels }) => labels)),
      attributes: [],
      info: named.length === 0 ? {} : { mot: { sequences: Object.fromEntries(named) } },
    },
    layout: layoutToJson(sequences),
    items: readSequences(folder, sequences, images, context),
  }
}

/** A sequence and what its small files say. */
interface OpenSequence extends Sequence {
  readonly info: SeqInfo
  readonly imDir: string
  readonly columns: number
  readonly hasLabels: boolean
  readonly labels: readonly string[]
  /** Undefined for sequences without ground truth. */
  readonly truth: string | undefined
}

async function openSequence(
  folder: Folder,
  sequence: Sequence,
  known: ReadonlySet<string>,
  context: ReadContext,
): Promise<OpenSequence> {
  const { root } = sequence
  const read = async <Result>(
    path: string,
    otherwise: Result,
    work: () => Promise<Result>,
  ): Promise<Result> => {
    try {
      return known.has(path) ? await work() : otherwise
    } catch (error) {
      skipOrThrow(error, path, context)
      return otherwise
    }
  }
  const [ini, list, truth] = [`${root}seqinfo.ini`, `${root}gt/labels.txt`, `${root}gt/gt.txt`]
  const info = await read<SeqInfo>(ini, {}, async () => parseSeqInfo(await folder.read(ini), ini))
  const labels = await read(list, MOT_LABELS, async () => readNameList(folder, list))
  return {
    ...sequence,
    info,
    imDir: plainFolder(info.imDir),
    labels,
    hasLabels: known.has(list),
    truth: known.has(truth) ? truth : undefined,
    columns: await read(truth, COLUMNS.length, async () => columnsOf(folder, truth)),
  }
}

/** A folder that leaves the sequence is none. */
function plainFolder(imDir = 'img1'): string {
  const segments = imDir.split(/[/\\]/u).filter((segment) => segment !== '' && segment !== '.')
  return segments.length === 0 || segments.includes('..') ? 'img1' : segments.join('/')
}

async function columnsOf(folder: Folder, path: string): Promise<number> {
  const file = await folder.open(path)
  try {
    const head = Buffer.from(await file.read(0, HEAD_BYTES)).toString('latin1')
    const columns = head.trimStart().split(/\r?\n/u)[0]?.split(',').length ?? 0
    return columns < 7 ? COLUMNS.length : Math.min(columns, 10)
  } finally {
    await file.close()
  }
}

function imagesByFolder(paths: readonly string[]): ReadonlyMap<string, readonly string[]> {
  const folders = new Map<string, string[]>()
  for (const path of paths) {
    if (!isImagePath(path)) continue
    const folder = path.slice(0, path.lastIndexOf('/') + 1)
    const images = folders.get(folder)
    if (images === undefined) folders.set(folder, [path])
    else images.push(path)
  }
  return folders
}

async function* readSequences(
  folder: Folder,
  sequences: readonly OpenSequence[],
  images: ReadonlyMap<string, readonly string[]>,
  context: ReadContext,
): AsyncGenerator<SourceItem> {
  for (const sequence of sequences) {
    const truth = await openTruth(folder, sequence, context)
    try {
      const own = images.get(`${sequence.root}${sequence.imDir}/`) ?? []
      const frames = framesOf(sequence, own, truth)
      const reading: Reading = { sequence, truth, context }
      yield* readAhead(frames, FILES_AT_ONCE, async (frame) => readFrame(frame, reading))
    } finally {
      await truth?.index.close()
    }
  }
}

/** The rows of a sequence by frame. */
interface Truth {
  readonly index: CsvIndex
  /** How the file writes each frame: `1`, and perhaps `1.0` too. */
  readonly keys: ReadonlyMap<number, readonly string[]>
}

async function openTruth(
  folder: Folder,
  { truth: path }: OpenSequence,
  context: ReadContext,
): Promise<Truth | undefined> {
  if (path === undefined) return undefined
  try {
    const keys = new Map<number, Set<string>>()
    const onRow = ([text = '']: readonly string[], number: number): void => {
      const frame = Number(text)
      if (!Number.isSafeInteger(frame) || frame < 0 || text.trim() === '') {
        const wrong = formatSyntax(path, `row ${number} should begin with the number of a frame`)
        skipOrThrow(wrong, path, context)
        return
      }
      const known = keys.get(frame)
      if (known === undefined) keys.set(frame, new Set([text]))
      else known.add(text)
    }
    const options = { columns: COLUMNS, keyColumn: () => 0, onRow }
    const index = await indexCsv(folder, path, options, context.signal)
    return { index, keys: new Map([...keys].map(([frame, texts]) => [frame, [...texts]])) }
  } catch (error) {
    skipOrThrow(error, path, context)
    return undefined
  }
}

/** A frame, with its image where there is one. */
interface Frame {
  readonly frame: number | undefined
  readonly image: string | undefined
}

/** All frames that have an image or rows; where there are no images, as many as there are said to be. */
function framesOf(
  { info }: OpenSequence,
  images: readonly string[],
  truth: Truth | undefined,
): readonly Frame[] {
  const frames = new Map<number, string | undefined>()
  const others: Frame[] = []
  for (const image of images) {
    const frame = frameOfFile(image)
    if (frame === undefined || frames.has(frame)) others.push({ frame: undefined, image })
    else frames.set(frame, image)
  }
  for (const frame of truth?.keys.keys() ?? []) {
    if (!frames.has(frame)) frames.set(frame, undefined)
  }
  for (let frame = 1; frame <= (info.seqLength ?? 0); frame++) {
    if (!frames.has(frame)) frames.set(frame, undefined)
  }
  const sorted = [...frames].toSorted(([a], [b]) => a - b)
  return [...sorted.map(([frame, image]) => ({ frame, image })), ...others]
}

/** What the frames of a sequence are read with. */
interface Reading {
  readonly sequence: OpenSequence
  readonly truth: Truth | undefined
  readonly context: ReadContext
}

async function readFrame(
  { frame, image }: Frame,
  { sequence, truth, context }: Reading,
): Promise<SourceItem> {
  context.signal.throwIfAborted()
  const { root, imDir, info, subset } = sequence
  const { width, height, imExt = '.jpg' } = info
  const name = frame === undefined ? (image ?? '') : `${String(frame).padStart(6, '0')}${imExt}`
  const probed = image === undefined ? undefined : await context.probe(image)
  const size = {
    ...(width !== undefined && { width }),
    ...(height !== undefined && { height }),
  }
  const path = image ?? `${root}${imDir}/${name}`
  const file = path.slice(path.lastIndexOf('/') + 1)
  return {
    subset,
    id: idOf(sequence, frame ?? file),
    media: [{ role: 'primary', path, ...size, ...probed, kind: 'image' }],
    layers: { [GROUND_TRUTH]: await readRows(frame, sequence, truth, context) },
  }
}

async function readRows(
  frame: number | undefined,
  { labels }: OpenSequence,
  truth: Truth | undefined,
  context: ReadContext,
): Promise<readonly AnnotationDraft[]> {
  if (truth === undefined || frame === undefined) return []
  const { index, keys } = truth
  const drafts: AnnotationDraft[] = []
  for (const key of keys.get(frame) ?? []) {
    for (const row of await index.rowsOf(key)) {
      try {
        drafts.push(readRow(row, { file: index.path, frame }, labels))
      } catch (error) {
        skipOrThrow(error, index.path, context)
      }
    }
  }
  return drafts
}
