import {
  checkMap,
  type DatasetStream,
  type Folder,
  formatAmbiguous,
  type FormatProvider,
  type ReadContext,
} from '@dsv/core'
import { statSync } from 'node:fs'
import path from 'node:path'
import { formatUndetected, sourceFormatsUneven } from '../errors.ts'
import { type OpenedFolder, openFolder } from '../folder/open-folder.ts'
import { judgeFormats } from '../judge-formats.ts'
import { probeMedia } from '../media/probe-media.ts'
import { mergeSources } from './merge-sources.ts'

/** What is read, and how. */
export interface SourcesRequest {
  /** Folders and zip files. */
  readonly inputs: readonly string[]
  /** One format for all inputs, or one for each; default: what each looks like. */
  readonly from: readonly string[]
  readonly map: string | undefined
  readonly prefix: boolean
  readonly formats: FormatProvider
}

/** Where a media file lies. */
export interface MediaPlace {
  readonly folder: Folder
  /** The folder on disk; undefined for an archive. */
  readonly root: string | undefined
  readonly path: string
}

/** Datasets that are open for reading; close them when done. */
export interface OpenedSources {
  /** The format of each input. */
  readonly formats: readonly string[]
  /** Reads all of them as one dataset. */
  read(context: Omit<ReadContext, 'probe' | 'map'>): Promise<DatasetStream>
  /** Returns where a media file of that dataset lies, by its path there. */
  placeOf(path: string): MediaPlace | undefined
  /** Closes archives. */
  close(): Promise<void>
}

interface OpenSource {
  readonly input: string
  readonly name: string
  readonly format: string
  readonly folder: OpenedFolder
}

/** How one source is read. */
type Reading = Pick<SourcesRequest, 'map' | 'formats'>

/**
 * Opens one or several datasets and finds out their formats.
 *
 * @throws `DSV_FILE_NOT_FOUND`, `DSV_ARCHIVE_INVALID`, `DSV_FORMAT_UNKNOWN`, `DSV_FORMAT_UNDETECTED`,
 *   `DSV_FORMAT_AMBIGUOUS`, `DSV_SOURCE_FORMATS_UNEVEN`
 */
export async function openSources(request: SourcesRequest): Promise<OpenedSources> {
  const { inputs, from } = request
  if (from.length > 1 && from.length !== inputs.length)
    throw sourceFormatsUneven(inputs.length, from.length)
  const names = shortNames(inputs)
  const sources: OpenSource[] = []
  const close = async (): Promise<void> => {
    for (const { folder } of sources) await folder.close()
  }
  try {
    for (const [index, input] of inputs.entries()) {
      const folder = await openFolder(input)
      const source = { input, folder, name: names[index] ?? input, format: '' }
      sources.push(source)
      const stated = from.length > 1 ? from[index] : from[0]
      sources[index] = { ...source, format: await formatOf(source, stated, request) }
    }
  } catch (error) {
    await close()
    throw error
  }
  return { formats: sources.map(({ format }) => format), ...reading(sources, request), close }
}

async function formatOf(
  { folder, input }: OpenSource,
  from: string | undefined,
  { formats, map }: Reading,
): Promise<string> {
  if (from !== undefined) return (await formats.describe(from)).name
  const answers = judgeFormats(await formats.detect(folder, map))
  const chosen = answers.find(({ verdict }) => verdict === 'chosen')
  if (chosen !== undefined) return chosen.format
  const equal = answers.filter(({ verdict }) => verdict === 'ambiguous')
  if (equal.length > 0) throw formatAmbiguous(input, equal)
  throw formatUndetected(input, answers)
}

function reading(
  sources: readonly OpenSource[],
  request: SourcesRequest,
): Pick<OpenedSources, 'read' | 'placeOf'> {
  const { prefix } = request
  const [only] = sources
  const isOne = sources.length === 1 && !prefix
  let place = (file: string): { readonly index: number; readonly path: string } | undefined => ({
    index: 0,
    path: file,
  })
  return {
    read: async (context) => {
      if (isOne && only !== undefined) return readSource(only, request, context)
      const streams = []
      for (const source of sources) {
        const { name, input } = source
        const named = {
          ...context,
          onLoss: ({ what, where }: { readonly what: string; readonly where: string }) =>
            context.onLoss({ what, where: `${name}: ${where}` }),
          onProblem: ({ file, message }: { readonly file: string; readonly message: string }) =>
            context.onProblem({ file: `${name}/${file}`, message }),
        }
        streams.push({ name, input, stream: await readSource(source, request, named) })
      }
      const merged = mergeSources(streams, { prefix, onLoss: context.onLoss })
      place = merged.placeOf
      return merged.stream
    },
    placeOf: (file) => {
      const found = place(file)
      const source = found === undefined ? undefined : sources[found.index]
      if (found === undefined || source === undefined) return undefined
      return { folder: source.folder, root: rootOf(source.input), path: found.path }
    },
  }
}

async function readSource(
  { format, folder }: OpenSource,
  { map, formats }: Reading,
  context: Omit<ReadContext, 'probe' | 'map'>,
): Promise<DatasetStream> {
  const adapter = await formats.load(format)
  checkMap(adapter.format, map)
  return adapter.read(folder, {
    ...context,
    probe: async (file) => probeMedia(folder, file),
    ...(map !== undefined && { map }),
  })
}

/** The last part of each path, numbered where two are alike. */
function shortNames(inputs: readonly string[]): readonly string[] {
  const used = new Set<string>()
  return inputs.map((input) => {
    const base = path.basename(path.resolve(input)).replace(/\.zip$/i, '') || 'root'
    let name = base
    for (let number = 2; used.has(name); number++) name = `${base}-${number}`
    used.add(name)
    return name
  })
}

function rootOf(input: string): string | undefined {
  return statSync(input).isDirectory() ? path.resolve(input) : undefined
}
