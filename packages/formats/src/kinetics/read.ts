import {
  type Category,
  type DatasetStream,
  EMPTY_SCHEMA,
  type Folder,
  formatSyntax,
  GROUND_TRUTH,
  type ReadContext,
  type SourceItem,
} from '@dsv/core'
import { withoutExtension } from '../media/media-kind.ts'
import { csvBlocks } from '../shared/csv-reader.ts'
import { freeId } from '../shared/image-name.ts'
import { parseJson } from '../shared/json-reader.ts'
import { scanJson } from '../shared/json-scanner.ts'
import { safeMediaName } from '../shared/media-finder.ts'
import { skipOrThrow } from '../shared/skip-or-throw.ts'
import { type Clip, clipOfMember, clipOfRow } from './clip.ts'
import { findKineticsLists } from './find-lists.ts'
import { type VideoFinder, videoFinder } from './video-finder.ts'

/** Reads lists of clips; tables are read twice, as streams. @throws `DSV_FORMAT_SYNTAX` */
export async function readKinetics(folder: Folder, context: ReadContext): Promise<DatasetStream> {
  context.signal.throwIfAborted()
  const lists: ClipList[] = []
  const labels = new Set<string>()
  // What is wrong with a row is said when its clip is read.
  const quiet: ReadContext = { ...context, onProblem: () => undefined }
  for (const path of await findKineticsLists(folder)) {
    const list = path.endsWith('.json')
      ? await jsonClips(folder, path, context)
      : { path, clips: (own: ReadContext) => tableClips(folder, path, own) }
    try {
      for await (const { label } of list.clips(quiet)) if (label !== undefined) labels.add(label)
      lists.push(list)
    } catch (error) {
      skipOrThrow(error, path, context)
    }
  }
  const categories = [...labels].map((name): Category => ({ key: name, name }))
  const videos = await videoFinder(folder)
  return {
    schema: { ...EMPTY_SCHEMA, categories },
    layout: null,
    items: readItems(lists, videos, context),
  }
}

interface ClipList {
  readonly path: string
  readonly clips: (context: ReadContext) => AsyncIterable<Clip> | Iterable<Clip>
}

async function* tableClips(
  folder: Folder,
  path: string,
  context: ReadContext,
): AsyncGenerator<Clip> {
  const file = await folder.open(path)
  try {
    let columns: readonly string[] | undefined
    for await (const { rows, firstRow } of csvBlocks(file, path)) {
      context.signal.throwIfAborted()
      for (const [at, row] of rows.entries()) {
        if (columns === undefined) {
          columns = row.map((name) => name.trim())
          continue
        }
        try {
          yield clipOfRow(row, columns, { file: path, row: firstRow + at })
        } catch (error) {
          skipOrThrow(error, path, context)
        }
      }
    }
  } finally {
    await file.close()
  }
}

async function jsonClips(folder: Folder, path: string, context: ReadContext): Promise<ClipList> {
  const clips: Clip[] = []
  const file = await folder.open(path)
  const member = (key: string, text: string): void => {
    try {
      clips.push(clipOfMember(key, parseJson(Buffer.from(text), path), path))
    } catch (error) {
      skipOrThrow(error, path, context)
    }
  }
  try {
    const element = ({ key }: { readonly key: string }): void => {
      throw formatSyntax(path, `${key} should be an object`)
    }
    await scanJson(file, path, { element, member }, context.signal)
  } catch (error) {
    skipOrThrow(error, path, context)
  } finally {
    await file.close()
  }
  return { path, clips: () => clips }
}

async function* readItems(
  lists: readonly ClipList[],
  videos: VideoFinder,
  context: ReadContext,
): AsyncGenerator<SourceItem> {
  const used = new Map<string, Set<string>>()
  for (const { path, clips } of lists) {
    const stem = withoutExtension(path.slice(path.lastIndexOf('/') + 1))
    try {
      for await (const clip of clips(context)) {
        context.signal.throwIfAborted()
        const subset = clip.subset ?? stem
        const ids = used.get(subset) ?? new Set<string>()
        used.set(subset, ids)
        yield await readItem(clip, subset, { ids, videos, context })
      }
    } catch (error) {
      skipOrThrow(error, path, context)
    }
  }
}

async function readItem(
  clip: Clip,
  subset: string,
  {
    ids,
    videos,
    context,
  }: { readonly ids: Set<string>; readonly videos: VideoFinder; readonly context: ReadContext },
): Promise<SourceItem> {
  const { video, label, start, end, rest } = clip
  const name = `${video}_${secondsText(start)}_${secondsText(end)}`
  const found = videos.find([name, video], subset)
  const info = found === undefined ? undefined : await context.probe(found)
  const path = found ?? `${safeMediaName(subset)}/${safeMediaName(name)}.mp4`
  const times = {
    ...(start !== undefined && { time_start: start }),
    ...(end !== undefined && { time_end: end }),
  }
  const hasTimes = start !== undefined || end !== undefined
  return {
    subset,
    // Another clip of the same video is another item.
    id: freeId(ids.has(video) ? name : video, ids),
    media: [{ role: 'primary', path, kind: 'video', ...info }],
    ...(label === undefined && hasTimes && { attributes: times }),
    ...(Object.keys(rest).length > 0 && { extra: { kinetics: rest } }),
    layers: {
      [GROUND_TRUTH]:
        label === undefined
          ? []
          : [{ type: 'label', category: label, ...(hasTimes && { attributes: times }) }],
    },
  }
}

function secondsText(seconds: number | undefined): string {
  return String(Math.floor(seconds ?? 0)).padStart(6, '0')
}
