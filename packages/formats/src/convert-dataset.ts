import {
  type DatasetRecord,
  type DatasetView,
  datasetView,
  exportLossy,
  fileNotFound,
  type FormatProvider,
  type FrameCursor,
  type FrameSource,
  frameSource,
  GROUND_TRUTH,
  importDataset,
  type LossCounter,
  lossCounter,
  type LossSummary,
  type Media,
  type Progress,
  type ReadContext,
  withOutput,
  type WritableFolder,
  type WriteContext,
  isFramePicture,
} from '@dsv/core'
import { type BlobId, folderDriver, hashBlob, type ObjectStore, Store } from '@dsv/store'
import { existsSync, mkdirSync, mkdtempSync, realpathSync, rmSync } from 'node:fs'
import { writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { outputIsInput } from './errors.ts'
import { diskWriter } from './folder/disk-writer.ts'
import { builtInFormats } from './format-provider.ts'
import { isVideoPath } from './media/media-kind.ts'
import { piecesOf } from './shared/byte-stream.ts'
import { placeSourceFile } from './folder/place-source-file.ts'
import { type MediaPlace, type OpenedSources, openSources } from './sources/open-sources.ts'

/** What is converted, and to what. */
export interface ConvertRequest {
  /** A folder or a zip file, or several that become one dataset. */
  readonly input: string | readonly string[]
  /** One format, or one for each input; default: what each looks like. */
  readonly from?: string | readonly string[]
  /** Puts the name of its input before every item, so that those of several inputs do not clash. */
  readonly prefix?: boolean
  /** What the columns of the input's tables mean, where its format takes that. */
  readonly map?: string
  readonly to: string
  readonly variant?: string
  /** A folder that is empty, or not there yet. */
  readonly output: string
  /** Default `copy`; `link` makes hard links where the file system can. */
  readonly media?: 'copy' | 'link' | 'none'
  /** The layer to write where the format holds one; default `ground_truth`. */
  readonly layer?: string
  /** `skip` goes on without what cannot be read, and reports it; default `fail`. */
  readonly onError?: 'fail' | 'skip'
  /** Refuses when anything would be lost. */
  readonly strict?: boolean
  /** Writes into a folder that holds something, over files of the same name. */
  readonly force?: boolean
}

/** What converting needs besides. */
export interface ConvertContext {
  readonly signal?: AbortSignal
  /** Told now and then how much is done. */
  readonly onProgress?: (progress: Progress) => void
  /** The formats that there are; default the built-in ones. */
  readonly formats?: FormatProvider
}

/** What was converted. */
export interface ConvertOutcome {
  /** The format of the input; of several, all of them with commas between. */
  readonly from: string
  readonly to: string
  readonly items: number
  /** What the reader left out and what the target cannot hold. */
  readonly losses: readonly LossSummary[]
  /** What could not be read, with `onError: 'skip'`: at most the first 10,000. */
  readonly problems: readonly { readonly file: string; readonly message: string }[]
}

const MAX_PROBLEMS = 10_000

/**
 * Converts a dataset without a repository. It is read once into a temporary store on disk, in the
 * order of its items, so memory does not grow with it; media that are files go straight from the input to
 * the output.
 *
 * @throws `DSV_FORMAT_UNKNOWN`, `DSV_FORMAT_UNDETECTED`, `DSV_FORMAT_AMBIGUOUS`, `DSV_FORMAT_SYNTAX`,
 *   `DSV_ITEM_DUPLICATE`, `DSV_SOURCES_CLASH`, `DSV_SOURCE_FORMATS_UNEVEN`, `DSV_OUTPUT_NOT_EMPTY`, `DSV_OUTPUT_IS_INPUT`, `DSV_EXPORT_LOSSY`,
 *   `DSV_FILE_NOT_FOUND`, `DSV_ARCHIVE_INVALID`, `DSV_PATH_UNSAFE`
 */
export async function convertDataset(
  request: ConvertRequest,
  context: ConvertContext = {},
): Promise<ConvertOutcome> {
  const { formats } = settled(context)
  const to = (await formats.describe(request.to)).name
  const inputs = listOf(request.input)
  const { map, prefix = false } = request
  const sources = await openSources({ inputs, from: listOf(request.from), map, prefix, formats })
  try {
    return await withOutput(request.output, request, async () =>
      withTemporaryStore(async (store, temporaryFolder) => {
        for (const input of inputs) checkApart(input, request.output)
        const videos = new Map<BlobId, MediaPlace>()
        const frames = frameSource(async ({ path: name, blob }) =>
          openVideo(name, blob && videos.get(blob), settled(context)),
        )
        try {
          const conversion = { request, context: settled(context), sources, to, videos, frames }
          return await convert(conversion, store, temporaryFolder)
        } finally {
          await frames.close()
        }
      }),
    )
  } finally {
    await sources.close()
  }
}

function listOf(values: string | readonly string[] | undefined): readonly string[] {
  if (values === undefined) return []
  return typeof values === 'string' ? [values] : values
}

/** A conversion whose formats are known. */
interface Conversion {
  readonly request: ConvertRequest
  readonly context: Required<ConvertContext>
  readonly sources: OpenedSources
  readonly to: string
  /** Where the videos lie, by the id that their media have. */
  readonly videos: Map<BlobId, MediaPlace>
  readonly frames: FrameSource
}

async function openVideo(
  name: string,
  place: MediaPlace | undefined,
  { formats, signal }: Required<ConvertContext>,
): Promise<FrameCursor> {
  if (place === undefined) throw fileNotFound(name)
  const file = await place.folder.open(place.path)
  try {
    return await formats.openFrames(name, piecesOf(file), signal)
  } finally {
    await file.close()
  }
}

function settled({ signal, onProgress, formats }: ConvertContext): Required<ConvertContext> {
  return {
    signal: signal ?? new AbortController().signal,
    onProgress: onProgress ?? (() => {}),
    formats: formats ?? builtInFormats,
  }
}

async function convert(
  conversion: Conversion,
  store: ObjectStore,
  temporaryFolder: string,
): Promise<ConvertOutcome> {
  const { request, sources, to } = conversion
  const from = [...new Set(sources.formats)].join(', ')
  const losses = lossCounter()
  const problems: { readonly file: string; readonly message: string }[] = []
  const dataset = await readInput(conversion, store, temporaryFolder, losses, (problem) => {
    if (problems.length < MAX_PROBLEMS) problems.push(problem)
  })
  const view = await datasetView(store, dataset, from === to ? dataset.layout : null)
  if (request.strict === true) await checkLossless({ ...conversion, store }, view, losses)
  const place = async (file: string, media: Media): Promise<void> => {
    if (request.media === 'none') return
    if (isFramePicture(media)) await writeFile(file, await conversion.frames.read(media))
    else if (isStored(media)) await writeFile(file, await mediaBytes(conversion, store, media))
    else {
      const source = placeIn(sources, media.path)
      const options = { link: request.media === 'link' }
      await placeSourceFile(source.folder, source.root, source.path, file, options)
    }
  }
  const output = diskWriter(request.output, { placeMedia: place })
  await writeOutput({ ...conversion, store }, view, output, losses)
  return { from, to, items: dataset.items.count, losses: losses.summary(), problems }
}

async function readInput(
  { request, context, sources, videos }: Conversion,
  store: ObjectStore,
  temporaryFolder: string,
  losses: LossCounter,
  onProblem: ReadContext['onProblem'],
): Promise<DatasetRecord> {
  const stream = await sources.read({
    signal: context.signal,
    onLoss: losses.add,
    onError: request.onError ?? 'fail',
    onProblem,
  })
  return importDataset(stream, sources.formats[0] ?? '', undefined, {
    store,
    temporaryFolder,
    ...context,
    onError: request.onError ?? 'fail',
    onProblem,
    mediaAt: async (file) => {
      const source = sources.placeOf(file)
      if (source === undefined || !(await source.folder.has(source.path))) return undefined
      const blob = pathAsBlob(file)
      if (isVideoPath(file)) videos.set(blob, source)
      return { blob }
    },
  })
}

function placeIn(sources: OpenedSources, file: string): MediaPlace {
  const place = sources.placeOf(file)
  if (place === undefined) throw fileNotFound(file)
  return place
}

/** The id of media that are files: they are not stored. It only says that they are there. */
function pathAsBlob(file: string): BlobId {
  return hashBlob(Buffer.from(file))
}

/** Whether the bytes of media are in the store: they lay inside another file. */
function isStored({ path: file, blob }: Media): boolean {
  return blob !== undefined && blob !== pathAsBlob(file)
}

async function mediaBytes(
  { sources, frames }: Pick<Conversion, 'sources' | 'frames'>,
  store: ObjectStore,
  media: Media,
): Promise<Uint8Array> {
  if (media.frame !== undefined) return frames.read(media)
  if (media.blob !== undefined && isStored(media)) return store.getBlob(media.blob)
  const { folder, path: inside } = placeIn(sources, media.path)
  return folder.read(inside)
}

/** A conversion whose input was read into the store. */
interface Output extends Conversion {
  readonly store: ObjectStore
}

async function checkLossless(
  conversion: Output,
  view: DatasetView,
  losses: LossCounter,
): Promise<void> {
  const found = lossCounter()
  await writeOutput(conversion, view, NOWHERE, found)
  const all = [...losses.summary(), ...found.summary()]
  if (all.length > 0) throw exportLossy(conversion.to, all)
}

const NOWHERE: WritableFolder = {
  write: async (_path, content) => {
    if (content instanceof Uint8Array) return
    for await (const _ of content) continue
  },
  placeMedia: async () => {},
}

async function writeOutput(
  { request, context, sources, frames, store, to }: Output,
  view: DatasetView,
  output: WritableFolder,
  losses: LossCounter,
): Promise<void> {
  const adapter = await context.formats.load(to)
  const writing: WriteContext = {
    signal: context.signal,
    onLoss: losses.add,
    variant: request.variant,
    layer: request.layer ?? GROUND_TRUTH,
    readMedia: async (media) => mediaBytes({ sources, frames }, store, media),
  }
  await adapter.write(view, output, writing)
}

function checkApart(input: string, output: string): void {
  if (existsSync(output) && realpathSync(output) === realpathSync(input)) throw outputIsInput(input)
}

/** Runs `work` with a store whose content is thrown away, whatever happens. */
async function withTemporaryStore<Result>(
  work: (store: ObjectStore, temporaryFolder: string) => Promise<Result>,
): Promise<Result> {
  const folder = mkdtempSync(path.join(tmpdir(), 'dsv-convert-'))
  try {
    const runs = path.join(folder, 'runs')
    mkdirSync(runs)
    const store = await Store.create(folderDriver(path.join(folder, 'store')))
    try {
      const info = { description: 'convert', command: '', host: '', user: '', timeMs: 0 }
      return await store.write(info, async (session) => work(session, runs))
    } finally {
      await store.close()
    }
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}
