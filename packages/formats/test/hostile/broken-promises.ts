import {
  type Folder,
  type FormatAdapter,
  isDsvError,
  type Json,
  type Schema,
  type SourceItem,
} from '@dsv/core'
import path from 'node:path'
import { readContext, writeAll } from '../adapter-contract.ts'
import { keyText, memoryDatasetView } from '../dataset-view.ts'
import { memoryFolder } from '../memory-folder.ts'
import type { Damaged } from './damage.ts'
import type { Sample } from './samples.ts'

/**
 * Reads a sample one file of which is damaged, and says what of the promise is broken. Either it is read,
 * with all that it gives sound, and can be written back within the folder; or there is one of our errors,
 * which names a file and, for damage at one place of a text, a place. With `skip` there is no error, and
 * what was left out is reported. Nothing outside of the folder is opened.
 */
export async function brokenPromises(
  { adapter, files }: Sample,
  file: string,
  { bytes, isLocal }: Damaged,
): Promise<readonly string[]> {
  const broken: string[] = []
  const folder = watched(memoryFolder([...files, [file, bytes]]), (name) => {
    broken.push(`opens ${name}`)
  })
  let error: unknown
  try {
    const read = await readAll(adapter, folder, 'fail')
    broken.push(...wrongIn(read), ...(await wrongWhenWritten(adapter, read)))
  } catch (caught) {
    error = caught
    broken.push(...wrongWith(caught, [...files.keys()], isLocal))
  }
  try {
    const { problems } = await readAll(adapter, folder, 'skip')
    if (error !== undefined && problems.length === 0) broken.push('is left out without a word')
    if (problems.some((each) => each.file === '' || each.message === '')) {
      broken.push('is reported without file or message')
    }
  } catch (caught) {
    broken.push(`is not skipped: ${String(caught)}`)
  }
  return broken
}

/** A folder that tells when a path that leads out of it is asked for. */
function watched(folder: Folder, onEscape: (name: string) => void): Folder {
  const check = (name: string): string => {
    if (leavesFolder(name)) onEscape(name)
    return name
  }
  return {
    ...folder,
    read: async (name) => folder.read(check(name)),
    open: async (name) => folder.open(check(name)),
  }
}

/** Returns whether a path leads out of the folder that it is in. */
export function leavesFolder(name: string): boolean {
  const plain = name.replaceAll('\\', '/')
  return plain.startsWith('/') || !path.posix.join('/root', plain).startsWith('/root/')
}

/** What one reading of a folder gave, content of media included. */
interface ReadBack {
  readonly schema: Schema
  readonly layout: Json
  readonly items: readonly SourceItem[]
  readonly problems: readonly { readonly file: string; readonly message: string }[]
}

async function readAll(
  adapter: FormatAdapter,
  folder: Folder,
  onError: 'fail' | 'skip',
): Promise<ReadBack> {
  const { context, problems } = readContext(folder, { onError })
  const { schema, layout, items } = await adapter.read(folder, context)
  const read: SourceItem[] = []
  for await (const item of items) {
    read.push(item)
    for (const { content } of item.media) await content?.()
  }
  return { schema, layout, items: read, problems }
}

/** A line or number, a key, an element, what is written there, or what the file as a whole is. */
const PLACE = /\d|\[|["'`<]|\bshould\b|\bholds no\b|\bhas (?:no|neither)\b|\blists no\b|^\w+ is\b/u

function wrongWith(error: unknown, paths: readonly string[], isLocal: boolean): readonly string[] {
  if (!isDsvError(error)) return [`throws what is no error of ours: ${String(error)}`]
  const { code, message, details } = error
  const { file, problem } = details
  const broken: string[] = []
  if (code !== 'DSV_FORMAT_SYNTAX') broken.push(`has another code: ${code}`)
  const isKnown = paths.some((each) => String(file).startsWith(each)) || problem === 'is missing'
  if (!isKnown || !message.includes(String(file))) broken.push(`names no file: ${message}`)
  if (isLocal && !PLACE.test(String(problem))) broken.push(`names no place: ${message}`)
  if (message.length > 1200 || /\p{Cc}/u.test(message)) broken.push('has a wild message')
  return broken
}

function wrongIn({ items, schema }: ReadBack): readonly string[] {
  const broken: string[] = []
  const keys = new Set(schema.categories.map(({ key }) => key))
  if (keys.size < schema.categories.length) broken.push('gives one category twice')
  if (new Set(items.map(keyText)).size < items.length) broken.push('gives one item twice')
  for (const draft of items.flatMap(({ layers }) => Object.values(layers).flat())) {
    const { category, attributes: _a, extra: _e, sourceId: _s, group: _g, ...shape } = draft
    if (category !== undefined && !keys.has(category)) broken.push(`has no category ${category}`)
    if (hasNoNumber(shape)) broken.push(`gives ${JSON.stringify(shape)}`)
  }
  if (Object.keys(Object.prototype).length > 0) broken.push('changes all objects')
  return broken
}

/** Whether some number is none; those that are kept as they were are looked at when they are stored. */
function hasNoNumber(value: unknown): boolean {
  if (typeof value === 'number') return !Number.isFinite(value)
  if (typeof value !== 'object' || value === null) return false
  return Object.values(value).some(hasNoNumber)
}

const MOST_PIXELS = 1e6

async function wrongWhenWritten(
  adapter: FormatAdapter,
  { schema, layout, items }: ReadBack,
): Promise<readonly string[]> {
  // The suite makes the pixels of images; those of a lying header would take all the time.
  const pixels = items.map(({ media: [first] }) => (first?.width ?? 0) * (first?.height ?? 0))
  if (adapter.format.canWrite === false || pixels.some((each) => each > MOST_PIXELS)) return []
  try {
    const { folder } = await writeAll(adapter, memoryDatasetView(schema, items, layout))
    return [...folder.files.keys()].filter(leavesFolder).map((name) => `writes ${name}`)
  } catch (error) {
    return isDsvError(error) ? [] : [`cannot be written back: ${String(error)}`]
  }
}
