import {
  type AnnotationDraft,
  type DatasetStream,
  EMPTY_SCHEMA,
  type Folder,
  formatSyntax,
  GROUND_TRUTH,
  type ReadContext,
  type SourceItem,
} from '@dsv/core'
import { withoutExtension } from '../media/media-kind.ts'
import { readLines } from '../shared/line-reader.ts'
import { type MediaFinder, mediaFinder, safeMediaName } from '../shared/media-finder.ts'
import { readAhead } from '../shared/read-ahead.ts'
import { skipOrThrow } from '../shared/skip-or-throw.ts'
import { subsetRootsToJson } from '../shared/subset-roots.ts'
import { findWordLists, type WordList } from './find-files.ts'
import { parseWordLine } from './word-line.ts'

const FILES_AT_ONCE = 16

/** Reads the words of ICDAR as a stream. @throws `DSV_FORMAT_SYNTAX` with file and line */
export async function readIcdarWordRecognition(
  folder: Folder,
  context: ReadContext,
): Promise<DatasetStream> {
  context.signal.throwIfAborted()
  const lists = findWordLists(await folder.list())
  const media = await mediaFinder(folder)
  return {
    schema: EMPTY_SCHEMA,
    layout: subsetRootsToJson(lists),
    items: readLists(folder, lists, media, context),
  }
}

async function* readLists(
  folder: Folder,
  lists: readonly WordList[],
  media: MediaFinder,
  context: ReadContext,
): AsyncGenerator<SourceItem> {
  for (const list of lists) {
    const words = wordsOf(folder, list, context)
    yield* readAhead(words, FILES_AT_ONCE, async (word) => readItem(word, list, media, context))
  }
}

/** An image and all that is written in it. */
interface ImageWords {
  readonly id: string
  readonly image: string
  readonly texts: string[]
}

/** The lines of one image follow one another. */
async function* wordsOf(
  folder: Folder,
  { path }: WordList,
  context: ReadContext,
): AsyncGenerator<ImageWords> {
  const [images, ids] = [new Set<string>(), new Set<string>()]
  let open: ImageWords | undefined
  let number = 0
  const file = await folder.open(path)
  try {
    for await (const line of readLines(file, path)) {
      number++
      const word = parseWordLine(line)
      const problem =
        word === undefined ? 'should be an image and a text' : `names ${word.image} again`
      const isNew = word !== undefined && word.image !== open?.image
      if (word !== undefined && !isNew)
        open?.texts.push(...(word.text === undefined ? [] : [word.text]))
      else if (word === undefined || images.has(word.image)) {
        if (line.trim() === '') continue
        skipOrThrow(formatSyntax(path, `line ${number} ${problem}`), path, context)
      } else {
        if (open !== undefined) yield open
        const stem = withoutExtension(word.image)
        const id = ids.has(stem) ? word.image : stem
        open = { id, image: word.image, texts: word.text === undefined ? [] : [word.text] }
        images.add(word.image)
        ids.add(id)
      }
    }
  } catch (error) {
    skipOrThrow(error, path, context)
  } finally {
    await file.close()
  }
  if (open !== undefined) yield open
}

async function readItem(
  { id, image, texts }: ImageWords,
  { subset, root }: WordList,
  media: MediaFinder,
  context: ReadContext,
): Promise<SourceItem> {
  context.signal.throwIfAborted()
  const found = media.find(image, [`${root}images/`, root])
  const info = found === undefined ? undefined : await context.probe(found)
  const path = found ?? `${root}images/${safeMediaName(image)}`
  return {
    subset,
    id,
    media: [{ role: 'primary', path, ...info, kind: 'image' }],
    layers: { [GROUND_TRUTH]: texts.map((text): AnnotationDraft => ({ type: 'caption', text })) },
  }
}
