import {
  type AnnotationDraft,
  type Category,
  type DatasetStream,
  type Folder,
  formatSyntax,
  GROUND_TRUTH,
  type ReadContext,
  type SourceItem,
} from '@dsv/core'
import { withoutExtension } from '../media/media-kind.ts'
import { categoriesOf } from '../shared/label-list.ts'
import { readLines } from '../shared/line-reader.ts'
import { mediaFinder, safeMediaName } from '../shared/media-finder.ts'
import { readNameList } from '../shared/name-list.ts'
import { readAhead } from '../shared/read-ahead.ts'
import { skipOrThrow } from '../shared/skip-or-throw.ts'
import { findImagenetTxtFiles, IMAGES_FOLDER, type ImagenetTxtFiles } from './find-files.ts'
import { layoutToJson } from './layout.ts'
import { type ListLine, parseListLine } from './list-line.ts'

/** More classes are not made up for numbers. */
const MAX_CLASSES = 2 ** 20
const IMAGES_AT_ONCE = 16
const LINES_AT_ONCE = 1000

/**
 * Reads lists of images with the numbers of their classes, line by line.
 *
 * @throws `DSV_FORMAT_SYNTAX` with the line
 */
export async function readImagenetTxt(
  folder: Folder,
  context: ReadContext,
): Promise<DatasetStream> {
  context.signal.throwIfAborted()
  const none: ImagenetTxtFiles = { root: '', lists: [], names: undefined }
  let files = none
  let categories: readonly Category[] = []
  try {
    files = (await findImagenetTxtFiles(folder)) ?? none
    if (files === none) throw formatSyntax('synsets.txt', 'is not in the folder')
    categories = await readCategories(folder, files, context)
  } catch (error) {
    skipOrThrow(error, files.names ?? 'synsets.txt', context)
  }
  return {
    schema: { categories, attributes: [], info: {} },
    layout: layoutToJson({ root: files.root }),
    items: readItems(folder, files, categories, context),
  }
}

/** The names of `synsets.txt`; without it, `class-3` for the number 3. */
async function readCategories(
  folder: Folder,
  { names, lists }: ImagenetTxtFiles,
  context: ReadContext,
): Promise<readonly Category[]> {
  if (names !== undefined) return categoriesOf(await readNameList(folder, names))
  let largest = -1
  for (const { path } of lists) {
    try {
      for await (const { line } of linesOf(folder, path, context.signal)) {
        for (const label of line.labels) if (label < MAX_CLASSES) largest = Math.max(largest, label)
      }
    } catch (error) {
      // It is reported when its items are read.
      if (context.onError === 'fail') throw error
    }
  }
  return categoriesOf(Array.from({ length: largest + 1 }, (_, label) => `class-${label}`))
}

interface NumberedLine {
  readonly line: ListLine
  readonly number: number
}

async function* linesOf(
  folder: Folder,
  path: string,
  signal: AbortSignal,
): AsyncGenerator<NumberedLine> {
  const file = await folder.open(path)
  try {
    let number = 0
    for await (const text of readLines(file, path)) {
      signal.throwIfAborted()
      number += 1
      const line = parseListLine(text)
      if (line !== undefined) yield { line, number }
    }
  } finally {
    await file.close()
  }
}

async function* readItems(
  folder: Folder,
  { root, lists }: ImagenetTxtFiles,
  categories: readonly Category[],
  context: ReadContext,
): AsyncGenerator<SourceItem> {
  const media = await mediaFinder(folder)
  for (const { path, subset } of lists) {
    const hints = [`${root}${IMAGES_FOLDER}`, root, `${root}${subset}/`]
    const seen = new Set<string>()
    const plan = (line: NumberedLine): SourceItem => {
      const item = itemOf(line, { list: path, subset, categories, isKnown: (id) => seen.has(id) })
      seen.add(item.id)
      const [name = ''] = item.media.map((medium) => medium.path)
      const found = media.find(name, hints) ?? `${root}${IMAGES_FOLDER}${name}`
      return { ...item, media: [{ role: 'primary', path: found, kind: 'image' }] }
    }
    const probe = async (item: SourceItem): Promise<SourceItem> => {
      const [medium] = item.media
      const info = medium === undefined ? undefined : await context.probe(medium.path)
      return { ...item, media: item.media.map((each) => ({ ...each, ...info })) }
    }
    let items: SourceItem[] = []
    try {
      for await (const line of linesOf(folder, path, context.signal)) {
        try {
          items.push(plan(line))
        } catch (error) {
          skipOrThrow(error, path, context)
        }
        if (items.length < LINES_AT_ONCE) continue
        yield* readAhead(items, IMAGES_AT_ONCE, probe)
        items = []
      }
    } catch (error) {
      skipOrThrow(error, path, context)
    }
    yield* readAhead(items, IMAGES_AT_ONCE, probe)
  }
}

interface LineContext {
  readonly list: string
  readonly subset: string
  readonly categories: readonly Category[]
  readonly isKnown: (id: string) => boolean
}

/** The item of a line; the path of its medium is still that of the list. */
function itemOf({ line, number }: NumberedLine, context: LineContext): SourceItem {
  const { list, subset, categories, isKnown } = context
  const name = safeMediaName(line.path)
  const short = withoutExtension(name)
  const id = isKnown(short) ? name : short
  if (isKnown(id)) throw formatSyntax(list, `line ${number} names ${name} again`)
  const labels = line.labels.map((label): AnnotationDraft => {
    const category = categories[label]
    if (category === undefined) {
      throw formatSyntax(list, `line ${number} has the class ${label}, which has no name`)
    }
    return { type: 'label', category: category.key }
  })
  return {
    subset,
    id,
    media: [{ role: 'primary', path: name, kind: 'image' }],
    layers: { [GROUND_TRUTH]: labels },
  }
}
